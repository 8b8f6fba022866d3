"""What moves an order that no drain acts on: the law's ways out of a status (`domain.progress`), as a sentence."""

from typing import assert_never

from worker.domain.order import Order, Status
from worker.domain.progress import NOT_COLLECTABLE
from worker.domain.skipping import NOT_CONTRACTED, SAME_PICKUP


def moved_by(order: Order) -> str:
    """Say what has to come for an order that failed or ended to move once more; "" where it is to move by itself."""
    match order.status:
        case Status.FAILED if order.reason.startswith(NOT_COLLECTABLE):
            return "nothing before SkyHub lists it as collectable, or an operator retries or discards it"
        case Status.FAILED:
            return "nothing before an operator retries or discards it"
        case Status.SKIPPED if order.reason.startswith(SAME_PICKUP):
            return "nothing: another order has its pickup"
        case Status.SKIPPED if order.reason == NOT_CONTRACTED:
            return "nothing before the stores file says that the store has contracted Coleta (coleta = true)"
        case Status.SKIPPED:
            return "nothing, unless SkyHub lists it as collectable or its carrier is corrected"
        case Status.REQUESTED | Status.CANCELED:
            return "nothing: it is done, unless an operator intervenes"
        case Status.WAITING | Status.DUE | Status.REQUESTING:
            return ""
        case _:
            assert_never(order.status)
