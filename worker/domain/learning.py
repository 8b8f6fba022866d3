"""Taking what SkyHub or the OMS answers for an order, and settling or renewing the wish to ask."""

from worker.domain import retry
from worker.domain.copying import revised
from worker.domain.facts import OmsOrder, SkyHubOrder, SkyHubStatus
from worker.domain.knowledge import with_cancel, with_oms
from worker.domain.order import Attention, In, Order, Status
from worker.domain.policy import Policy
from worker.domain.progress import CANCELED_THERE, evaluated
from worker.domain.wishes import lacks_facts, oms_id, told_by_skyhub, wants_reread

# How the errors begin that a later answer takes back.
_FROM_SKYHUB = "SkyHub does not know the order"
_FROM_OMS = "the VTEX OMS"


def learn(order: Order, found: SkyHubOrder | None, policy: Policy, now: int) -> Order:
    """Take what SkyHub says of an order (`None`: it does not know it)."""
    if found is not None:
        order = _mended(told_by_skyhub(order, found, policy, now), _FROM_SKYHUB)
        if found.status is SkyHubStatus.CANCELED:
            order = with_cancel(order, now, CANCELED_THERE, now)
        order = evaluated(order, policy, now)
    else:
        order = revised(order, last_error=f"{_FROM_SKYHUB} {order.skyhub_code}; is it this account's?")
    if order.status is Status.SKIPPED:
        return revised(order, learn_at=None, learn_tries=order.learn_tries + 1)
    if order.learn_at is None or not lacks_facts(order, policy):
        return revised(order, learn_at=None, learn_tries=0)
    return unlearned(order, policy)


def unlearned(order: Order, policy: Policy) -> Order:
    """Put an order off of which SkyHub cannot tell, or not enough, now."""
    later = In(retry.pace(policy.schedule, order.learn_tries))
    return revised(order, learn_at=later, learn_tries=order.learn_tries + 1)


def reread(order: Order, found: OmsOrder | None, read_at: int, policy: Policy, now: int) -> Order:
    """Take a snapshot of the OMS that was begun at `read_at` (`None`: it does not know the order).

    News that came since are not in it: then it is read once more, at once.
    """
    if found is not None:
        order = _mended(with_oms(order, found, read_at, now), _FROM_OMS)
        order = revised(order, flags=order.flags - {Attention.COLLECTABLE_BUT_UNKNOWN})
    else:
        unknown = f"{_FROM_OMS} does not know the order {oms_id(order, policy)}; check the store's affiliate_id"
        order = revised(order, oms_status="", last_error=unknown)
    covered = order.news_at is not None and order.news_at <= read_at
    order = evaluated(revised(order, news_at=None) if covered else order, policy, now)
    if not wants_reread(order, policy):
        return revised(order, reread_at=None, reread_tries=0)
    if order.news_at is not None:
        return revised(order, reread_at=In(0))
    return _reread_later(order, policy)


def unread(order: Order, trouble: str, policy: Policy) -> Order:
    """Put an order off of which the OMS cannot tell now."""
    return revised(_reread_later(order, policy), last_error=f"{_FROM_OMS} cannot tell: {trouble}")


def unasked(order: Order, policy: Policy, now: int) -> Order:
    """End the wish to read an OMS that is not there to ask (any more): the order is judged by what is known."""
    return revised(evaluated(order, policy, now), reread_at=None, news_at=None)


def _reread_later(order: Order, policy: Policy) -> Order:
    later = In(retry.pace(policy.schedule, order.reread_tries))
    return revised(order, reread_at=later, reread_tries=order.reread_tries + 1)


def _mended(order: Order, error: str) -> Order:
    return revised(order, last_error="") if order.last_error.startswith(error) else order
