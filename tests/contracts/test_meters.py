"""The counts in Redis: what is added, and what is read for the metrics."""

import pytest

from tests.contracts.samples import canceled, keep, order, taken, unreadable
from tests.contracts.worlds import STORE, RedisWorld
from worker.adapters.redis_ledger import RedisMeters
from worker.domain.order import At, In, Status
from worker.ports import OPERATOR, Counts, Drain, Meters, Pause

FIELDS = {"door:hook:accepted": 2, "call:order:2xx": 1}


@pytest.fixture
def meters(redis_world: RedisWorld) -> Meters:
    """Open the counts on every engine that runs the scripts."""
    return RedisMeters(redis_world.client())


def test_what_a_process_counted_is_added_once(redis_world: RedisWorld, meters: Meters) -> None:
    """By its id: a repeated call changes nothing, the next one adds."""
    first = Counts("first", FIELDS)
    assert meters.count({STORE: first, "": Counts("first", {"drain:feed:done": 3})}) == {STORE, ""}
    assert meters.count({STORE: first}) == {STORE}
    assert redis_world.counters() == FIELDS
    meters.count({STORE: Counts("second", FIELDS)})
    assert redis_world.counters()["door:hook:accepted"] == 4
    shared = meters.read([]).shared
    assert shared is not None
    assert shared.counters == {"drain:feed:done": 3}
    assert 0 < redis_world.raw.pttl(redis_world.keys("counted:first")) <= 3_600_000


def test_nothing_is_asked_where_nothing_was_counted(meters: Meters) -> None:
    """Which is how most seconds pass."""
    assert meters.count({}) == set()


def test_a_stores_figures_are_read(redis_world: RedisWorld, meters: Meters) -> None:
    """What it holds, what it counted, and who paused it; a store that holds nothing has zeros."""
    ledger = redis_world.ledger()
    keep(ledger, order("a", Status.DUE, at=At(7)), order("b", Status.DUE, at=At(9)), order("c"))
    ledger.append([canceled(), canceled()])
    ledger.reject([unreadable()])
    ledger.pause(Pause(), OPERATOR, "holidays", 0, 0)
    reading = meters.read([STORE, "empty"])
    acme, empty = reading.stores
    assert (acme.store, acme.inbox, acme.rejected, acme.oldest_due) == (STORE, 2, 1, 7)
    assert (acme.orders[Status.DUE], acme.orders[Status.WAITING], acme.orders[Status.FAILED]) == (2, 1, 0)
    assert (acme.pause.active, acme.pause.by) == (True, OPERATOR)
    assert acme.counters["entered:due"] == 2
    assert (empty.store, empty.inbox, empty.oldest_due, empty.counters) == ("empty", 0, None, {})
    assert not empty.holds_anything
    assert abs(reading.now - ledger.now()) < 10_000


def test_a_store_that_was_taken_out_is_read_while_it_holds_something(redis_world: RedisWorld, meters: Meters) -> None:
    """Its orders are still there for somebody to see."""
    redis_world.fleet().remember([STORE, "gone", "empty"])
    keep(redis_world.fleet().ledger("gone"), order("a", Status.SKIPPED, at=In(0)))
    assert [figures.store for figures in meters.read([STORE]).stores] == [STORE, "gone"]


def test_what_a_store_counted_is_read_when_it_holds_nothing_any_more(redis_world: RedisWorld, meters: Meters) -> None:
    """Sums over all stores would go back by it, which Prometheus takes for a start from zero."""
    redis_world.fleet().remember([STORE, "gone"])
    meters.count({"gone": Counts("first", FIELDS)})
    (gone,) = meters.read([STORE]).past
    assert (gone.store, gone.counters) == ("gone", FIELDS)


def test_the_end_of_a_sweep_is_noted(redis_world: RedisWorld, meters: Meters) -> None:
    """By the clock of Redis; before the first one there is none."""
    assert meters.read([]).swept_at is None
    meters.swept()
    first = meters.read([]).swept_at
    assert first is not None
    redis_world.eventually(lambda: meters.read([]).now > first)
    meters.swept()
    reading = meters.read([])
    assert first < (reading.swept_at or 0) <= reading.now


WORK = [(STORE, drain) for drain in (Drain.INBOX, Drain.PICKUPS, Drain.LEARN, Drain.REREAD)]


def _all_wait(redis_world: RedisWorld) -> None:
    ledger = redis_world.ledger()
    redis_world.raw.xadd(redis_world.keys("inbox"), {"e": "{}"}, id="5-0")
    keep(ledger, order("a", Status.DUE, at=At(5)), order("b", learn_at=At(5), reread_at=At(5)))


def test_work_that_nobody_was_told_of_is_found(redis_world: RedisWorld, meters: Meters) -> None:
    """Work of every kind that has waited for longer than the given time."""
    _all_wait(redis_world)
    assert meters.forgotten([*WORK, ("other", Drain.INBOX)], 1_000) == WORK
    assert meters.forgotten(WORK, meters.read([]).now + 3_600_000) == []


@pytest.mark.parametrize("drain", [drain for _, drain in WORK])
def test_work_that_is_announced_or_under_way_is_not_forgotten(
    redis_world: RedisWorld, meters: Meters, drain: Drain
) -> None:
    """A hint on its way, or a drain that holds the lease, will see to it."""
    _all_wait(redis_world)
    ledger = redis_world.ledger()
    assert ledger.hint(drain)
    assert meters.forgotten([(STORE, drain)], 1_000) == []
    ledger.clear_hint(drain)
    assert meters.forgotten([(STORE, drain)], 1_000) == [(STORE, drain)]
    lease = taken(ledger, drain)
    assert meters.forgotten([(STORE, drain)], 1_000) == []
    lease.release()
    assert meters.forgotten([(STORE, drain)], 1_000) == [(STORE, drain)]
