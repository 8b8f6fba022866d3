"""Doubt about orders whose request a change of server may have made Redis forget (docs/decisions/0017)."""

from worker.domain.copying import revised
from worker.domain.order import At, Order, Status
from worker.domain.policy import Policy

# Lines of history of an order that could have been requested.
_AT_STAKE = frozenset({f"order.{Status.DUE}", f"order.{Status.REQUESTING}"})


def unknown_after_restart(order: Order, now: int) -> Order:
    """Doubt a due order: the Redis server changed and may have forgotten that it was requested.

    Its time moves up to now: what was read of SkyHub's lists before proves nothing about a request that was forgotten.
    """
    if order.status is not Status.DUE or order.uncertain:
        return order
    reason = "the Redis server was restarted; SkyHub's lists will tell whether it was requested"
    since = At(max(order.at.ms, now)) if isinstance(order.at, At) else order.at
    return revised(order, uncertain=True, reason=reason, at=since).noted(now, "order.doubted", reason)


def doubtful(order: Order, policy: Policy, now: int) -> bool:
    """Whether the request of this order may be among what a change of server made Redis forget.

    Due orders are put in doubt when that is noticed (`unknown_after_restart`); these are the others: known anew since,
    completed since, or due before the change and not due for a while when the others were doubted.
    """
    if order.vouched_at >= policy.changed_at:
        return False
    return now < policy.changed_at + policy.doubt_ms or _was_due_before(order, policy.changed_at)


def _was_due_before(order: Order, moment: int) -> bool:
    return any(entry.at < moment and entry.event in _AT_STAKE for entry in order.history)
