"""Feed v3 of one account, and the change that feed and hook announce.

The law of an event: it waits, is read (hidden, with a fresh handle), and is committed by the handle of its last
reading, or comes back when it was hidden long enough.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import count, islice
from random import Random

from worker.sandbox.moments import stamp

LARGEST_LOT = 10
"""VTEX gives at most so many events a call."""
DOMAIN = "Fulfillment"
"""The side of the order that the seller has."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """A change of an order; moments are ticks of 100 ns."""

    event_id: str
    order_id: str
    state: str | None
    last_state: str | None
    last_change: int
    current_change: int


@dataclass
class _Queued:
    change: Change
    visible_at: float
    handle: str | None = None


class Feed:
    """The events of one account that nobody has committed; times are seconds of the monotonic clock."""

    def __init__(self) -> None:
        self._queue: dict[int, _Queued] = {}
        self._numbers_by_handle: dict[str, int] = {}
        self._numbers = count(1)
        self._handles = count(1)
        self._order = Random(0)  # noqa: S311 - any order will do, and always the same one is best

    @property
    def waiting(self) -> int:
        """How many events are not committed, hidden ones included."""
        return len(self._queue)

    def put(self, change: Change, *, twice: bool) -> None:
        """Add an event, once or twice."""
        for _ in range(2 if twice else 1):
            self._queue[next(self._numbers)] = _Queued(change, visible_at=0.0)

    def visible(self, lot: int, now: float) -> list[Change]:
        """Return the events that a reading in order would give."""
        seen = (queued.change for queued in self._queue.values() if queued.visible_at <= now)
        return list(islice(seen, min(lot, LARGEST_LOT)))

    def read(self, lot: int, now: float, hidden_until: float, *, shuffled: bool) -> list[tuple[str, Change]]:
        """Return up to `lot` visible events with fresh handles, and hide them."""
        seen = (number for number, queued in self._queue.items() if queued.visible_at <= now)
        chosen = list(seen if shuffled else islice(seen, min(lot, LARGEST_LOT)))
        if shuffled:
            self._order.shuffle(chosen)
        return [self._hand_out(number, hidden_until) for number in chosen[: min(lot, LARGEST_LOT)]]

    def named(self, handles: Iterable[str]) -> set[str]:
        """Return the order ids of the events that these handles would commit."""
        numbers = (self._numbers_by_handle.get(handle) for handle in handles)
        return {self._queue[number].change.order_id for number in numbers if number is not None}

    def commit(self, handles: Iterable[str]) -> None:
        """Remove the events of these handles; unknown ones, and those of an earlier reading, are ignored."""
        for handle in handles:
            number = self._numbers_by_handle.pop(handle, None)
            if number is not None:
                del self._queue[number]

    def _hand_out(self, number: int, hidden_until: float) -> tuple[str, Change]:
        queued = self._queue[number]
        if queued.handle is not None:
            del self._numbers_by_handle[queued.handle]
        queued.handle = f"handle-{next(self._handles)}-{queued.change.event_id}"
        queued.visible_at = hidden_until
        self._numbers_by_handle[queued.handle] = number
        return queued.handle, queued.change


def feed_item(handle: str, change: Change) -> dict[str, object]:
    """Return an event as the feed writes it, in camelCase."""
    return {
        "eventId": change.event_id,
        "handle": handle,
        "domain": DOMAIN,
        "state": change.state,
        "lastState": change.last_state,
        "orderId": change.order_id,
        "lastChange": stamp(change.last_change),
        "currentChange": stamp(change.current_change),
    }


def stateless(change: Change) -> Change:
    """Return the change as it is announced when its state is not known."""
    return replace(change, state=None)
