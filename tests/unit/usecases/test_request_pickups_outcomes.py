"""What each answer to a confirmation does to its orders and to the store (design, 4 and 7)."""

from dataclasses import replace

import pytest

from tests.fakes.fake_skyhub import UNCLEAR_WITHOUT_EFFECT, Step
from tests.unit.domain.builders import SECOND
from tests.unit.usecases.world import BEARER, TimedWorld, World
from worker.domain.confirmation import Cause, NoEffect, Outcome, Refused, Unclear, WrongCall
from worker.domain.order import Status
from worker.ports import Drain
from worker.usecases.store_trouble import Rest

THROTTLED = NoEffect(Cause.THROTTLED, "SkyHub answered 429")
UNREACHABLE = NoEffect(Cause.UNREACHABLE, "SkyHub: connect failed")
UNAUTHORIZED = NoEffect(Cause.UNAUTHORIZED, "SkyHub answered 401")
FORBIDDEN = NoEffect(Cause.FORBIDDEN, "SkyHub answered 403")
WRONG = WrongCall("SkyHub answered 404")
BROKEN = Unclear("SkyHub answered 500")


def ready_in_three_calls(world: World, first: Outcome) -> None:
    """Prepare three orders, each to be confirmed by a call of its own, of which the first is answered so."""
    world.tuning = replace(world.tuning, batch=1)
    world.ready("1", "2", "3")
    world.skyhub.script.append(Step(first))


@pytest.mark.parametrize("outcome", [THROTTLED, UNREACHABLE])
def test_a_confirmation_that_surely_had_no_effect_is_sent_again(timed: TimedWorld, outcome: Outcome) -> None:
    """The order is due again at once, certain, its attempts not burnt; the drain rests, and the last batch with it."""
    ready_in_three_calls(timed, outcome)
    done = timed.pickups()
    assert len(timed.skyhub.sent) == 2
    (tried,) = timed.skyhub.sent[0]
    order = timed.order(tried)
    assert (order.status, order.uncertain, order.attempts, order.failures) == (Status.DUE, False, 0, 0)
    assert (done.rest, done.drains) == (Rest(BEARER, SECOND), set())
    assert not timed.paused.active
    timed.advance(1)
    timed.pickups()
    assert timed.requests("1", "2", "3") == [1, 1, 1]


@pytest.mark.parametrize("outcome", [replace(THROTTLED, retry_after=90.0), Unclear("503", retry_after=90.0)])
def test_retry_after_is_honoured(timed: TimedWorld, outcome: Outcome) -> None:
    """No call leaves before the moment that SkyHub named, whoever asks for one."""
    ready_in_three_calls(timed, outcome)
    assert timed.pickups().rest == Rest(BEARER, 90 * SECOND)
    calls = len(timed.skyhub.read) + len(timed.skyhub.sent)
    timed.sweeps(89, every_ms=SECOND)
    assert len(timed.skyhub.read) + len(timed.skyhub.sent) == calls
    timed.sweeps(180)
    assert timed.requests("1", "2", "3") == [1, 1, 1]


def test_an_unclear_answer_leaves_its_orders_in_doubt(timed: TimedWorld) -> None:
    """It may have taken effect: nothing is sent again before the settling delay, and then only as the lists say."""
    ready_in_three_calls(timed, BROKEN)
    done = timed.pickups()
    (tried,) = timed.skyhub.sent[0]
    order = timed.order(tried)
    assert (order.status, order.uncertain, order.attempts, order.failures) == (Status.DUE, True, 1, 1)
    assert order.reason == "outcome not known: SkyHub answered 500"
    assert order.at.ms - timed.now() == 61 * SECOND
    assert done.rest == Rest(BEARER, SECOND)
    assert not timed.paused.active


@pytest.mark.parametrize("outcome", [UNAUTHORIZED, FORBIDDEN, WRONG])
def test_an_answer_that_a_person_must_mend_pauses_the_store(timed: TimedWorld, outcome: Outcome) -> None:
    """No call but that beside it; nobody's attempt is burnt; the pause says why and when it looks again."""
    ready_in_three_calls(timed, outcome)
    done = timed.pickups()
    assert len(timed.skyhub.sent) == 2
    (tried,) = timed.skyhub.sent[0]
    assert (timed.order(tried).status, timed.order(tried).attempts) == (Status.DUE, 0)
    pause = timed.paused
    assert (pause.active, pause.by, pause.growth) == (True, "service", 1)
    assert pause.reason.startswith("SkyHub answered 4")
    assert pause.probe_at - timed.now() == 60 * SECOND
    assert (done.rest, done.drains) == (None, set())


@pytest.mark.parametrize(("outcome", "doubt"), [(UNAUTHORIZED, False), (FORBIDDEN, False), (WRONG, True)])
def test_only_401_and_403_have_no_effect_for_sure(timed: TimedWorld, outcome: Outcome, doubt: bool) -> None:  # noqa: FBT001 - a case's data
    """A 404 proves that the call is wrong, not that nothing happened: its orders wait for the lists."""
    ready_in_three_calls(timed, outcome)
    timed.pickups()
    (tried,) = timed.skyhub.sent[0]
    assert timed.order(tried).uncertain is doubt


def test_a_refusal_stops_no_other_batch(world: World) -> None:
    """It is about its own orders: the store neither rests nor pauses."""
    ready_in_three_calls(world, Refused("pedido invalido"))
    done = world.pickups()
    assert len(world.skyhub.sent) == 3
    assert sorted(world.statuses("1", "2", "3")) == [Status.DUE, Status.REQUESTED, Status.REQUESTED]
    assert (done.rest, world.paused.active) == (None, False)


@pytest.mark.parametrize("lists", ["lists that agree", "taken ones in both lists"])
@pytest.mark.parametrize("effect", [True, False])
@pytest.mark.parametrize("outcome", [BROKEN, Refused("pedido invalido"), WRONG], ids=["unclear", "refused", "wrong"])
def test_what_may_have_taken_effect_is_requested_once(
    timed: TimedWorld,
    outcome: Outcome,
    effect: bool,  # noqa: FBT001 - a case's data
    lists: str,
) -> None:
    """Every answer but a clear success is an unknown outcome; the lists tell which, and nothing is sent twice."""
    timed.skyhub.sticky = lists == "taken ones in both lists"
    codes = [str(number) for number in range(1, 6)]
    timed.ready(*codes)
    timed.skyhub.script.append(Step(outcome, effect))
    timed.sweeps(600)
    assert set(timed.statuses(*codes)) == {Status.REQUESTED}
    assert timed.requests(*codes) == [1] * 5
    assert (timed.order("1").reason == "accepted by SkyHub") is not effect


def test_the_back_off_grows_with_each_failure_in_a_row_and_is_cleared_by_a_round_that_works(timed: TimedWorld) -> None:
    """One second, doubled to ten minutes; after a round that works the next failure begins at one second again."""
    timed.draw = 0.999
    timed.ready("1")
    timed.skyhub.script.extend([Step(THROTTLED)] * 12)
    rests = []
    for _ in range(12):
        done = timed.pickups()
        assert done.rest is not None
        rests.append(round(done.rest.delay_ms / 1000))
        timed.advance(done.rest.delay_ms / 1000)
    assert rests == [1, 2, 4, 8, 16, 32, 64, 128, 256, 511, 599, 599]
    assert timed.pickups().confirmed == 1
    assert timed.plain.standing(Drain.PICKUPS).backoff.tries == 0
    timed.ready("2")
    timed.skyhub.script.append(UNCLEAR_WITHOUT_EFFECT)
    assert timed.pickups().rest == Rest(BEARER, SECOND)
