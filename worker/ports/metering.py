"""What is counted of the service, and what is read of it for the metrics (`worker.metrics` has the names)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from worker.domain.order import Status
from worker.ports.standing import Drain, Pause


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What one store holds and has counted. `oldest_due` is when the order due first was to be requested, server ms."""

    store: str
    orders: Mapping[Status, int] = field(default_factory=dict)
    inbox: int = 0
    rejected: int = 0
    oldest_due: int | None = None
    pause: Pause = field(default_factory=Pause)
    counters: Mapping[str, int] = field(default_factory=dict)

    @property
    def holds_anything(self) -> bool:
        """Whether the store has an order, an event that is not recorded, or one that could not be."""
        return bool(self.inbox or self.rejected or any(self.orders.values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """All stores' figures, and `shared`: what was counted of no known store. Times on the server's clock.

    `swept_at` is when a sweep last came to its end, None: never. A store whose node of a cluster is away is among
    `away` instead; where it is the node of no store, `shared` is None and `swept_at` not known. `past` are
    stores that were served once and hold nothing any more: only what they counted is of use, in sums that must not go
    back.
    """

    now: int
    swept_at: int | None
    stores: Sequence[Figures]
    shared: Figures | None
    past: Sequence[Figures] = ()
    away: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Counts:
    """What is added to a store's counters, by field; what has this id is added once."""

    count_id: str
    fields: Mapping[str, int]


class Meters(Protocol):
    """The counts in Redis. Every method may be repeated after a lost answer without a second effect."""

    def count(self, counts: Mapping[str, Counts]) -> set[str]:
        """Add to the counters of stores in one round trip; returns the stores that took them.

        The store "" is none that is known. A store whose node of a cluster is away is left out; raises if all are.
        """

    def read(self, stores: Sequence[str]) -> Reading:
        """Return the figures of these stores, and of all others that were served once.

        Raises if the nodes of all are away.
        """

    def swept(self) -> None:
        """Note that a sweep came to its end, unless what keeps it is away."""

    def forgotten(self, work: Sequence[tuple[str, Drain]], longer_than_ms: int) -> list[tuple[str, Drain]]:
        """Return where work has waited longer than this without a hint on its way or a drain at it.

        A store whose node of a cluster is away is left out; raises if all are.
        """


class Tally(Protocol):
    """Counts what happens in this process; it costs its caller a microsecond."""

    def add(self, store: str, field: str, times: int = 1) -> None:
        """Count in a store, "" for none that is known."""
