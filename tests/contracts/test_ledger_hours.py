"""What happened hour by hour, counted inside the save that does it."""

from tests.contracts.samples import keep, order
from tests.contracts.worlds import MemoryWorld, RedisWorld, World
from worker.domain.activity import HOUR, HOURS_KEPT, Hour
from worker.domain.order import Status
from worker.ports import Change, Ledger, Lost, Saved

WEEK = 7 * 24


def _total(ledger: Ledger) -> Hour:
    """Return what all hours count: a test may run past the end of one."""
    hours = ledger.hours().values()
    return Hour(sum(hour.invoices for hour in hours), sum(hour.requested for hour in hours))


def test_invoices_and_pickups_are_counted_in_the_hour_of_their_save(world: World) -> None:
    """However many orders one save is about, by the server's clock."""
    ledger = world.ledger()
    before = ledger.now() // HOUR
    saved = [
        Change(order=order("a"), version=0, invoices=2),
        Change(order=order("b", Status.REQUESTED), version=0, invoices=1),
        Change(order=order("c", Status.REQUESTED), version=0),
        Change(order=order("d", Status.SKIPPED), version=0),
    ]
    assert ledger.save(saved) == [Saved(1)] * 4
    assert before <= min(ledger.hours()) <= max(ledger.hours()) <= ledger.now() // HOUR
    assert _total(ledger) == Hour(3, 2)


def test_a_pickup_is_counted_as_its_order_becomes_requested(world: World) -> None:
    """Not with a later save of it; in the next round once more. An invoice counts in whatever status it comes."""
    ledger = world.ledger()
    done = order("a", Status.REQUESTED)
    keep(ledger, done)
    assert ledger.save([Change(order=done, version=1, invoices=1)]) == [Saved(2)]
    assert _total(ledger) == Hour(1, 1)
    keep(ledger, order("a", Status.DUE, round=2), version=2)
    keep(ledger, done, version=3)
    assert _total(ledger) == Hour(1, 2)


def test_what_is_not_saved_is_not_counted(world: World) -> None:
    """The writer that was slower decides anew, and counts then."""
    ledger = world.ledger()
    keep(ledger, order("a"))
    assert ledger.save([Change(order=order("a", Status.REQUESTED), version=0, invoices=1)]) == [Lost()]
    assert ledger.hours() == {}


def test_the_first_count_of_an_hour_forgets_the_oldest_hours(redis_world: RedisWorld) -> None:
    """Eight days stay, the running hour included, and all of it ends eight days after the last count."""
    ledger, key = redis_world.ledger(), redis_world.keys("hours")
    running = ledger.now() // HOUR
    ages = (0, 1, WEEK, HOURS_KEPT - 2, HOURS_KEPT + 1, 10 * WEEK)
    redis_world.raw.hset(key, mapping={f"{running - age}:requested": age + 1 for age in ages})
    assert ledger.save([Change(order=order("a"), version=0, invoices=1)]) == [Saved(1)]
    kept = {running - age: age + 1 for age in ages if age < HOURS_KEPT}
    assert {hour: found.requested for hour, found in ledger.hours().items() if found.requested} == kept
    assert (HOURS_KEPT - 1) * HOUR < redis_world.raw.pttl(key) <= HOURS_KEPT * HOUR


def test_later_counts_of_an_hour_only_add(redis_world: RedisWorld) -> None:
    """Thousands of saves an hour look through the hours once."""
    ledger, key = redis_world.ledger(), redis_world.keys("hours")
    running = ledger.now() // HOUR
    counted = {f"{hour}:invoices": 5 for hour in (running, running + 1)}
    redis_world.raw.hset(key, mapping={**counted, "1:invoices": 1})
    assert ledger.save([Change(order=order("a"), version=0, invoices=2)]) == [Saved(1)]
    assert 1 in ledger.hours()
    assert _total(ledger).invoices == 13


def test_hours_without_anything_are_left_out(world: World) -> None:
    """An order that was opened says nothing of invoices and pickups."""
    keep(world.ledger(), order("a"), order("b", Status.DUE))
    assert world.ledger().hours() == {}


def test_the_oldest_hours_fall_out_of_memory_too() -> None:
    """The fake forgets like a server."""
    world = MemoryWorld()
    ledger = world.ledger()
    for name in ("a", "b", "c"):
        keep(ledger, order(name, Status.REQUESTED))
        world.memory.clock.advance((HOURS_KEPT - 1) * HOUR)
    assert len(ledger.hours()) == 2
