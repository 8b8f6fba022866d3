"""A store in trouble: pauses, and the probes that end them (design, 4 and "Retry")."""

from dataclasses import replace

import pytest

from tests.fakes.fake_skyhub import During, Step
from tests.unit.usecases.world import TimedWorld, World
from worker.domain.confirmation import Cause, NoEffect
from worker.domain.order import Status
from worker.ports import PermanentError, TransientError

FORBIDDEN = Step(NoEffect(Cause.FORBIDDEN, "SkyHub answered 403"))
DOWN = TransientError("SkyHub answered 503")
CLOSED = PermanentError("SkyHub answered 401")


def forbidden(timed: TimedWorld) -> None:
    """Let the store pause itself over an order that is ready."""
    timed.ready("1")
    timed.skyhub.script.append(FORBIDDEN)
    timed.pickups()
    assert timed.paused.active


def test_an_operators_pause_stops_every_call(world: World) -> None:
    """Nothing is read, nothing sent, and nothing asks to be called again at once; it ends by the operator."""
    world.ready("1")
    world.pause("operator")
    done = world.pickups()
    assert (world.skyhub.read, world.skyhub.sent) == ([], [])
    assert (done.drains, done.rest) == (set(), None)
    assert world.paused.by == "operator"
    world.resume()
    assert world.pickups().confirmed == 1


def test_a_pause_during_a_round_stops_the_next_claim(timed: TimedWorld) -> None:
    """What is on its way is settled; the batch after it is fenced off and sent nowhere."""
    timed.tuning = replace(timed.tuning, batch=1)
    timed.ready("1", "2", "3")
    timed.skyhub.during[During.SENT].append(timed.pause)
    done = timed.pickups()
    assert len(timed.skyhub.sent) == 2
    assert sorted(timed.statuses("1", "2", "3")) == [Status.DUE, Status.REQUESTED, Status.REQUESTED]
    assert (done.drains, done.rest) == (set(), None)


def test_the_service_does_not_take_an_operators_pause_over(timed: TimedWorld) -> None:
    """A 403 during a round that an operator paused leaves the operator's word: no probe will end it."""
    timed.ready("1")
    timed.skyhub.during[During.SENT].append(timed.pause)
    timed.skyhub.script.append(FORBIDDEN)
    timed.pickups()
    assert (timed.paused.by, timed.paused.reason, timed.paused.growth) == ("operator", "because", 0)
    timed.sweeps(3600)
    assert len(timed.skyhub.sent) == 1


def test_an_automatic_pause_calls_nothing_before_its_probe(timed: TimedWorld) -> None:
    """Sixty seconds of silence, then one read; if it works the round follows it."""
    forbidden(timed)
    timed.skyhub.read.clear()
    timed.advance(59)
    assert not timed.pickups().drains
    assert timed.skyhub.read == []
    timed.advance(1)
    assert timed.pickups().confirmed == 1
    assert timed.skyhub.read == ["false:1", "false:1", "false:2"]
    assert not timed.paused.active


@pytest.mark.parametrize("fault", [DOWN, CLOSED])
def test_a_probe_that_fails_prolongs_the_pause(timed: TimedWorld, fault: Exception) -> None:
    """From a minute growing to fifteen; one read each, whatever waits."""
    forbidden(timed)
    timed.skyhub.faults[""] = fault
    waits = []
    for _ in range(6):
        timed.skyhub.read.clear()
        timed.advance((timed.paused.probe_at - timed.now()) / 1000)
        done = timed.pickups()
        assert (timed.skyhub.read, done.drains, done.rest) == (["false:1"], set(), None)
        waits.append((timed.paused.probe_at - timed.now()) // 60_000)
    assert waits == [2, 4, 8, 15, 15, 15]
    timed.skyhub.faults.clear()
    timed.sweeps(16 * 60)
    assert timed.requests("1") == [1]


def test_a_probe_that_works_does_not_reset_the_pauses_growth(timed: TimedWorld) -> None:
    """A read that works proves nothing about the next confirmation: who is refused again pauses for longer."""
    forbidden(timed)
    waits = []
    for _ in range(5):
        timed.skyhub.script.append(FORBIDDEN)
        timed.advance((timed.paused.probe_at - timed.now()) / 1000)
        timed.pickups()
        waits.append((timed.paused.probe_at - timed.now()) // 60_000)
    assert waits == [2, 4, 8, 15, 15]


def test_only_a_successful_confirmation_resets_the_pauses_growth(timed: TimedWorld) -> None:
    """Not a round of reads: the first confirmation after it does."""
    forbidden(timed)
    timed.advance(60)
    del timed.skyhub.deliveries["1"]
    timed.pickups()
    assert (timed.paused.active, timed.paused.growth) == (False, 1)
    timed.skyhub.label("1")
    timed.advance(60)
    timed.pickups()
    assert (timed.statuses("1"), timed.paused.growth) == ([Status.REQUESTED], 0)


def test_a_success_does_not_end_a_pause_that_began_meanwhile(timed: TimedWorld) -> None:
    """An operator's pause during the call that succeeds stays."""
    forbidden(timed)
    timed.advance(60)
    timed.skyhub.during[During.SENT].append(timed.pause)
    timed.pickups()
    assert timed.statuses("1") == [Status.REQUESTED]
    assert (timed.paused.active, timed.paused.by) == (True, "operator")


def test_a_read_that_a_person_must_mend_pauses_the_store(timed: TimedWorld) -> None:
    """A 401 on the list is no reason to ask again every second."""
    timed.ready("1")
    timed.skyhub.faults["false:2"] = CLOSED
    assert timed.pickups().rest is None
    assert (timed.paused.active, timed.paused.by, timed.paused.reason) == (True, "service", "SkyHub answered 401")
    assert timed.skyhub.sent == []
