"""The ledger in memory as the doors meet it: slow, full, refusing, and counting its round trips."""

from collections.abc import Callable, Mapping, Sequence
from threading import Event as Signal

from tests.fakes.memory_ledger import MemoryFleet
from worker.domain.events import Event
from worker.ports import Unreadable, Untaken


class DoorFleet(MemoryFleet):
    """`writes` are the round trips that put events in; `trouble` may raise before one; `hold` stops them all."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[dict[str, list[str]]] = []
        self.trouble: Callable[[Mapping[str, Sequence[Event]]], None] = lambda _: None
        self.goes_on = Signal()
        self.goes_on.set()

    def hold(self) -> None:
        self.goes_on.clear()

    def release(self) -> None:
        self.goes_on.set()

    def append(self, events: Mapping[str, Sequence[Event]]) -> dict[str, Untaken]:
        assert self.goes_on.wait(20), "nobody released the fleet"
        self.trouble(events)
        self.writes.append({store: [event.order_id for event in new] for store, new in events.items()})
        return super().append(events)

    def inbox(self, store: str) -> list[Event]:
        """Return the events of a store's inbox."""
        _, entries = self.ledger(store).exchange([], [], 100_000)
        return [entry.event for entry in entries if not isinstance(entry.event, Unreadable)]

    def rejected(self, store: str) -> list[tuple[str, str]]:
        """Return what a store rejected, oldest first: body and reason."""
        return [(row.body, row.reason) for row in reversed(self.ledger(store).rejected(100_000))]
