import pytest
from redis import Redis

from tests.contracts.samples import taken
from tests.contracts.worlds import MemoryWorld, RedisWorld, World, fake_world
from worker.adapters.redis_ledger.lease import RedisLease, boottime
from worker.adapters.redis_ledger.scripts import Scripts
from worker.ports import Drain, Ledger


def test_one_worker_at_a_time_has_a_drain(ledger: Ledger) -> None:
    """Who comes second goes away, until the first gives it back."""
    lease = taken(ledger)
    assert ledger.lease(Drain.PICKUPS) is None
    lease.release()
    assert taken(ledger).token != lease.token


def test_drains_and_stores_do_not_wait_for_each_other(world: World) -> None:
    """Each drain of each store has a lease of its own."""
    fleet = world.fleet()
    for store in ("acme", "beta"):
        for drain in Drain:
            taken(fleet.ledger(store), drain)


def test_a_lease_ends_by_itself(world: World) -> None:
    """The drain of a worker that died is free again, and the dead one's renewal comes too late."""
    ledger = world.ledger(lease_ms=20)
    dead = taken(ledger)
    world.eventually(lambda: ledger.lease(Drain.PICKUPS))
    assert not dead.renew()
    assert not dead.outlives(0)


def test_a_lease_that_ran_out_is_not_renewed(world: World) -> None:
    """Even where nobody else took it: somebody may have had it in between."""
    ledger = world.ledger(lease_ms=20)
    lease = taken(ledger)
    ends = ledger.now() + 21
    world.eventually(lambda: ledger.now() > ends)
    assert not lease.renew()
    assert ledger.lease(Drain.PICKUPS) is not None


def test_a_renewed_lease_goes_on(redis_world: RedisWorld) -> None:
    """Renewing in time gives the lease its whole length again."""
    raw, key = redis_world.raw, redis_world.keys("lease:pickups")
    lease = taken(redis_world.ledger())
    raw.pexpire(key, 10_000)
    assert lease.renew()
    assert 10_000 < raw.pttl(key) <= 30_000


def test_a_lease_in_memory_goes_on_when_renewed() -> None:
    """The fake renews like a server."""
    world = MemoryWorld()
    ledger = world.ledger()
    lease = taken(ledger)
    for _ in range(3):
        world.memory.clock.advance(29_999)
        assert lease.renew()
    assert ledger.lease(Drain.PICKUPS) is None


def test_a_stranger_cannot_give_a_lease_back(world: World) -> None:
    """A worker that slept through its lease does not end its successor's."""
    ledger = world.ledger(lease_ms=20)
    slept = taken(ledger)
    successor = world.ledger()
    world.eventually(lambda: successor.lease(Drain.PICKUPS))
    slept.release()
    assert successor.lease(Drain.PICKUPS) is None


def test_a_lease_can_be_given_back_twice(ledger: Ledger) -> None:
    """The second time changes nothing."""
    lease = taken(ledger)
    lease.release()
    lease.release()
    assert ledger.lease(Drain.PICKUPS) is not None


def test_a_lease_says_how_long_it_surely_lasts(ledger: Ledger) -> None:
    """Within its thirty seconds it lasts; beyond, or once it was given back, it does not."""
    lease = taken(ledger)
    assert lease.outlives(25)
    assert not lease.outlives(30)
    lease.release()
    assert not lease.outlives(0)


class SlowScripts(Scripts):
    """A server that takes seconds to answer, on a clock of its own."""

    def __init__(self, client: "Redis") -> None:
        super().__init__(client)
        self.clock = 100.0
        self.takes = 5.0

    def call(self, name: str, keys: list[str], args: list[str | int]) -> object:
        answer = super().call(name, keys, args)
        self.clock += self.takes
        return answer


@pytest.mark.parametrize("again", [False, True], ids=["taken", "renewed"])
def test_a_lease_is_reckoned_from_before_its_command(again: bool) -> None:  # noqa: FBT001 - a parameter
    """However slow the answer, we never believe in a lease that the server has ended."""
    world = fake_world()
    scripts = SlowScripts(world.client())
    lease = RedisLease(scripts, world.keys, Drain.PICKUPS, 30_000, lambda: scripts.clock)
    assert lease.take()
    if again:
        scripts.clock += 10
        assert lease.renew()
    assert lease.outlives(24.9)
    assert not lease.outlives(25)
    scripts.clock += 20
    assert lease.outlives(4.9)
    assert not lease.outlives(5)
    world.close()


def test_a_lease_that_another_holds_lasts_no_time() -> None:
    """A refused renewal ends what was believed before."""
    world = fake_world()
    first, second = (
        RedisLease(Scripts(world.client()), world.keys, Drain.PICKUPS, 30_000, lambda: 0.0) for _ in range(2)
    )
    assert first.take()
    assert not second.take()
    assert not second.outlives(0)
    world.raw.set(first.key, "another's")
    assert not first.renew()
    assert not first.outlives(0)
    world.close()


def test_the_clock_of_leases_goes_on() -> None:
    """It counts up in seconds."""
    before = boottime()
    assert 0 <= boottime() - before < 60


def test_a_hint_is_claimed_by_one(world: World) -> None:
    """While a hint is on its way nobody sends another; a drain that begins lets the next one be sent."""
    ledger = world.ledger()
    assert ledger.hint(Drain.INBOX)
    assert not ledger.hint(Drain.INBOX)
    assert ledger.hint(Drain.PICKUPS)
    ledger.clear_hint(Drain.INBOX)
    assert ledger.hint(Drain.INBOX)
    assert not ledger.hint(Drain.PICKUPS)


def test_a_hint_that_got_lost_is_sent_again(world: World) -> None:
    """The right to hint comes back by itself."""
    ledger = world.ledger(hint_ms=20)
    assert ledger.hint(Drain.INBOX)
    world.eventually(lambda: ledger.hint(Drain.INBOX))


def test_what_helps_a_drain_along_ends_by_itself(redis_world: RedisWorld) -> None:
    """A worker that dies leaves no lease, hint, back-off or half-read list for ever."""
    ledger, raw, keys = redis_world.ledger(), redis_world.raw, redis_world.keys
    ledger.lease(Drain.INBOX)
    ledger.hint(Drain.INBOX)
    ledger.back_off(Drain.INBOX, "token", 1, 60_000, "down")
    for name, most in (("lease:inbox", 5_000), ("hint:inbox", 10_000), ("backoff:inbox", 3_660_000)):
        assert 0 < raw.pttl(keys(name)) <= most
