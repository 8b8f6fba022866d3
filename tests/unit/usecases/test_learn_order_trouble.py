"""Learning while SkyHub is in trouble, the store is paused, or the process ends (design, "Retry" and 7)."""

from dataclasses import replace

import pytest

from tests.fakes.fake_skyhub import During
from tests.unit.domain.builders import MINUTE, SECOND
from tests.unit.usecases.situations import MANY, known_there, singles, unknown
from tests.unit.usecases.world import BEARER, TimedWorld, order_id, pages, skyhub_code
from worker.domain.order import In, Status
from worker.ports import Change, Drain, PermanentError, TransientError
from worker.usecases.pause_store import resume
from worker.usecases.store_trouble import Rest

DOWN = TransientError("SkyHub answered 503")
CLOSED = PermanentError("SkyHub answered 401")


def test_a_store_that_paused_itself_is_probed_with_one_read(timed: TimedWorld) -> None:
    """Learning may end the pause as requesting does; its growth stays until a confirmation works."""
    unknown(timed, "1")
    known_there(timed, "1")
    timed.skyhub.faults[skyhub_code("1")] = CLOSED
    assert timed.learn().rest is None
    assert (timed.paused.active, timed.paused.by, timed.paused.growth) == (True, "service", 1)
    timed.skyhub.faults.clear()
    timed.advance(59)
    timed.learn()
    assert timed.paused.active
    timed.advance(1)
    assert timed.learn().due == 1
    assert pages(timed, "false") == ["1"]
    assert (timed.paused.active, timed.paused.growth) == (False, 1)


@pytest.mark.parametrize("what", ["invoiced:1", skyhub_code("1")])
def test_skyhub_in_trouble_lets_the_drain_rest(timed: TimedWorld, what: str) -> None:
    """The bearer comes back; others return at once; what was learned before the trouble stays learned."""
    codes = MANY if what == "invoiced:1" else ("1",)
    unknown(timed, *codes)
    known_there(timed, *codes)
    timed.skyhub.faults[what] = TransientError("SkyHub answered 429", retry_after=30.0)
    learned = timed.learn()
    assert (learned.rest, learned.drains) == (Rest(BEARER, 30 * SECOND), set())
    timed.skyhub.faults.clear()
    timed.skyhub.read.clear()
    timed.advance(10)
    assert timed.learn("other").rest is None
    assert timed.learn().rest == Rest(BEARER, 20 * SECOND)
    assert timed.skyhub.read == []
    timed.sweeps(120)
    assert timed.statuses(*codes) == [Status.DUE] * len(codes)


def test_the_rest_grows_with_each_failure_in_a_row_and_is_cleared_by_a_run_that_works(timed: TimedWorld) -> None:
    """Doubled from one second; a run that works begins anew."""
    timed.draw = 0.999
    unknown(timed, *MANY)
    timed.skyhub.faults["invoiced:1"] = DOWN
    rests = []
    for _ in range(4):
        rest = timed.learn().rest
        assert rest is not None
        rests.append(round(rest.delay_ms / 1000))
        timed.advance(rest.delay_ms / 1000)
    assert rests == [1, 2, 4, 8]
    timed.skyhub.faults.clear()
    known_there(timed, *MANY)
    assert timed.learn().due == 30
    assert timed.plain.standing(Drain.LEARN).backoff.tries == 0


def test_an_order_that_a_refusal_put_off_is_learned_once_an_operator_resumes(timed: TimedWorld) -> None:
    """Not at its own next look: what SkyHub refused is mended by then."""
    unknown(timed, "1")
    known_there(timed, "1")
    timed.skyhub.faults[skyhub_code("1")] = CLOSED
    timed.learn()
    assert timed.paused.active
    timed.skyhub.faults.clear()
    assert resume(timed.ledger)
    assert timed.learn().due == 1


@pytest.mark.parametrize("fault", [DOWN, CLOSED])
def test_an_order_that_skyhub_cannot_tell_about_keeps_no_other_from_being_learned(
    timed: TimedWorld, fault: Exception
) -> None:
    """Its wish is put off at a growing pace behind the others', and kept."""
    unknown(timed, "1")
    timed.advance(1)
    unknown(timed, "2", "3")
    known_there(timed, "1", "2", "3")
    timed.skyhub.faults[skyhub_code("1")] = fault
    timed.sweeps(600)
    assert timed.statuses("1", "2", "3") == [Status.WAITING, Status.DUE, Status.DUE]
    assert singles(timed).count(skyhub_code("1")) < 6
    timed.skyhub.faults.clear()
    timed.sweeps(30 * 60)
    assert timed.statuses("1") == [Status.DUE]


def test_a_wish_that_a_person_made_survives_a_failure(timed: TimedWorld) -> None:
    """Also where the order lacks nothing: it is put off, not forgotten."""
    timed.due("1")
    stored = timed.plain.load([order_id("1")])[0][order_id("1")]
    timed.plain.save([Change(order=replace(stored.order, learn_at=In(0)), version=stored.version)])
    timed.skyhub.faults[skyhub_code("1")] = DOWN
    timed.learn()
    later = timed.order("1").learn_at
    assert later is not None
    assert later.ms - timed.now() == MINUTE


@pytest.mark.parametrize("during", [During.ORDER, During.INVOICED])
def test_a_process_that_ends_stops_between_two_calls(timed: TimedWorld, during: During) -> None:
    """What it learned is saved; the rest keeps its wish, and is announced."""
    codes = MANY if during is During.INVOICED else MANY[:3]
    unknown(timed, *codes)
    known_there(timed, *codes[:2])
    stopped: list[bool] = []
    timed.skyhub.during[during].append(lambda: stopped.append(True))
    learned = timed.learn(stop=lambda: bool(stopped))
    assert len(timed.skyhub.read) == 1
    assert learned.drains == {Drain.LEARN, Drain.PICKUPS}
    assert learned.orders == (2 if during is During.INVOICED else 1)
