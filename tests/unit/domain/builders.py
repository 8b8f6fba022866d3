"""The words in which the domain's tests speak: times, events, and orders in every status."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from worker.domain.confirmation import Unclear
from worker.domain.events import Announcer, Event, OrderAnnounced, OrderCanceled, OrderInvoiced
from worker.domain.facts import Carrier, OmsOrder, SkyHubLine, SkyHubOrder, SkyHubStatus
from worker.domain.invoices import Invoice, Items, Source
from worker.domain.order import At, In, Order, Status, When
from worker.domain.pickups import Lists
from worker.domain.policy import Policy
from worker.domain.progress import claim, enter, record, requested, settle

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
NOW = 1_700_000_000_000

POLICY = Policy(affiliate="BWW")
OMS = replace(POLICY, oms=True)
ORDER_ID = "BWW-Lojas_Americanas-285264647201"
SKYHUB_CODE = "Lojas Americanas-285264647201"
CODE = "285264647201"
TOKEN = "token-1"


def an_invoice(
    number: str = "1",
    items: Mapping[str, int] | None = None,
    *,
    dated_at: int | None = NOW,
    key: str | None = None,
    output: bool = True,
    source: Source = Source.PUSHED,
) -> Invoice:
    """One unit of SKU `a`, unless told otherwise."""
    items = {"a": 1} if items is None else items
    return Invoice(number=number, items=items, dated_at=dated_at, key=key, output=output, source=source)


def invoiced(
    invoice: Invoice | None = None,
    *,
    ordered: Mapping[str, int] | None = None,
    carrier: Carrier = Carrier.DIRECT,
    at: int = NOW,
    order_id: str = ORDER_ID,
) -> OrderInvoiced:
    """Report the only item of a Direct order as invoiced, unless told otherwise."""
    body = invoice if invoice is not None else an_invoice(dated_at=at)
    items = {"a": 1} if ordered is None else ordered
    return OrderInvoiced(order_id=order_id, occurred_at=at, invoice=body, items=items, carrier=carrier)


def canceled(
    *, reason: str = "the customer changed their mind", at: int = NOW, order_id: str = ORDER_ID
) -> OrderCanceled:
    """Report a cancel."""
    return OrderCanceled(order_id=order_id, occurred_at=at, reason=reason)


def announcement(by: Announcer = Announcer.HOOK, state: str = "invoiced", order_id: str = ORDER_ID) -> OrderAnnounced:
    """Announce the order as VTEX does."""
    return OrderAnnounced(order_id=order_id, occurred_at=NOW - 1, by=by, state=state, vtex_id=ORDER_ID)


def package(number: str, items: Items, **given: Any) -> Invoice:  # noqa: ANN401 - an invoice's fields
    """Describe one invoice as the OMS knows it: undated."""
    return Invoice(number=number, items=items, source=Source.SNAPSHOT, **given)


def snapshot(*packages: Invoice, items: Items | None = None, status: str = "handling", **given: Any) -> OmsOrder:  # noqa: ANN401
    """Describe an order of one unit of `a`, unless told otherwise."""
    ordered = {"a": 1} if items is None else items
    return OmsOrder(order_id=ORDER_ID, status=status, items=ordered, invoices=packages, **given)


def recorded(*events: Event, policy: Policy = POLICY, now: int = NOW) -> Order:
    """Fold the events into a new order and save it."""
    order: Order | None = None
    for event in events:
        order = saved(record(order, event, policy, now), now)
    assert order is not None
    return order


def saved(order: Order, now: int = NOW) -> Order:
    """Fix the order's moments on the server's clock, as the ledger does when it saves."""
    learn_at = None if order.learn_at is None else _fixed(order.learn_at, now)
    reread_at = None if order.reread_at is None else _fixed(order.reread_at, now)
    return replace(order, at=_fixed(order.at, now), learn_at=learn_at, reread_at=reread_at)


def _fixed(moment: When, now: int) -> At:
    return At(now + moment.ms) if isinstance(moment, In) else moment


def waiting() -> Order:
    """One of two units invoiced."""
    return recorded(invoiced(ordered={"a": 2}))


def due() -> Order:
    """Complete, Direct, and to be requested now."""
    return recorded(invoiced())


def requesting(batch_size: int = 1) -> Order:
    """Claimed with `TOKEN`, in a call for so many orders."""
    return saved(claim(due(), CODE, TOKEN, batch_size, POLICY, NOW))


def uncertain() -> Order:
    """Due again after a confirmation whose outcome is not known; `TOKEN` may still be answered."""
    return saved(settle(requesting(), TOKEN, Unclear("timed out"), POLICY, NOW, 0.0))


def was_requested() -> Order:
    """SkyHub has it since `NOW`."""
    return saved(requested(requesting(), "accepted by SkyHub", NOW))


def skipped() -> Order:
    """Ships by Correios."""
    return recorded(invoiced(carrier=Carrier.CORREIOS))


def was_canceled() -> Order:
    """Cancel it while an item was missing."""
    return recorded(invoiced(ordered={"a": 2}), canceled())


def failed(reason: str = "refused: invalid order") -> Order:
    """Given up until an operator looks."""
    return saved(enter(due(), Status.FAILED, reason, NOW))


IN_EVERY_STATUS = {
    Status.WAITING: waiting,
    Status.DUE: due,
    Status.REQUESTING: requesting,
    Status.REQUESTED: was_requested,
    Status.SKIPPED: skipped,
    Status.CANCELED: was_canceled,
    Status.FAILED: failed,
}


def at_skyhub(
    carrier: Carrier = Carrier.DIRECT,
    status: SkyHubStatus = SkyHubStatus.INVOICED,
    *,
    lines: tuple[SkyHubLine, ...] = (),
    remote_code: str = CODE,
) -> SkyHubOrder:
    """Answer as SkyHub does when asked for the order."""
    return SkyHubOrder(SKYHUB_CODE, remote_code, status, carrier, lines)


def lists(*opened: str, taken: tuple[str, ...] | None = None, since: int = NOW + DAY) -> Lists:
    """SkyHub's lists; `taken` was read whole, beginning at `since`, if it is given at all."""
    return Lists(opened) if taken is None else Lists(opened, taken, since)


def heard(order: Order) -> tuple[str, ...]:
    """Name the events in the order's history."""
    return tuple(entry.event for entry in order.history)
