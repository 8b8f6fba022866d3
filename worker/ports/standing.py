"""How a store stands: its drains and their rests, its pause, what waits in it and what could not be recorded."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from worker.domain.events import Event
from worker.domain.order import Status


class Drain(StrEnum):
    """The kinds of work of which one worker at a time does a store's."""

    INBOX = "inbox"
    PICKUPS = "pickups"
    LEARN = "learn"
    REREAD = "reread"
    FEED = "feed"
    RECONCILE = "reconcile"


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

    `changed_at` is when the Redis server was seen to be another one, or its clock set forward (0 = never), `doubted`
    whether the due orders were marked uncertain since. `due` counts the orders to be requested, `expired` the claims
    whose lease is over, `flagged` the orders with attention.
    """

    now: int
    changed_at: int
    doubted: bool
    pause: Pause
    backoff: Backoff
    due: int = 0
    expired: int = 0
    flagged: int = 0

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

    def held_until(self, quarantine_ms: int) -> int:
        """Until when nothing is requested, as `Standing.held_until` says it."""
        return 0 if self.doubted else self.changed_at + quarantine_ms

    @property
    def holds_anything(self) -> bool:
        """Whether the store has an order, an event that is not recorded, or one that could not be."""
        return bool(self.backlog.inbox or self.rejected or any(self.counts.values()))


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
