"""What an operator may do to an order, and in which statuses."""

from collections.abc import Mapping
from enum import StrEnum

from worker.domain.order import Attention, Order, Status
from worker.domain.skipping import is_for_its_carrier


class Action(StrEnum):
    """The names of the actions, as an operator types them."""

    RELEASE = "release"
    REQUEST_AGAIN = "request-again"
    RETRY = "retry"
    DISCARD = "discard"
    SET_CARRIER = "set-carrier"


ALLOWED: Mapping[Action, tuple[Status, ...]] = {
    Action.RELEASE: (Status.WAITING,),
    Action.REQUEST_AGAIN: (Status.REQUESTED,),
    Action.RETRY: (Status.FAILED, Status.CANCELED),
    Action.DISCARD: (Status.FAILED,),
    # The law refuses no correction, but a pickup that is requested or canceled does not change by one.
    Action.SET_CARRIER: (Status.WAITING, Status.DUE, Status.REQUESTING, Status.SKIPPED, Status.FAILED),
}
"""The statuses in which an action does something to an order."""


def open_to(order: Order) -> tuple[Action, ...]:
    """Return the actions that may help an order where it stands."""
    match order.status:
        case Status.WAITING:
            return (Action.RELEASE, Action.SET_CARRIER)
        case Status.DUE:
            return (Action.SET_CARRIER,)
        case Status.SKIPPED if is_for_its_carrier(order):
            return (Action.SET_CARRIER,)
        case Status.REQUESTED if Attention.LISTED_AFTER_REQUEST in order.flags:
            return (Action.REQUEST_AGAIN,)
        case Status.CANCELED:
            return (Action.RETRY,)
        case Status.FAILED:
            return (Action.RETRY, Action.DISCARD)
        case Status.REQUESTING | Status.REQUESTED | Status.SKIPPED:
            return ()
