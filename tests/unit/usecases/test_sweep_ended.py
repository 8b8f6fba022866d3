"""A sweep forgets ended orders in time, and looks at each store's once an hour."""

from tests.fakes.memory_ledger import MemoryFleet, MemoryLedger
from tests.unit.domain.builders import DAY, SECOND, canceled
from tests.unit.usecases.world import SWEEP_MS, TimedWorld, event, order_id
from worker.domain.order import Status
from worker.usecases.sweep import sweep


def test_ended_orders_are_forgotten_in_time(timed: TimedWorld) -> None:
    """Ninety days after their end their index lines go, within an hour of sweeps; open orders stay."""
    timed.hear(event("1", ordered={"a": 2}), canceled(order_id=order_id("1")), event("2", ordered={"a": 2}))
    timed.advance(90 * DAY / SECOND - 3600)
    timed.sweeps(3600)
    assert timed.plain.order_ids(Status.CANCELED, 0, 9) == [order_id("1")]
    timed.sweeps(3610)
    assert timed.plain.order_ids(Status.CANCELED, 0, 9) == []
    assert timed.plain.order_ids(Status.WAITING, 0, 9) == [order_id("2")]


class CountingFleet(MemoryFleet):
    """Counts how often ended orders were looked at."""

    looks = 0

    def ledger(self, store: str) -> MemoryLedger:
        ledger = CountedLedger(store, self.clock, self.limits, self.lock, self.server)
        ledger.fleet = self
        return ledger


class CountedLedger(MemoryLedger):
    """Tells its fleet of each look."""

    fleet: CountingFleet

    def retire(self, older_than_ms: int) -> int:
        self.fleet.looks += 1
        return super().retire(older_than_ms)


def test_an_hour_of_sweeps_looks_once_at_a_stores_ended_orders() -> None:
    """Each store at its own moment of the hour, so that many stores are not looked at in one sweep."""
    fleet = CountingFleet()
    stores = [f"store{number}" for number in range(5)]
    moments = []
    for _ in range(360):
        before = fleet.looks
        sweep(fleet, stores, lambda *_: None, sweep_ms=SWEEP_MS, retention_ms=DAY)
        moments.append(fleet.looks - before)
        fleet.clock.advance(SWEEP_MS)
    assert sum(moments) == len(stores)
