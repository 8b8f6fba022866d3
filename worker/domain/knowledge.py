"""Folding facts into an order: what a source says is kept by its rank, and the order's status is not touched.

The law (design, "Counting" and "Facts"): ordered a SKU = the highest that any source gave; on the carrier SkyHub
outranks events, later outranks earlier, unknown replaces nothing.
"""

from dataclasses import replace

from worker.domain.codes import remote_codes, skyhub_code
from worker.domain.copying import revised
from worker.domain.events import OrderInvoiced
from worker.domain.facts import INVOICED_OR_LATER, Authority, Carrier, CarrierClaim, OmsOrder, SkyHubOrder
from worker.domain.invoices import Invoice, Items, add, counted
from worker.domain.order import Entry, Fulfilment, ItemList, Order

CANCELED_IN_OMS = "canceled in the VTEX OMS"


def created(order_id: str, affiliate: str | None, now: int) -> Order:
    """Open the document of an order that nobody has heard of before."""
    guessed = remote_codes(order_id, affiliate)
    code = skyhub_code(order_id, affiliate)
    opened = (Entry(now, "order.opened"),)
    return Order(order_id=order_id, skyhub_code=code, guessed_codes=guessed, created_at=now, history=opened)


def with_event(order: Order, event: OrderInvoiced) -> Order:
    """Take the facts that come with an invoice: items, carrier, and codes unless SkyHub has spelled them."""
    order = with_items(order, event.items or {}, event.occurred_at)
    order = with_carrier(order, Authority.EVENT, event.carrier, event.occurred_at)
    if order.remote_code and Authority.SKYHUB in order.carriers:
        return order
    return _with_codes(order, event.skyhub_code, event.remote_code)


def with_invoice(order: Order, body: Invoice, now: int) -> Order:
    """Take an invoice; the same object if it says nothing new."""
    invoices = add(order.invoices, body)
    if invoices is order.invoices:
        return order
    changed = revised(order, invoices=invoices)
    if len(invoices) > len(order.invoices):
        verb = "invoice.recorded" if body.output else "invoice.return_heard"
    elif counted(invoices) != counted(order.invoices):
        verb = "invoice.replaced"
    else:
        return changed
    units = ", ".join(f"{sku} x{quantity}" for sku, quantity in body.items.items()) or "names no items"
    return changed.noted(now, verb, f"{body.number}: {units}")


def with_skyhub(order: Order, found: SkyHubOrder, now: int) -> Order:
    """Take the codes and the carrier that SkyHub says: `own` only once it calls the order invoiced."""
    if found.carrier is not Carrier.OWN or found.status in INVOICED_OR_LATER:
        order = with_carrier(order, Authority.SKYHUB, found.carrier, now)
    return _with_codes(order, found.code, found.remote_code)


def with_skyhub_items(order: Order, found: SkyHubOrder, now: int) -> Order:
    """Take the items that SkyHub says, only where nobody named any: it may name them otherwise than the invoices do."""
    return order if order.ordered else with_items(order, _skus(order, found), now)


def with_oms(order: Order, found: OmsOrder, read_at: int, now: int) -> Order:
    """Take a snapshot of the OMS that was begun at `read_at`, the date of all it says.

    Of a SKU that a change removed the higher number counts; the newest list shows the removal to an operator.
    """
    named = {**found.removed, **found.items} if found.items else {}
    items = {sku: max(found.removed.get(sku, 0), found.items.get(sku, 0)) for sku in named}
    left = {sku: max(0, units - found.removed.get(sku, 0)) for sku, units in items.items()}
    order = with_items(order, items, read_at, left=left)
    for invoice in found.invoices:
        order = with_invoice(order, replace(invoice, dated_at=read_at), now)
    if found.canceled and not _undone_before(order, found):
        at = found.canceled_at if found.canceled_at is not None else read_at
        order = with_cancel(order, at, CANCELED_IN_OMS, now)
    return order if order.oms_status == found.status else revised(order, oms_status=found.status)


def with_fulfilment(order: Order, status: str, now: int) -> Order:
    """Note the order's status in Pick and Pack; the same object if it is the one that is known."""
    if order.fulfilment is not None and order.fulfilment.status == status:
        return order
    changed = revised(order, fulfilment=Fulfilment(status, now))
    return changed.noted(now, "fulfilment.changed", status or "no order of Pick and Pack")


def with_cancel(order: Order, at: int, reason: str, now: int) -> Order:
    """Note a cancel; the first one stays, and one that an operator undid does not come back."""
    if order.canceled_at is not None or (order.dismissed_at is not None and at <= order.dismissed_at):
        return order
    return revised(order, canceled_at=at, cancel_reason=reason).noted(now, "order.cancel_heard", reason)


def with_items(order: Order, items: Items, dated_at: int, left: Items | None = None) -> Order:
    """Take one source's list of what was ordered: the highest quantity a SKU counts, the newest list is remembered.

    `left` is what the source says is left of it after removals, where that is less.
    """
    if not items:
        return order
    ordered = dict(order.ordered)
    for sku, units in items.items():
        ordered[sku] = max(units, ordered.get(sku, 0))
    heard = ItemList(dated_at, dict(items if left is None else left))
    newest = heard if order.newest_list is None else max(order.newest_list, heard, key=_list_rank)
    if ordered == order.ordered and newest == order.newest_list:
        return order
    return revised(order, ordered=ordered, newest_list=newest)


def with_carrier(order: Order, authority: Authority, carrier: Carrier, at: int) -> Order:
    """Take one source's word on the carrier: later outranks earlier, unknown replaces nothing.

    Of two words of the same moment the one against Direct stands: what is not surely Direct is not requested.
    """
    if carrier is Carrier.UNKNOWN:
        return order
    known = order.carriers.get(authority)
    heard = CarrierClaim(carrier, at)
    if known is not None and _carrier_rank(known) >= _carrier_rank(heard):
        return order
    return revised(order, carriers={**order.carriers, authority: heard})


def _undone_before(order: Order, found: OmsOrder) -> bool:
    """Whether an undated cancel is the one that an operator undid: the OMS has not called the order open since."""
    undated = found.canceled_at is None and order.dismissed_at is not None
    return undated and order.oms_status in (None, found.status)


def _with_codes(order: Order, skyhub_code: str, remote_code: str) -> Order:
    if skyhub_code and skyhub_code != order.skyhub_code:
        order = revised(order, skyhub_code=skyhub_code)
    if remote_code and remote_code != order.remote_code and not order.code_frozen:
        order = revised(order, remote_code=remote_code)
    return order


def _skus(order: Order, found: SkyHubOrder) -> dict[str, int]:
    """Name SkyHub's lines as the invoices do: by the variation's SKU, or the product's where only that was invoiced."""
    invoiced = counted(order.invoices)
    items: dict[str, int] = {}
    for line in found.lines:
        sku = line.product if line.sku not in invoiced and line.product in invoiced else line.sku
        items[sku] = items.get(sku, 0) + line.quantity
    return items


def _carrier_rank(claim: CarrierClaim) -> tuple[int, bool, str]:
    return (claim.at, claim.carrier is not Carrier.DIRECT, claim.carrier)


def _list_rank(listed: ItemList) -> tuple[int, int, list[tuple[str, int]]]:
    return (listed.dated_at, sum(listed.items.values()), sorted(listed.items.items()))
