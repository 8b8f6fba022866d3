"""The VTEX OMS in memory: a plain fake of `ports.Oms`, with accidents on demand."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from worker.domain.facts import OmsOrder
from worker.ports import FeedEntry


@dataclass
class FakeOms:
    """One store's account. `read` holds the ids that were asked for, and "feed"; `committed` the handles that were.

    `faults` are raised for an order id, for "feed" or for "commit"; each of `during` happens once, inside the next
    reading of an order. `endless` gives what was committed again and again.
    """

    orders: dict[str, OmsOrder] = field(default_factory=dict)
    queue: list[FeedEntry] = field(default_factory=list)
    read: list[str] = field(default_factory=list)
    committed: list[str] = field(default_factory=list)
    faults: dict[str, Exception] = field(default_factory=dict)
    during: list[Callable[[], object]] = field(default_factory=list)
    endless: bool = False

    def order(self, order_id: str) -> OmsOrder | None:
        self.read.append(order_id)
        found = self.orders.get(order_id)
        if self.during:
            self.during.pop()()
        self._check(order_id)
        return found

    def feed(self) -> tuple[FeedEntry, ...]:
        self.read.append("feed")
        self._check("feed")
        return tuple(self.queue[:10])

    def commit(self, handles: Sequence[str]) -> None:
        self._check("commit")
        self.committed += handles
        self.queue = [entry for entry in self.queue if self.endless or entry.handle not in handles]

    def _check(self, what: str) -> None:
        fault = self.faults.get(what) or self.faults.get("")
        if fault is not None:
            raise fault
