"""One store's state in Redis, as the use cases ask it."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from worker.domain.events import Event
from worker.domain.order import Status
from worker.ports.looking import Browsable
from worker.ports.saving import Change, Drop, InboxEntry, SaveResult, Stored, Unreadable
from worker.ports.standing import Drain, Pause, Reconciled, Scan, Standing


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
