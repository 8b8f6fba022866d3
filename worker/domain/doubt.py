"""Doubt about orders whose request a change of server may have made Redis forget (docs/decisions/0017, 0031)."""

from worker.domain.copying import revised
from worker.domain.order import At, Order, Status
from worker.domain.policy import Policy


def unknown_after_restart(order: Order, now: int) -> Order:
    """Doubt a due order: the Redis server changed, or its clock, and it may be requested without showing it.

    Its time moves up to now: what was read of SkyHub's lists before proves nothing about a request that was forgotten.
    """
    if order.status is not Status.DUE or order.uncertain:
        return order
    reason = (
        "the Redis server was restarted or its clock set forward; SkyHub's lists will tell whether it was requested"
    )
    since = At(max(order.at.ms, now)) if isinstance(order.at, At) else order.at
    return revised(order, uncertain=True, reason=reason, at=since).noted(now, "order.doubted", reason)


def doubtful(order: Order, policy: Policy) -> bool:
    """Whether the request of this order may be among what a change of server made Redis forget.

    Due orders are put in doubt when that is noticed (`unknown_after_restart`); these are the others, for which SkyHub's
    lists have not vouched since: all that were known before the change, however late they become due (that they had
    been due, and claimed, may be forgotten too), and all known since while what was forgotten came back.
    """
    return order.vouched_at < policy.changed_at and order.created_at < policy.changed_at + policy.doubt_ms
