"""What it means that SkyHub lists an order as collectable which the ledger does not know, or still awaits.

The law (design, "Celery", `coleta.reconcile`): it is read again from the OMS; where no OMS can tell, an operator sees
it. Nothing is requested because of it: only invoices complete an order.
"""

from worker.domain.copying import revised
from worker.domain.facts import SkyHubOrder
from worker.domain.knowledge import created
from worker.domain.order import Attention, Order, Status
from worker.domain.policy import Policy
from worker.domain.progress import evaluated, listed
from worker.domain.wishes import asks_oms, oms_id, reread_now, told_by_skyhub


def awaited(order: Order, policy: Policy, now: int) -> Order:
    """SkyHub lists this order as collectable; the same object if there is nothing to do about it."""
    if order.status is not Status.WAITING:
        return listed(order, policy, now)
    if order.complete or order.released:
        return order  # it waits for its carrier, which SkyHub is asked for anyway
    if oms_id(order, policy):
        order = reread_now(order, now)
    if asks_oms(order, policy):
        return order
    if Attention.COLLECTABLE_BUT_UNKNOWN in order.flags:
        return order
    flagged = revised(order, flags=order.flags | {Attention.COLLECTABLE_BUT_UNKNOWN})
    return flagged.noted(now, "order.collectable_but_unknown", "SkyHub lists it, and nobody told all of its invoices")


def opened(order_id: str, code: str, found: SkyHubOrder | None, policy: Policy, now: int) -> Order:
    """Open the document of an order that only SkyHub's list told of, under `code`; `found` is SkyHub's, if read."""
    order = revised(created(order_id, policy.affiliate, now), remote_code=code)
    if found is not None:
        order = told_by_skyhub(order, found, policy, now)
    return awaited(evaluated(order, policy, now), policy, now)


def followed(order: Order, found: SkyHubOrder | None, policy: Policy, now: int) -> Order:
    """Take what SkyHub says of an order that it lists as collectable, if its list of invoiced orders told of it."""
    if found is not None:
        order = evaluated(told_by_skyhub(order, found, policy, now), policy, now)
    return awaited(order, policy, now)


def waiting_long(order: Order, policy: Policy, now: int) -> Order:
    """Show an order that waits for its invoices longer than orders do; the OMS is read once more. Else the same."""
    if order.status is not Status.WAITING or Attention.WAITING_LONG in order.flags:
        return order
    if not waits_long(order, policy, now):
        return order
    order = revised(order, flags=order.flags | {Attention.WAITING_LONG}).noted(now, "order.waiting_long", order.reason)
    return reread_now(order, now) if oms_id(order, policy) else order


def waits_long(order: Order, policy: Policy, now: int) -> bool:
    """Whether an order has been known for longer than orders wait for their invoices."""
    return now - order.created_at >= policy.waiting_long_ms
