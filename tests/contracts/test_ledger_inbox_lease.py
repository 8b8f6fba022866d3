"""The lease of recording is shorter than the others: a second drain of the inbox does no harm, a dead one would."""

import pytest

from tests.contracts.samples import taken
from tests.contracts.worlds import RedisWorld, World
from worker.ports import Drain, Ledger


def left(world: World) -> int:
    """Return how long the inbox is held yet, as a sweep sees it."""
    ((backlog,), _) = world.fleet().backlogs(["acme"])
    return backlog.inbox_lease_ms


def test_the_inbox_is_held_for_five_seconds_the_others_for_thirty(ledger: Ledger) -> None:
    """As the holder reckons it."""
    inbox = taken(ledger, Drain.INBOX)
    assert inbox.outlives(4)
    assert not inbox.outlives(5)
    for drain in (Drain.PICKUPS, Drain.LEARN):
        lease = taken(ledger, drain)
        assert lease.outlives(25)
        assert not lease.outlives(30)


def test_a_renewed_inbox_is_held_for_five_seconds_more(redis_world: RedisWorld) -> None:
    """As the server keeps it: neither the length of the others, nor more with each renewal."""
    raw, key = redis_world.raw, redis_world.keys("lease:inbox")
    lease = taken(redis_world.ledger(), Drain.INBOX)
    assert 4_000 < raw.pttl(key) <= 5_000
    raw.pexpire(key, 1_000)
    for _ in range(3):
        assert lease.renew()
    assert 4_000 < raw.pttl(key) <= 5_000
    assert lease.outlives(4)
    taken(redis_world.ledger(), Drain.PICKUPS)
    assert 25_000 < raw.pttl(redis_world.keys("lease:pickups")) <= 30_000


def test_the_inbox_of_a_drain_that_died_is_free_before_the_others(world: World) -> None:
    """Each kind by its own length."""
    ledger = world.ledger(inbox_lease_ms=20)
    dead, alive = taken(ledger, Drain.INBOX), taken(ledger, Drain.PICKUPS)
    world.eventually(lambda: ledger.lease(Drain.INBOX))
    assert not dead.renew()
    assert alive.renew()
    assert ledger.lease(Drain.PICKUPS) is None


def test_a_sweep_sees_how_long_the_inbox_is_held_yet(world: World) -> None:
    """Of its own lease: what the other drains do is nothing to it."""
    ledger = world.ledger()
    taken(ledger, Drain.PICKUPS)
    taken(ledger, Drain.LEARN)
    assert left(world) == 0
    lease = taken(ledger, Drain.INBOX)
    assert 4_000 < left(world) <= 5_000
    lease.release()
    assert left(world) == 0


def test_a_lease_that_ran_out_holds_for_no_time(world: World) -> None:
    """Never less than none, whoever asks when."""
    taken(world.ledger(inbox_lease_ms=20), Drain.INBOX)
    world.eventually(lambda: left(world) == 0)


@pytest.mark.parametrize("lasts", ["no end", "nothing"])
def test_a_lease_key_without_an_end_is_no_delay(redis_world: RedisWorld, lasts: str) -> None:
    """A server says -1 and -2 where there is no time left to tell."""
    if lasts == "no end":
        redis_world.raw.set(redis_world.keys("lease:inbox"), "somebody")
    assert left(redis_world) == 0
