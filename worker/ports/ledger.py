"""The state in Redis as the use cases ask it: one store's, and all stores'."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from worker.domain.events import Event
from worker.domain.order import Status
from worker.ports.looking import Browsable, Look
from worker.ports.saving import Change, Drop, InboxEntry, SaveResult, Stored, Unreadable, Untaken
from worker.ports.standing import Backlog, Drain, Overview, Pause, Reconciled, Scan, Standing


class Lease(Protocol):
    """The right to run one drain of one store, measured by a clock that suspend does not stop.

    `seconds` is how long it lasts from its taking, or its last renewal.
    """

    token: str
    seconds: float

    def renew(self) -> bool:
        """Prolong it; False if it is another's now."""

    def outlives(self, seconds: float) -> bool:
        """Whether it surely lasts that much longer."""

    def release(self) -> None:
        """Give it back."""


class InboxFullError(Exception):
    """The store's inbox has reached its limit: the event was not taken."""


class Ledger(Browsable, Protocol):
    """One store's state in Redis. Every method may be repeated after a lost answer without a second effect."""

    store: str

    def now(self) -> int:
        """Return the server's time in milliseconds."""

    def append(self, events: Sequence[Event]) -> None:
        """Put events into the inbox, all or none; raises `InboxFullError`."""

    def exchange(
        self, changes: Sequence[Change], drops: Sequence[Drop], limit: int
    ) -> tuple[list[SaveResult], list[InboxEntry]]:
        """Save, drop and read the inbox's next entries, `limit` of them or none for 0, in one round trip."""

    def load(self, order_ids: Iterable[str], codes: Iterable[str] = ()) -> tuple[dict[str, Stored], dict[str, str]]:
        """Return the orders that exist by id, and the owners of remote codes by code, in one round trip."""

    def load_dated(
        self, order_ids: Iterable[str], codes: Iterable[str]
    ) -> tuple[dict[str, Stored], dict[str, str], int]:
        """Return what `load` does, and the server's time, in one round trip."""

    def save(
        self, changes: Sequence[Change], fence: Lease | None = None, *, claiming: bool = False
    ) -> list[SaveResult]:
        """Save each order over its version; with a fence only while that lease holds.

        `claiming` also asks that the store is not paused and that the server is the one known since its last change.
        """

    def reject(self, rejected: Sequence[Unreadable]) -> None:
        """Keep what could not be read, with its reason."""

    def forget_rejected(self, rejected_ids: Sequence[str]) -> int:
        """Forget rejected events; returns how many were there. Raises `ValueError`: that is no id."""

    def due(self, now: int, limit: int) -> list[str]:
        """Return the orders to be requested at or before `now`, the longest due first."""

    def expired(self, now: int, limit: int) -> list[str]:
        """Return the orders whose claim's lease is over."""

    def wishes(self, drain: Drain, now: int, limit: int) -> list[str]:
        """Return the orders that this drain (`LEARN` or `REREAD`) is to ask about at or before `now`."""

    def order_ids(self, status: Status, offset: int, limit: int) -> list[str]:
        """Return order ids by status, the oldest first."""

    def attention_ids(self, offset: int, limit: int) -> list[str]:
        """Return the orders with any attention, the oldest first."""

    def counts(self) -> dict[Status, int]:
        """Return how many orders stand in each status."""

    def lease(self, drain: Drain) -> Lease | None:
        """Take the drain, or None while another holds it."""

    def begin(self, drain: Drain) -> tuple[Standing, Lease | None]:
        """Let the next hint be sent, read the standing and take the drain, in one round trip.

        No lease while the drain rests or is another's.
        """

    def leave(self, lease: Lease) -> bool:
        """Give the lease of the pickups back, unless an order is due or a claim is over: then False, it is held on.

        One that ran out, and that nobody took since, counts as held.
        """

    def hint(self, drain: Drain) -> bool:
        """Claim the right to send a hint; False while one is on its way."""

    def clear_hint(self, drain: Drain) -> None:
        """Let the next hint be sent: a drain is about to read."""

    def standing(self, drain: Drain) -> Standing:
        """Return the store's standing and note which server answers."""

    def doubted(self, changed_at: int) -> None:
        """Note that the due orders were marked uncertain after this change of server."""

    def pause(self, before: Pause, by: str, reason: str, probe_in: int, growth: int) -> bool:
        """Stop SkyHub calls; False if the pause changed since it was read."""

    def resume(self, before: Pause, *, growth: int) -> bool:
        """End the pause that was read, keeping `growth`; False if it changed since."""

    def back_off(self, drain: Drain, token: str, tries: int, delay_ms: int, reason: str) -> None:
        """Let the drain rest so long, except for the bearer of `token`."""

    def clear_backoff(self, drain: Drain) -> None:
        """End the drain's rest."""

    def scan(self) -> Scan | None:
        """Return the reading of `requested=true` that is under way."""

    def save_scan(self, scan: Scan | None) -> None:
        """Keep the reading of `requested=true` for the next round; None forgets it."""

    def save_reconciled(self, found: Reconciled) -> None:
        """Keep what a reconcile found, dated now."""

    def retire(self, older_than_ms: int) -> int:
        """Forget ended orders' index lines of that age; returns how many."""


class Fleet(Protocol):
    """All stores' state."""

    def ledger(self, store: str) -> Ledger:
        """Open one store's state."""

    def meet(self, stores: Sequence[str]) -> None:
        """Look at each store's server in one round trip: what happens to it or its clock from now on is noticed.

        A store whose node of a cluster is away is left out; raises if all are.
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
