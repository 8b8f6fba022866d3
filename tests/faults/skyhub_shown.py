"""What an operator sees of a store while SkyHub fails, and what its orders went through."""

from collections.abc import Sequence

from tests.faults.skyhub_case import Case, Ends
from worker.domain.order import Order, Status
from worker.ports import Overview

_ACCEPTED = "accepted by SkyHub"


def shown(case: Case, orders: Sequence[Order], overview: Overview) -> str:
    """Return what an operator sees of a case's store, "" while it is not yet what must be seen."""
    statuses = {order.status for order in orders}
    if len(orders) < case.direct:
        return ""
    match case.ends:
        case Ends.PASSES:
            return case.ends.value if statuses == {Status.REQUESTED} else ""
        case Ends.PAUSED:
            pause = overview.backlog.pause
            return f"store paused: {pause.reason}" if pause.active and case.word in pause.reason else ""
        case Ends.RESTS:
            rests = [rest.reason for rest in overview.backlog.backoffs.values() if case.word in rest.reason]
            return f"store rests: {rests[0]}" if rests and Status.FAILED not in statuses else ""
        case Ends.FAILED:
            told = [order.reason for order in orders if case.word in order.reason]
            return f"failed, {told[0]}" if statuses == {Status.FAILED} and len(told) == len(orders) else ""
        case Ends.WAITS:
            known = statuses == {Status.WAITING} and all(case.word in order.last_error for order in orders)
            return f"waiting: {orders[0].last_error}" if known else ""
        case Ends.HELD:
            held = [order for order in orders if order.status is Status.DUE and case.word in order.reason]
            return f"due: {held[0].reason}" if held and len(held) == len(orders) else ""
        case Ends.POISONED:
            return _poisoned(case, orders)


def _poisoned(case: Case, orders: Sequence[Order]) -> str:
    spoiler, *others = orders
    if any(order.status is not Status.REQUESTED for order in others):
        return ""
    if spoiler.status is Status.FAILED and case.word in spoiler.reason:
        return f"the other {len(others)} requested and this one failed, {spoiler.reason}"
    kept = spoiler.status in (Status.DUE, Status.REQUESTING) and case.word in spoiler.last_error
    lasting = kept and "refused" not in case.fault
    told = f"the other {len(others)} requested and this one still {spoiler.status}, {spoiler.last_error}"
    return told if lasting else ""


def met_while_requesting(order: Order) -> int:
    """Return how many requests of this order did not end by SkyHub's word that it has it."""
    claims = [index for index, entry in enumerate(order.history) if entry.event == f"order.{Status.REQUESTING}"]
    ends = [order.history[index + 1].detail for index in claims if index + 1 < len(order.history)]
    return sum(detail != _ACCEPTED for detail in ends)
