"""The ledgers of all stores, and what is asked of many of them at once."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from worker.domain.events import Event
from worker.ports.ledger import Ledger
from worker.ports.looking import Look
from worker.ports.saving import Stored, Unreadable, Untaken
from worker.ports.standing import Backlog, Drain, Overview


class Fleet(Protocol):
    """All stores' state."""

    def ledger(self, store: str) -> Ledger:
        """Open one store's state."""

    def meet(self, stores: Sequence[str]) -> None:
        """Look at each store's server in one round trip: what happens to it or its clock from now on is noticed.

        For the start of a process. A store of whose server an error comes is left out; raises where none is reached.
        """

    def append(self, events: Mapping[str, Sequence[Event]]) -> dict[str, Untaken]:
        """Put events into the inboxes of many stores in one round trip, each store's all or none.

        Returns the stores of whose events nothing was taken, and why: on a cluster one may be away while others are
        there. Raises if all are away.
        """

    def reject_unknown(self, rejected: Sequence[Unreadable]) -> None:
        """Keep events that name no known store."""

    def may_sweep(self, every_ms: int) -> bool:
        """Claim the right to sweep; False if somebody did so that recently. One sweep too many does no harm."""

    def turns(self, stores: Sequence[str], drain: Drain, every_ms: int) -> list[str]:
        """Claim the drain's turn in each store, in one round trip; returns those where nobody did that recently.

        A store whose node of a cluster is away is left out; raises if all are.
        """

    def backlogs(self, stores: Sequence[str]) -> tuple[list[Backlog], int]:
        """Return what waits in each store, and the server's time.

        A store whose node of a cluster is away is left out; raises if all are.
        """

    def overview(self, stores: Sequence[str]) -> list[Overview]:
        """Return how each store stands.

        A store whose node of a cluster is away is left out; raises if all are.
        """

    def load_each(
        self, named: Mapping[str, tuple[Sequence[str], Sequence[str]]]
    ) -> dict[str, tuple[dict[str, Stored], dict[str, str]]]:
        """Return what `Ledger.load` does of each store's order ids and codes, of which each must have some.

        It takes a round trip for 100 stores. A store whose node of a cluster is away is left out; raises if all are.
        """

    def look(self, store: str) -> Look:
        """Return how one store stands in detail, in two round trips."""

    def served(self, stores: Sequence[str]) -> set[str]:
        """Return these stores and all that ever were served; these alone where what keeps the others is away."""

    def remember(self, stores: Sequence[str]) -> set[str]:
        """Note that these stores are served; returns all that ever were.

        Where the node of a cluster that keeps this is away, it returns the named ones; raises if none is named.
        """
