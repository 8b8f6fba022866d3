"""What an operator may do to orders: the words for it, and which orders `--all` means."""

from dataclasses import dataclass
from enum import StrEnum

from worker.domain.facts import Carrier
from worker.domain.order import Attention, Order, Status


class Action(StrEnum):
    """The names of the actions, as they are typed."""

    RELEASE = "release"
    REQUEST_AGAIN = "request-again"
    RETRY = "retry"
    DISCARD = "discard"
    SET_CARRIER = "set-carrier"


class ToCarrier(StrEnum):
    """The carriers that an operator may set."""

    DIRECT = Carrier.DIRECT
    CORREIOS = Carrier.CORREIOS
    OWN = Carrier.OWN
    FULFILLMENT = Carrier.FULFILLMENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One action: how it is asked for and told, and the orders it is for.

    `meant` are the statuses of the orders that are meant if nobody names one, `allowed` those that may be named.
    Of what is meant `flagged` takes only orders with that attention, `uncanceled` only those without a cancel.
    """

    question: str
    done: str
    meant: tuple[Status, ...]
    allowed: tuple[Status, ...]
    flagged: Attention | None = None
    uncanceled: bool = False
    needs_filter: bool = False


KINDS = {
    Action.RELEASE: Kind(
        question="release {}",
        done="released",
        meant=(Status.WAITING,),
        allowed=(Status.WAITING,),
    ),
    Action.REQUEST_AGAIN: Kind(
        question="request {} again",
        done="requested again",
        meant=(Status.REQUESTED,),
        allowed=(Status.REQUESTED,),
        flagged=Attention.LISTED_AFTER_REQUEST,
        uncanceled=True,  # a new round lifts a customer's cancel: an operator says so order by order
    ),
    Action.RETRY: Kind(
        question="retry {}",
        done="retried",
        meant=(Status.FAILED,),
        allowed=(Status.FAILED, Status.CANCELED),
    ),
    Action.DISCARD: Kind(
        question="discard {}",
        done="discarded",
        meant=(Status.FAILED,),
        allowed=(Status.FAILED,),
    ),
    Action.SET_CARRIER: Kind(
        question="set the carrier of {}",
        done="corrected",
        meant=(Status.WAITING, Status.DUE, Status.SKIPPED),
        allowed=(Status.WAITING, Status.DUE, Status.REQUESTING, Status.SKIPPED, Status.FAILED),
        needs_filter=True,  # "all" would make Direct orders of a store's Correios ones
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What an operator asks for, and how it is to be told; `carrier` is that of `SET_CARRIER`."""

    action: Action
    reason: str
    carrier: Carrier = Carrier.UNKNOWN
    dry_run: bool = False
    yes: bool = False
    as_json: bool = False

    @property
    def kind(self) -> Kind:
        """What the action is."""
        return KINDS[self.action]


def open_to(order: Order) -> list[Action]:
    """Return the actions that may help an order where it stands."""
    match order.status:
        case Status.REQUESTED:
            return [Action.REQUEST_AGAIN] if Attention.LISTED_AFTER_REQUEST in order.flags else []
        case Status.CANCELED:
            return [Action.RETRY]
        case Status.SKIPPED | Status.WAITING | Status.DUE | Status.REQUESTING | Status.FAILED:
            return [action for action, kind in KINDS.items() if order.status in kind.meant]
