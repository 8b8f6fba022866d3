"""Orders as they are shown, on the command line and on the pages: as JSON, and in sentences."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, assert_never

from worker.domain.invoices import Invoice
from worker.domain.order import At, Order, Status, When
from worker.ports import AUTOMATIC, Pause, Standing

# The times that a calendar can hold; an event may state any.
FIRST_SECOND, LAST_SECOND = -62_135_596_800, 253_402_300_799


def order_document(store: str, order: Order) -> dict[str, Any]:
    """Return the JSON of an order (design, "Interfaces"): times in ISO 8601, what is not known is null.

    A remote code that nobody stated is the likeliest reading of the order's own code. `fulfilment` is there for an
    order that Pick and Pack told of.
    """
    invoiced = order.invoiced
    told = order.fulfilment
    return {
        "store": store,
        "order_id": order.order_id,
        "skyhub_code": order.skyhub_code or None,
        "remote_code": next(iter(order.codes), None),
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
        **({"fulfilment": {"status": told.status or None, "at": iso(told.at)}} if told is not None else {}),
    }


def next_attempt(order: Order) -> int | None:
    """Return when SkyHub is looked at for the order again (epoch milliseconds); None unless it is due."""
    return order.at.ms if order.status is Status.DUE and isinstance(order.at, At) else None


def next_step(order: Order) -> str:
    """Say what happens next to the order, and when."""
    at = _said(order.at)
    match order.status:
        case Status.WAITING:
            return _next_of_waiting(order)
        case Status.DUE:
            return _next_of_due(order, at)
        case Status.REQUESTING:
            return f"SkyHub's answer is awaited; should none come, its lists are read {at}"
        case Status.FAILED:
            return "nothing before an operator retries or discards it"
        case Status.REQUESTED | Status.SKIPPED | Status.CANCELED:
            return "nothing: it is done, unless an operator intervenes"
        case _:
            assert_never(order.status)


def _next_of_waiting(order: Order) -> str:
    if order.reread_at is not None:
        return f"it is read again from the VTEX OMS, next {_said(order.reread_at)}"
    if order.learn_at is not None:
        return f"SkyHub is asked for what is not known, next {_said(order.learn_at)}"
    missing = {sku: ordered - order.invoiced[sku] for sku, ordered in order.ordered.items()}
    named = ", ".join(f"{sku} x{units}" for sku, units in missing.items() if units)
    return f"it waits for the invoice of what is missing: {named or 'not known'}"


def _next_of_due(order: Order, at: str) -> str:
    if order.uncertain:
        return f"SkyHub's lists are read to see whether it was requested, next {at}"
    if order.hold is not None:
        return f"Pick and Pack is asked whether it is packed, next {at}"
    return f"its pickup is requested once SkyHub lists it as collectable, next look {at}"


def hindrances(standing: Standing, quarantine_ms: int) -> Iterator[str]:
    """Say why a store's pickups do not move at all, whatever its orders look like.

    `quarantine_ms` is how long nothing is requested after the Redis server became another process.
    """
    pause, backoff = standing.pause, standing.backoff
    if pause.active:
        yield f"its SkyHub calls are {paused(pause)}"
    if backoff.until > standing.now:
        yield f"SkyHub is in trouble, next try at {iso(backoff.until)}"
    if (until := standing.held_until(quarantine_ms)) > standing.now:
        yield (
            f"the Redis server was restarted at {iso(standing.changed_at)}; nothing is requested until {iso(until)},"
            " events are recorded meanwhile"
        )


def paused(pause: Pause) -> str:
    """Say who paused a store, why, and what ends it."""
    if pause.by == AUTOMATIC:
        return f"paused by the service, next try at {iso(pause.probe_at)}: {pause.reason}"
    return f"paused by {pause.by} since {iso(pause.since)}: {pause.reason}"


def iso(ms: int | None) -> str | None:
    """Return epoch milliseconds as `2026-11-20T12:00:00Z`."""
    if ms is None:
        return None
    moment = datetime.fromtimestamp(min(max(ms // 1000, FIRST_SECOND), LAST_SECOND), UTC)
    return moment.isoformat().replace("+00:00", "Z")


def _said(when: When) -> str:
    return f"at {iso(when.ms)}" if isinstance(when, At) else "as soon as it is saved"


def _invoice(invoice: Invoice) -> dict[str, Any]:
    return {
        "number": invoice.number,
        "key": invoice.key,
        "type": "Output" if invoice.output else "Input",
        "issued_at": iso(invoice.issued_at),
        "occurred_at": iso(invoice.dated_at),
        "items": [{"sku": sku, "quantity": quantity} for sku, quantity in invoice.items.items()],
    }
