"""Orders as they are shown, on the command line and on the pages: found by any name, as JSON, and in sentences."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, assert_never

from worker.domain.codes import BareCode, Foreign, LedgerId, identify, remote_codes
from worker.domain.invoices import Invoice
from worker.domain.order import ENDED, At, Attention, Order, Status
from worker.ports import Ledger

_CHUNK = 500
# The times that a calendar can hold; an event may state any.
_FIRST, _LAST = -62_135_596_800, 253_402_300_799


def find_order(ledger: Ledger, affiliate: str | None, name: str) -> Order | None:
    """Return the order that any form of its code names, as `worker.domain.codes` knows them."""
    ref = identify(name, affiliate)
    match ref:
        case LedgerId(value=value):
            codes = remote_codes(value, affiliate)[:1]
        case BareCode(value=value):
            codes = (value,)
        case Foreign():
            return None
        case _:
            assert_never(ref)
    known, owners = ledger.load([value], codes)
    if value not in known:
        known |= ledger.load(owners.values())[0]
    return next((stored.order for stored in known.values()), None)


def list_orders(
    ledger: Ledger, statuses: Sequence[Status], attention: Collection[Attention] | None = None
) -> Iterator[Order]:
    """Yield a store's orders of these statuses, in their order: the longest there first, of ended ones the newest.

    With `attention` only orders flagged with any of these reasons, the longest flagged first.
    """
    pages = (
        _pages(ledger, statuses) if attention is None else _forwards(lambda at: ledger.attention_ids(at, _CHUNK))
    )
    for ids in pages:
        for stored in ledger.load(ids)[0].values():
            order = stored.order
            if order.status in statuses and (attention is None or order.attention & set(attention)):
                yield order


def order_document(store: str, order: Order) -> dict[str, Any]:
    """Return the JSON of an order (design, "Interfaces"): times in ISO 8601, what is not known is null."""
    invoiced = order.invoiced
    return {
        "store": store,
        "order_id": order.order_id,
        "skyhub_code": order.skyhub_code or None,
        "remote_code": order.remote_code or None,
        "carrier": order.carrier,
        "status": order.status,
        "reason": order.reason,
        "uncertain": order.uncertain,
        "attention": sorted(order.attention),
        "items": [
            {"sku": sku, "ordered": ordered, "invoiced": invoiced[sku]} for sku, ordered in order.ordered.items()
        ],
        "invoices": [_invoice(invoice) for invoice in order.invoices],
        "attempts": order.attempts,
        "next_attempt_at": iso(next_attempt(order)),
        "requested_at": iso(order.requested_at),
        "last_error": order.last_error or None,
        "history": [{"at": iso(entry.at), "event": entry.event, "detail": entry.detail} for entry in order.history],
    }


def next_attempt(order: Order) -> int | None:
    """Return when SkyHub is looked at for the order again (epoch milliseconds); None unless it is due."""
    return order.at.ms if order.status is Status.DUE and isinstance(order.at, At) else None


def next_step(order: Order) -> str:
    """Say what happens next to the order, and when."""
    at = iso(order.at.ms) if isinstance(order.at, At) else "once it is saved"
    match order.status:
        case Status.WAITING if order.learn_at is not None:
            asked = iso(order.learn_at.ms) if isinstance(order.learn_at, At) else "once it is saved"
            return f"SkyHub is asked for what is not known, next at {asked}"
        case Status.WAITING:
            return "nothing before its missing items are invoiced"
        case Status.DUE if order.uncertain:
            return f"SkyHub's lists are read to see whether it was requested, next at {at}"
        case Status.DUE:
            return f"its pickup is requested once SkyHub lists it as collectable, next look at {at}"
        case Status.REQUESTING:
            return f"SkyHub's answer is awaited, at most until {at}; after that its lists tell"
        case Status.REQUESTED:
            return "nothing: SkyHub has the request"
        case Status.SKIPPED:
            return "nothing, unless its carrier is corrected"
        case Status.CANCELED:
            return "nothing, unless an operator retries it"
        case Status.FAILED:
            return "nothing before an operator retries or discards it"
        case _:
            assert_never(order.status)


def iso(ms: int | None) -> str | None:
    """Return epoch milliseconds as `2026-11-20T12:00:00Z`."""
    if ms is None:
        return None
    moment = datetime.fromtimestamp(min(max(ms // 1000, _FIRST), _LAST), UTC)
    return moment.isoformat().replace("+00:00", "Z")


def _invoice(invoice: Invoice) -> dict[str, Any]:
    return {
        "number": invoice.number,
        "key": invoice.key,
        "type": "Output" if invoice.output else "Input",
        "issued_at": iso(invoice.issued_at),
        "occurred_at": iso(invoice.dated_at),
        "items": [{"sku": sku, "quantity": quantity} for sku, quantity in invoice.items.items()],
    }
