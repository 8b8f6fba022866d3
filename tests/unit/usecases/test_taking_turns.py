"""What every drain keeps to: one run at a time, no step without its lease, nothing unsaid at its end, pauses, rests."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from tests.fakes.memory_drains import MemoryLease
from tests.unit.domain.builders import NOW, SECOND
from tests.unit.usecases.situations import MANY, ids, listed, unknown
from tests.unit.usecases.world import BEARER, TimedWorld, World, announcement, event, order_id
from worker.ports import Drain, FeedEntry
from worker.usecases.store_trouble import Rest


@dataclass(frozen=True, slots=True)
class Job:
    """A drain: how an order becomes work for it, how it runs, and what its runs did: whom they asked, or recorded."""

    drain: Drain
    prepare: Callable[[World, str], object]
    run: Callable[..., Any]
    did: Callable[[World], Sequence[str]]


def to_record(world: World, code: str) -> None:
    """Let an event wait in the inbox."""
    world.ledger.append([event(code)])


def to_reread(world: World, code: str) -> None:
    """Let an order wish to be read."""
    world.with_oms()
    world.hear(announcement(code))


def to_poll(world: World, code: str) -> None:
    """Let an event wait in the feed."""
    world.with_oms()
    world.oms.queue.append(FeedEntry(f"handle {code}", order_id(code), "invoiced", NOW))


INBOX = Job(Drain.INBOX, to_record, lambda world: world.drain(batch=1), lambda world: ids(world.ledger))
PICKUPS = Job(Drain.PICKUPS, World.ready, World.pickups, lambda world: world.skyhub.read)
LEARN = Job(Drain.LEARN, unknown, World.learn, lambda world: world.skyhub.read)
REREAD = Job(Drain.REREAD, to_reread, World.reread, lambda world: world.oms.read)
FEED = Job(Drain.FEED, to_poll, World.poll, lambda world: world.oms.read)
RECONCILE = Job(Drain.RECONCILE, listed, World.reconcile, lambda world: world.skyhub.read)


def of(*jobs: Job) -> pytest.MarkDecorator:
    """Say of which drains a promise holds."""
    return pytest.mark.parametrize("job", jobs, ids=[job.drain for job in jobs])


@of(INBOX, PICKUPS, LEARN, REREAD, FEED, RECONCILE)
def test_a_run_that_finds_another_at_work_leaves_everything_to_it(world: World, job: Job) -> None:
    """A message that comes twice does nothing; its hint is deleted all the same, so that a later one can be sent."""
    job.prepare(world, "1")
    world.ledger.hint(job.drain)
    lease = world.ledger.lease(job.drain)
    assert lease is not None
    done = job.run(world)
    assert (done, job.did(world)) == (type(done)(), [])
    assert world.ledger.hint(job.drain)
    lease.release()
    job.run(world)
    assert job.did(world) != []


@of(INBOX, LEARN, REREAD)  # pickups give the lease back only where nothing is due; the others come by the clock
def test_what_comes_as_a_run_ends_is_announced(timed: TimedWorld, job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked after the lease is free: the hint that found the drain taken was not sent in vain."""
    job.prepare(timed, "1")
    release = MemoryLease.release

    def one_more_comes(lease: MemoryLease) -> None:
        job.prepare(timed, "2")
        release(lease)

    monkeypatch.setattr(MemoryLease, "release", one_more_comes)
    assert job.drain in job.run(timed).drains


@of(INBOX, PICKUPS, LEARN, REREAD, FEED, RECONCILE)
def test_a_run_whose_lease_went_to_another_stops(timed: TimedWorld, job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two beside each other would do everything twice: it takes no further step."""
    for code in MANY:
        job.prepare(timed, code)
    renew, renewed, did = MemoryLease.renew, iter([True]), []

    def overslept(lease: MemoryLease) -> bool:
        if not next(renewed, False):
            timed.advance(31)
            assert timed.plain.lease(job.drain) is not None
            did.append(list(job.did(timed)))
        return renew(lease)

    monkeypatch.setattr(MemoryLease, "renew", overslept)
    monkeypatch.setattr(MemoryLease, "outlives", lambda *_: False)  # it is prolonged at every step
    job.run(timed)
    assert did == [job.did(timed)]


@of(PICKUPS, LEARN, RECONCILE)
def test_a_paused_store_calls_skyhub_for_nothing(world: World, job: Job) -> None:
    """And leaves no hot loop: the run asks for no other."""
    job.prepare(world, "1")
    world.pause()
    done = job.run(world)
    assert (done, job.did(world)) == (type(done)(), [])


@of(INBOX, REREAD, FEED)
def test_a_pause_stops_nothing_else(world: World, job: Job) -> None:
    """Events are recorded, and the OMS is read."""
    job.prepare(world, "1")
    world.pause()
    job.run(world)
    assert job.did(world) != []


@of(PICKUPS, LEARN, REREAD, FEED, RECONCILE)  # the inbox has nobody to wait for
def test_while_a_drain_rests_only_its_bearer_comes_back(timed: TimedWorld, job: Job) -> None:
    """For what is left of the rest; others call nothing and ask for nothing: a store has one retry chain a drain."""
    job.prepare(timed, "1")
    timed.plain.back_off(job.drain, BEARER, 1, 10 * SECOND, "down")
    timed.advance(4)
    other = job.run(timed, "other")
    assert other == type(other)()
    assert job.run(timed, BEARER).rest == Rest(BEARER, 6 * SECOND)
    assert job.did(timed) == []
    timed.advance(6)
    assert job.run(timed, BEARER).rest is None
    assert job.did(timed) != []
