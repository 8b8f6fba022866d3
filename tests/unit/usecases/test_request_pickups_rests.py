"""A drain whose counterparty is in trouble rests: one back-off a drain (design, 4, 7 and "Retry")."""

from collections.abc import Callable

import pytest

from tests.fakes.fake_skyhub import Step
from tests.unit.domain.builders import SECOND
from tests.unit.usecases.world import BEARER, TimedWorld
from worker.domain.confirmation import Unclear
from worker.ports import Drain, TransientError
from worker.usecases.store_trouble import Rest

DOWN = TransientError("SkyHub answered 503")


def test_trouble_with_the_requested_ones_keeps_no_certain_order_waiting(timed: TimedWorld) -> None:
    """What is certain and listed goes out; the uncertain wait, the drain rests, the reading goes on where it was."""
    timed.ready("1")
    timed.skyhub.script.append(Step(Unclear("timed out")))
    timed.pickups()
    timed.advance(70)
    timed.ready("2")
    timed.skyhub.faults["true:1"] = DOWN
    assert timed.pickups().rest == Rest(BEARER, SECOND)
    assert timed.requests("1", "2") == [0, 1]
    timed.skyhub.faults.clear()
    timed.advance(1)
    timed.pickups()
    assert timed.requests("1", "2") == [1, 1]


@pytest.mark.parametrize("page", ["false:1", "false:2"])
def test_a_list_that_breaks_off_confirms_nothing(timed: TimedWorld, page: str) -> None:
    """A cut list must not pass for a whole one: the drain rests and reads it anew."""
    timed.ready("1")
    timed.skyhub.script.append(Step(Unclear("timed out")))
    timed.pickups()
    timed.advance(70)
    timed.ready("2")
    timed.skyhub.faults[page] = DOWN
    sent = len(timed.skyhub.sent)
    assert timed.pickups().rest == Rest(BEARER, SECOND)
    assert len(timed.skyhub.sent) == sent
    timed.skyhub.faults.clear()
    timed.advance(1)
    timed.pickups()
    assert timed.requests("1", "2") == [1, 1]


def resting(timed: TimedWorld) -> None:
    """Let the drain rest for ten seconds."""
    timed.ready("1")
    timed.skyhub.faults["false:1"] = TransientError("SkyHub answered 429", retry_after=10.0)
    assert timed.pickups().rest == Rest(BEARER, 10 * SECOND)
    timed.skyhub.faults.clear()
    timed.skyhub.read.clear()


def test_whoever_comes_first_after_a_rest_takes_the_chain_over(timed: TimedWorld) -> None:
    """If it fails again the rest is announced to it, and the former bearer ends: never two chains."""
    resting(timed)
    timed.advance(10)
    timed.skyhub.faults["false:1"] = DOWN
    assert timed.pickups("newcomer").rest == Rest("newcomer", SECOND)
    assert timed.pickups(BEARER).rest is None


def test_the_other_drains_rest_is_not_this_ones(timed: TimedWorld) -> None:
    """Learning that rests does not keep pickups from being requested."""
    timed.ready("1")
    timed.plain.back_off(Drain.LEARN, "x", 1, 60 * SECOND, "down")
    assert timed.pickups().confirmed == 1


@pytest.mark.parametrize(
    "blocked",
    [
        lambda timed: timed.pause(),
        lambda timed: timed.pause("service", probe_in=1),
        lambda timed: timed.plain.back_off(Drain.PICKUPS, "x", 1, 1, "down"),
        lambda timed: timed.plain.lease(Drain.PICKUPS),
    ],
)
def test_a_run_that_may_not_call_does_not_ask_for_another(
    timed: TimedWorld, blocked: Callable[[TimedWorld], object]
) -> None:
    """Due orders in a store that is paused, rests or is being worked on wait for the sweep, not in a hot loop."""
    timed.ready("1")
    blocked(timed)
    done = timed.pickups("other")
    assert (done.drains, done.rest, timed.skyhub.read) == (set(), None, [])
