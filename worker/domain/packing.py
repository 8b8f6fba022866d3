"""Holding a due order until its box is packed, for stores that ask for it (contracts/pick-and-pack.md).

The law: a store with `require_packed` claims no order before Pick and Pack, asked for it, has said that it is packed.
What a webhook says only makes it be asked at once. An order that Pick and Pack does not know is held like any other.
"""

from worker.domain import retry
from worker.domain.copying import revised
from worker.domain.knowledge import with_fulfilment
from worker.domain.order import Attention, Hold, In, Order
from worker.domain.policy import Policy

# READY_FOR_INVOICING or later in the contract's order, except RETURNED and CANCELED.
PACKED = frozenset(
    {
        "READY_FOR_INVOICING",
        "INVOICING",
        "INVOICED",
        "PREPARING_SHIPPING",
        "READY_FOR_SHIPPING",
        "WAITING_FOR_DELIVERY_COMPANY",
        "ON_ROUTE",
        "DELIVERED",
        "WAITING_FOR_PICKUP",
    }
)
_CANNOT_TELL = "held until it is packed: Pick and Pack cannot tell"


def must_be_packed(order: Order, policy: Policy) -> bool:
    """Whether nothing may be requested for this order before Pick and Pack says that it is packed."""
    return policy.require_packed and not order.packed


def is_held(order: Order, policy: Policy) -> bool:
    """Whether a due order is held until its box is packed; of one in doubt SkyHub's lists are asked first."""
    return must_be_packed(order, policy) and not order.uncertain


def let_go(order: Order, policy: Policy) -> Order:
    """Hold an order no longer that needs no box: its store asked for one when it was held."""
    if order.hold is None or must_be_packed(order, policy):
        return order
    return revised(order, hold=None, flags=order.flags - {Attention.PACKED_HOLD})


def packing_told(order: Order, status: str | None, policy: Policy, now: int) -> Order:
    """Take Pick and Pack's answer for an order (`None`: it does not know it): packed, or held and asked again later."""
    order = with_fulfilment(order, status or "", now)
    if status in PACKED:
        flags = order.flags - {Attention.PACKED_HOLD}
        return revised(order, packed=True, hold=None, flags=flags, reason="").noted(now, "order.packed", status)
    said = f"Pick and Pack says {status}" if status else "Pick and Pack does not know this order"
    return _held(order, f"held until it is packed: {said}", policy, now)


def packing_untold(order: Order, trouble: str, policy: Policy, now: int, retry_after: float | None = None) -> Order:
    """Hold an order about which Pick and Pack, asked for it, cannot tell now; `retry_after`: seconds that it named."""
    held = _held(revised(order, last_error=trouble), _CANNOT_TELL, policy, now, choked(order) + 1)
    return _not_before(held, retry_after)


def packing_unasked(order: Order, policy: Policy, now: int, retry_after: float | None = None) -> Order:
    """Hold an order about which Pick and Pack is not asked now, since it could not tell about another."""
    return _not_before(_held(order, _CANNOT_TELL, policy, now, choked(order)), retry_after)


def choked(order: Order) -> int:
    """Return how often in a row Pick and Pack, asked for this very order, could not tell."""
    return order.hold.choked if order.hold is not None else 0


def _not_before(order: Order, seconds: float | None) -> Order:
    return revised(order, at=In(max(order.at.ms, round((seconds or 0) * 1000))))


def _held(order: Order, reason: str, policy: Policy, now: int, in_vain: int = 0) -> Order:
    hold = order.hold if order.hold is not None else Hold(now)
    changed = revised(
        order,
        hold=Hold(hold.since, hold.tries + 1, in_vain),
        at=In(retry.packing(policy.schedule, hold.tries)),
        flags=order.flags | ({Attention.PACKED_HOLD} if now - hold.since >= policy.packed_hold_ms else set()),
    )
    return changed if order.reason == reason else revised(changed, reason=reason).noted(now, "order.held", reason)
