"""A server whose clock was set back: what was claimed by its old time ends in time, not an hour later."""

from tests.contracts.worlds import RedisWorld
from worker.adapters.redis_ledger.keys import NO_STORE, Keys
from worker.ports import Drain

# What is left of a key that expires at a moment by the old clock.
_HOUR = 3_600_000


def test_sweeps_go_on(redis_world: RedisWorld) -> None:
    """Else no inbox would be found until the clock has caught up."""
    fleet = redis_world.fleet()
    assert fleet.may_sweep(5_000)
    assert not fleet.may_sweep(5_000)
    redis_world.raw.pexpire(Keys(NO_STORE)("hint:sweep"), _HOUR)
    assert fleet.may_sweep(5_000)
    assert not fleet.may_sweep(5_000)


def test_what_runs_by_the_clock_goes_on(redis_world: RedisWorld) -> None:
    """The feed is polled, and reconcile looks."""
    fleet = redis_world.fleet()
    assert fleet.turns(["acme"], Drain.FEED, 60_000) == ["acme"]
    redis_world.raw.pexpire(redis_world.keys(f"turn:{Drain.FEED}"), _HOUR)
    assert fleet.turns(["acme"], Drain.FEED, 60_000) == ["acme"]
    assert fleet.turns(["acme"], Drain.FEED, 60_000) == []


def test_a_lease_of_one_that_died_ends(redis_world: RedisWorld) -> None:
    """In as long as it is taken for, counted from whoever finds it; a sweep's hint does not wait any longer."""
    ledger = redis_world.ledger(lease_ms=40, inbox_lease_ms=40)
    key = redis_world.keys("lease:inbox")
    assert ledger.lease(Drain.INBOX) is not None
    redis_world.raw.pexpire(key, _HOUR)
    assert [each.inbox_lease_ms for each in redis_world.fleet().backlogs(["acme"])[0]] == [5_000]
    assert ledger.lease(Drain.INBOX) is None
    assert redis_world.raw.pttl(key) <= 40
    redis_world.eventually(lambda: ledger.lease(Drain.INBOX))

    assert ledger.begin(Drain.PICKUPS)[1] is not None
    redis_world.raw.pexpire(redis_world.keys("lease:pickups"), _HOUR)
    assert ledger.begin(Drain.PICKUPS)[1] is None
    redis_world.eventually(lambda: ledger.begin(Drain.PICKUPS)[1])


def test_a_lease_is_never_made_longer_by_who_finds_it_taken(redis_world: RedisWorld) -> None:
    """What lasts no longer than it should is left alone."""
    ledger, key = redis_world.ledger(), redis_world.keys("lease:pickups")
    assert ledger.begin(Drain.PICKUPS)[1] is not None
    redis_world.raw.pexpire(key, 9_000)
    assert ledger.lease(Drain.PICKUPS) is None
    assert ledger.begin(Drain.PICKUPS)[1] is None
    assert redis_world.raw.pttl(key) <= 9_000
