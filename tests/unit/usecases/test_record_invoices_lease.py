"""The lease of recording is short: a drain at work prolongs it in time, one that died is soon followed by another."""

import pytest

from tests.unit.usecases.situations import parts
from tests.unit.usecases.world import TimedWorld, event
from worker.domain.order import Status
from worker.ports import Drain
from worker.usecases.record_invoices import Recorded

LEASE_SECONDS = 5


@pytest.mark.parametrize("batch_seconds", [0.1, 1, 2.4])
def test_a_drain_at_work_is_never_without_its_lease(timed: TimedWorld, batch_seconds: float) -> None:
    """However long it takes in all: it prolongs the lease when half of it is gone, before the next batch."""
    timed.plain.append([event(str(number)) for number in range(60)])
    others: list[object] = []

    def slow() -> bool:
        timed.advance(batch_seconds)
        others.append(timed.plain.lease(Drain.INBOX))
        return False

    assert timed.drain(batch=1, stop=slow) == Recorded(events=60, due=60, drains={Drain.PICKUPS})
    assert others == [None] * 61  # a look before each save, and before the first reading


def test_a_drain_that_died_is_followed_by_another_after_five_seconds(timed: TimedWorld) -> None:
    """Not sooner: it may be alive. Nothing it had not saved is lost."""
    timed.plain.append(parts("1"))
    dead = timed.plain.lease(Drain.INBOX)
    assert dead is not None
    timed.advance(LEASE_SECONDS - 0.001)
    assert timed.drain() == Recorded()
    timed.advance(0.001)
    assert timed.drain() == Recorded(events=4, due=1, drains={Drain.PICKUPS})


def test_a_batch_slower_than_the_lease_does_no_harm(timed: TimedWorld) -> None:
    """Another drain took over in the middle of it: what both saved counts once, and the slow one ends."""
    timed.plain.append([*parts("1"), event("2")])
    followed: list[Recorded] = []

    def overslept() -> None:
        timed.advance(LEASE_SECONDS)
        followed.append(timed.drain())

    timed.raced.faster.append(overslept)
    slow = timed.drain()
    assert followed == [Recorded(events=5, due=2, drains={Drain.PICKUPS})]
    assert (slow.due, slow.drains) == (0, set())
    assert timed.statuses("1", "2") == [Status.DUE] * 2
    assert [len(timed.order(code).invoices) for code in "12"] == [3, 1]
    assert timed.plain.kept.inbox == {}
