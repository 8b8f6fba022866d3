"""What an operator asks for: the words for it, and which orders `--all` means."""

from dataclasses import dataclass
from enum import StrEnum

from worker.domain.actions import Action
from worker.domain.facts import Carrier
from worker.domain.order import Attention, Status
from worker.entrypoints.cli.options import How


class ToCarrier(StrEnum):
    """The carriers that an operator may set."""

    DIRECT = Carrier.DIRECT
    CORREIOS = Carrier.CORREIOS
    OWN = Carrier.OWN
    FULFILLMENT = Carrier.FULFILLMENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One action: how it is asked for and told, and which orders are meant if nobody names one.

    They are in one of the statuses `meant`; `flagged` takes only those with that attention, `uncanceled` only those
    without a cancel.
    """

    question: str
    done: str
    meant: tuple[Status, ...]
    flagged: Attention | None = None
    uncanceled: bool = False
    needs_filter: bool = False


KINDS = {
    Action.RELEASE: Kind(question="release {}", done="released", meant=(Status.WAITING,)),
    Action.REQUEST_AGAIN: Kind(
        question="request {} again",
        done="requested again",
        meant=(Status.REQUESTED,),
        flagged=Attention.LISTED_AFTER_REQUEST,
        uncanceled=True,  # a new round lifts a customer's cancel: an operator says so order by order
    ),
    Action.RETRY: Kind(question="retry {}", done="retried", meant=(Status.FAILED,)),
    Action.DISCARD: Kind(question="discard {}", done="discarded", meant=(Status.FAILED,)),
    Action.SET_CARRIER: Kind(
        question="set the carrier of {}",
        done="corrected",
        meant=(Status.WAITING, Status.DUE, Status.SKIPPED),
        needs_filter=True,  # "all" would make Direct orders of a store's Correios ones
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What an operator asks for, and how it is to be told; `carrier` is that of `SET_CARRIER`."""

    action: Action
    reason: str
    how: How
    carrier: Carrier = Carrier.UNKNOWN

    @property
    def kind(self) -> Kind:
        """What the action is."""
        return KINDS[self.action]
