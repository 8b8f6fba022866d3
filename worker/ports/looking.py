"""What the pages read of a store: how it stands in detail, and its orders in the lines of an index."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from worker.domain.activity import Hour
from worker.domain.order import Attention, Status
from worker.ports.standing import Overview, Rejected


@dataclass(frozen=True, slots=True)
class Spot:
    """A line of an index: the order, and the server's milliseconds by which the index is sorted.

    They say when a `due` order is to be requested, when a `requesting` one's claim ends, since when an order stands in
    any other status, or since when it has attention.
    """

    at: int
    order_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A store in detail; times on the server's clock.

    `attention` counts orders by reason, one order under each of its own, without reasons that no order has.
    `oldest_event` is since when the first event of the inbox waits, `swept_at` when a sweep last came to its end;
    None: there is none, or what keeps it is away. `hours` are those of `worker.domain.activity`.
    """

    overview: Overview
    oldest_waiting: Spot | None = None
    oldest_due: Spot | None = None
    attention: Mapping[Attention, int] = field(default_factory=dict)
    oldest_event: int | None = None
    swept_at: int | None = None
    hours: Mapping[int, Hour] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """A walk along the index of a status, or (None) of the orders with attention.

    It begins behind `after`, whether that line is still there or not, or at the end from which it comes: the lowest
    time, with `descending` the highest. It finds at most `most` orders, whose id has `part` in it (small letters of
    ASCII; case does not matter), that have this `reason` for attention and stand `within` this status; it looks
    at no more than `lines`.
    """

    index: Status | None
    after: Spot | None = None
    descending: bool = False
    most: int
    lines: int
    part: str = ""
    reason: Attention | None = None
    within: Status | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Walked:
    """What a walk found, in its order, and how many lines the index has.

    `last` is the last line that was looked at, None where the walk came to the end of the index.
    """

    found: tuple[Spot, ...]
    total: int
    last: Spot | None


class Browsable(Protocol):
    """What a person looks through in one store. Nothing here changes anything."""

    def walk(self, walk: Walk) -> Walked:
        """Find orders along an index, in one round trip."""

    def attention_counts(self) -> dict[Attention, int]:
        """Return how many orders have each reason for attention, without reasons that no order has."""

    def hours(self) -> dict[int, Hour]:
        """Return what happened in each of the last hours, by the hours since 1970; those without anything are left out.

        At least the last `worker.domain.activity.HOURS_KEPT` are there.
        """

    def rejected(self, limit: int, before: str = "") -> list[Rejected]:
        """Return the newest rejected events, or those that came before the one of this id; the newest first.

        Raises `ValueError`: that is no id.
        """

    def rejected_after(self, rejected_id: str, limit: int) -> list[Rejected]:
        """Return the rejected events that came after this one ("" = from the first), the oldest first.

        Raises `ValueError`: that is no id.
        """

    def rejected_by_id(self, rejected_ids: Sequence[str]) -> list[Rejected]:
        """Return these rejected events, as far as they are still kept. Raises `ValueError`: that is no id."""
