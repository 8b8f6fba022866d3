"""What the use cases ask of the outside world, and the errors that cross those borders."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from worker.domain.confirmation import Outcome
from worker.domain.events import Dropped, Event
from worker.domain.facts import OmsOrder, SkyHubOrder
from worker.domain.order import Order, Status


class TransientError(Exception):
    """A counterparty cannot answer now; the same call may succeed later. `retry_after` in seconds, if it said so."""

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after


class PermanentError(Exception):
    """A counterparty will keep refusing this call until a person changes something."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class UnreadableBodyError(ValueError):
    """What came through a door is not what belongs there; the message names each field, what was found and expected."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class InvoicedPage:
    """One page of SkyHub's invoiced orders; `total` counts all pages."""

    orders: tuple[SkyHubOrder, ...]
    total: int


class SkyHub(Protocol):
    """One store's account at SkyHub (contracts/skyhub.md).

    Every call keeps the contract's rate limits, shared by all processes. Reads raise `TransientError` (429, 5xx,
    network, unreadable body) or `PermanentError` (401, 403, other 4xx: a person must mend something).
    """

    def collectables(self, *, requested: bool, page: int) -> tuple[str, ...]:
        """Return the remote codes on a page (1-based); an empty tuple is the end of the list."""

    def confirm(self, codes: Sequence[str], may_send: Callable[[], bool]) -> Outcome:
        """Request the pickup of `codes` (remote codes) in one call; never raises.

        `may_send` is asked after the rate limit and the connect, before the first byte: False sends nothing.
        """

    def order(self, code: str) -> SkyHubOrder | None:
        """Return one order by its full SkyHub code, None where SkyHub does not know it."""

    def invoiced_orders(self, page: int) -> InvoicedPage:
        """Return a page (1-based, 100 orders) of the orders that SkyHub calls invoiced."""


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One event of the orders feed: `handle` commits it, `state` is "" where it has none; `order_id` "" = unreadable.

    `changed_at` is epoch milliseconds, None where it was not said.
    """

    handle: str
    order_id: str
    state: str = ""
    changed_at: int | None = None


MOST_FEED_ENTRIES = 10
"""What the feed gives at most in one answer (contracts/vtex-oms.md, "How an invoice becomes known", 3)."""


class Oms(Protocol):
    """One store's VTEX OMS (contracts/vtex-oms.md).

    Every call raises `TransientError` (429, 5xx, network, unreadable body) or `PermanentError` (401, 403, other 4xx: a
    person must mend something).
    """

    def order(self, order_id: str) -> OmsOrder | None:
        """Return one order by its VTEX id, None where the OMS does not know it."""

    def feed(self) -> tuple[FeedEntry, ...]:
        """Return the feed's next events, at most `MOST_FEED_ENTRIES`; those that are not committed come again later."""

    def commit(self, handles: Sequence[str]) -> None:
        """Take events out of the feed; only once they are safe."""


class PickAndPack(Protocol):
    """One store's VTEX Pick and Pack (contracts/pick-and-pack.md); raises as `Oms` does."""

    def status(self, order_id: str) -> str | None:
        """Return an order's fulfilment status by its VTEX id, None: it is no order of Pick and Pack."""


@dataclass(frozen=True, slots=True)
class Stored:
    """An order as it was read; `version` guards its next save."""

    order: Order
    version: int


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Something that was kept for an event but is none: its text and what is wrong with it."""

    body: str
    reason: str


@dataclass(frozen=True, slots=True)
class InboxEntry:
    """One event of the inbox, under the id that deletes it; `text` is what was kept."""

    entry_id: str
    event: Event | Unreadable
    text: str = ""


@dataclass(frozen=True, slots=True)
class TakeKey:
    """Set the idempotency key of this pickup to the claim's token."""

    code: str
    round: int
    token: str


@dataclass(frozen=True, slots=True)
class CloseKey:
    """Write into the idempotency key that SkyHub has the pickup."""

    code: str
    round: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An order to save over the version that was read (0 = new), the inbox entries it took in, and its key's step."""

    order: Order
    version: int
    entries: tuple[str, ...] = ()
    key: TakeKey | CloseKey | None = None


@dataclass(frozen=True, slots=True)
class Drop:
    """An inbox entry that enters no order: counted under `counter`, kept as rejected if it says why."""

    entry_id: str
    counter: Dropped
    rejected: Unreadable | None = None


@dataclass(frozen=True, slots=True)
class Saved:
    """The save took effect (also: had taken effect already, its answer was lost)."""

    version: int


@dataclass(frozen=True, slots=True)
class Lost:
    """Another writer was first: read again and decide again."""


@dataclass(frozen=True, slots=True)
class OwnedBy:
    """A new order whose remote code belongs to another order already: its events go there."""

    order_id: str


@dataclass(frozen=True, slots=True)
class KeyHeld:
    """The idempotency key of this pickup belongs to another order."""

    order_id: str


@dataclass(frozen=True, slots=True)
class KeyClosed:
    """The idempotency key says that SkyHub has this pickup already."""


class Halt(StrEnum):
    """Why a fenced save saved nothing at all."""

    LEASE_LOST = "lease_lost"
    PAUSED = "paused"
    SERVER_CHANGED = "server_changed"


@dataclass(frozen=True, slots=True)
class Fenced:
    """Nothing was saved: the right to act is gone."""

    halt: Halt


SaveResult = Saved | Lost | OwnedBy | KeyHeld | KeyClosed | Fenced


class Drain(StrEnum):
    """The kinds of work of which one worker at a time does a store's."""

    INBOX = "inbox"
    PICKUPS = "pickups"
    LEARN = "learn"
    REREAD = "reread"
    FEED = "feed"
    RECONCILE = "reconcile"


class Lease(Protocol):
    """The right to run one drain of one store, measured by a clock that suspend does not stop."""

    token: str

    def renew(self) -> bool:
        """Prolong it; False if it is another's now."""

    def outlives(self, seconds: float) -> bool:
        """Whether it surely lasts that much longer."""

    def release(self) -> None:
        """Give it back."""


AUTOMATIC = "service"
"""A drain paused the store: its account is refused, which is probed from time to time."""
OPERATOR = "an operator"
STORES_FILE = "the stores file"
"""The store is not served any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Whether a store's SkyHub calls are stopped. Times in server milliseconds; `total_ms` sums the ended pauses."""

    active: bool = False
    by: str = ""
    reason: str = ""
    since: int = 0
    probe_at: int = 0
    growth: int = 0
    total_ms: int = 0

    @property
    def by_person(self) -> bool:
        """Whether a person stopped the calls, by command or in the stores file: only a person lets them go on."""
        return self.active and self.by != AUTOMATIC

    def blocks(self, now: int) -> bool:
        """Whether SkyHub may not even be probed yet."""
        return self.by_person or (self.active and self.probe_at > now)


@dataclass(frozen=True, slots=True)
class Backoff:
    """A drain that waits because its counterparty is in trouble. `until` in server milliseconds."""

    until: int = 0
    token: str = ""
    tries: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Scan:
    """How far `requested=true` was read: since when, the next page, whether it is whole, its codes so far."""

    started_at: int
    next_page: int = 1
    whole: bool = False
    codes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A store at the start of a round, on the server's clock.

    `changed_at` is when the Redis server was seen to be another one (0 = never), `doubted` whether the due orders
    were marked uncertain since.
    """

    now: int
    changed_at: int
    doubted: bool
    pause: Pause
    backoff: Backoff

    def held_until(self, quarantine_ms: int) -> int:
        """Until when nothing is requested, since the server may have forgotten what was; 0: nothing is held."""
        return 0 if self.doubted else self.changed_at + quarantine_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What waits in a store now: events, orders, and wishes to ask SkyHub (`learns`) and the OMS (`rereads`).

    `backoffs` holds the drains that rest or have rested lately.
    """

    store: str
    inbox: int
    due: int
    expired: int
    learns: int
    rereads: int = 0
    pause: Pause
    backoffs: Mapping[Drain, Backoff] = field(default_factory=dict)
    inbox_lease_ms: int = 0  # how long its inbox is held yet

    def rests(self, drain: Drain, now: int) -> bool:
        """Whether this drain waits for its counterparty."""
        return self.backoffs.get(drain, Backoff()).until > now


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """What a reconcile found in SkyHub's list of what is not requested yet; `at` on the server's clock.

    `listed` counts its orders: of them `opened` were not known, `reread` are read again from the OMS, `flagged` wait
    without an OMS that could tell. `waiting_long` counts the orders that began to wait for too long.
    """

    at: int = 0
    listed: int = 0
    opened: int = 0
    reread: int = 0
    flagged: int = 0
    waiting_long: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """How a store stands: what waits, orders by status, with attention, rejected events; times on the server's clock.

    `oldest_due` is when the order that was due first was to be requested. `changed_at` and `doubted` are those of the
    last `Standing`.
    """

    backlog: Backlog
    now: int
    counts: Mapping[Status, int]
    attention: int
    rejected: int
    oldest_due: int | None
    changed_at: int = 0
    doubted: bool = True
    reconciled: Reconciled | None = None

    @property
    def holds_anything(self) -> bool:
        """Whether the store has an order, an event that is not recorded, or one that could not be."""
        return bool(self.backlog.inbox or self.rejected or any(self.counts.values()))

    def held_until(self, quarantine_ms: int) -> int:
        """Until when nothing is requested, as `Standing.held_until` says it."""
        return 0 if self.doubted else self.changed_at + quarantine_ms


@dataclass(frozen=True, slots=True)
class Rejected:
    """An event that was kept because it could not be recorded, with the reason; `at` in server milliseconds.

    `event` is there if the body is an event as the inbox keeps it, and only recording it failed.
    """

    rejected_id: str
    at: int
    body: str
    reason: str
    event: Event | None = None


class InboxFullError(Exception):
    """The store's inbox has reached its limit: the event was not taken."""


class Ledger(Protocol):
    """One store's state in Redis. Every method may be repeated after a lost answer without a second effect."""

    store: str

    def now(self) -> int:
        """Return the server's time in milliseconds."""

    def append(self, events: Sequence[Event]) -> None:
        """Put events into the inbox, all or none; raises `InboxFullError`."""

    def exchange(
        self, changes: Sequence[Change], drops: Sequence[Drop], limit: int
    ) -> tuple[list[SaveResult], list[InboxEntry], int]:
        """Save, drop and read the inbox's next entries in one round trip; last, the server's time."""

    def load(self, order_ids: Iterable[str], codes: Iterable[str] = ()) -> tuple[dict[str, Stored], dict[str, str]]:
        """Return the orders that exist by id, and the owners of remote codes by code, in one round trip."""

    def save(
        self, changes: Sequence[Change], fence: Lease | None = None, *, claiming: bool = False
    ) -> list[SaveResult]:
        """Save each order over its version; with a fence only while that lease holds.

        `claiming` also asks that the store is not paused and that the server is the one known since its last change.
        """

    def reject(self, rejected: Sequence[Unreadable]) -> None:
        """Keep what could not be read, with its reason."""

    def rejected(self, limit: int) -> list[Rejected]:
        """Return the newest rejected events."""

    def rejected_after(self, rejected_id: str, limit: int) -> list[Rejected]:
        """Return the rejected events that came after this one ("" = from the first), the oldest first.

        Raises `ValueError`: that is no id.
        """

    def rejected_by_id(self, rejected_ids: Sequence[str]) -> list[Rejected]:
        """Return these rejected events, as far as they are still kept. Raises `ValueError`: that is no id."""

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
        """Return the orders with any attention."""

    def counts(self) -> dict[Status, int]:
        """Return how many orders stand in each status."""

    def lease(self, drain: Drain) -> Lease | None:
        """Take the drain, or None while another holds it."""

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

    def append(self, events: Mapping[str, Sequence[Event]]) -> set[str]:
        """Put events into the inboxes of many stores in one round trip, each store's all or none.

        Returns the stores whose inbox is full: of theirs nothing was taken.
        """

    def reject_unknown(self, rejected: Sequence[Unreadable]) -> None:
        """Keep events that name no known store."""

    def may_sweep(self, every_ms: int) -> bool:
        """Claim the right to sweep; False if somebody did so that recently."""

    def turns(self, stores: Sequence[str], drain: Drain, every_ms: int) -> list[str]:
        """Claim the drain's turn in each store, in one round trip; returns those where nobody did that recently."""

    def backlogs(self, stores: Sequence[str]) -> tuple[list[Backlog], int]:
        """Return what waits in each store, and the server's time."""

    def overview(self, stores: Sequence[str]) -> list[Overview]:
        """Return how each store stands."""

    def remember(self, stores: Sequence[str]) -> set[str]:
        """Note that these stores are served; returns all that ever were."""
