"""Two calls of one drain at a time: each settled by its own outcome, and what one of them does to the round."""

from dataclasses import replace
from threading import Barrier, Lock

import pytest

from tests.fakes.fake_skyhub import ROWS, During
from tests.unit.domain.builders import SECOND
from tests.unit.usecases.test_two_at_a_time import WAIT, no_threads
from tests.unit.usecases.world import BEARER, TimedWorld, pages
from worker.domain.confirmation import Cause, NoEffect, Outcome, Unclear, WrongCall
from worker.domain.order import Status
from worker.ports import PermanentError, TransientError
from worker.usecases.store_trouble import Rest
from worker.usecases.two_at_a_time import two_threads

THROTTLED = NoEffect(Cause.THROTTLED, "SkyHub answered 429", 90.0)
FORBIDDEN = NoEffect(Cause.FORBIDDEN, "SkyHub answered 403")
WRONG = WrongCall("SkyHub answered 404")
BROKEN = Unclear("SkyHub answered 500")


class Meeting:
    """Lets calls go on in pairs, and counts how many are under way at most."""

    def __init__(self) -> None:
        self.most = 0
        self._here = 0
        self._lock = Lock()
        self._barrier = Barrier(2)

    def come(self) -> None:
        with self._lock:
            self._here += 1
            self.most = max(self.most, self._here)
        self._barrier.wait(WAIT)

    def go(self) -> None:
        with self._lock:
            self._here -= 1


def meet(world: TimedWorld, during: During, *, first: int = 0, pairs: int = 1) -> None:
    """Let so many pairs of calls wait for each other, after the `first` ones."""
    world.skyhub.during[during].extend([*[str] * first, *[Meeting().come] * 2 * pairs])


@pytest.fixture
def beside(timed: TimedWorld) -> TimedWorld:
    """Open a store whose drain has real threads, and confirms one order a call."""
    timed.threads = two_threads
    timed.tuning = replace(timed.tuning, batch=1)
    return timed


def test_two_confirmations_are_under_way_and_never_three(beside: TimedWorld) -> None:
    """Each call here waits for another one; each order is requested once."""
    codes = [str(number) for number in range(10)]
    beside.ready(*codes)
    meeting = Meeting()
    beside.skyhub.during[During.SENT].extend([meeting.come] * 10)
    beside.skyhub.during[During.DONE].extend([meeting.go] * 10)
    assert beside.pickups().confirmed == 10
    assert beside.requests(*codes) == [1] * 10
    assert meeting.most == 2


def test_two_pages_are_under_way_after_a_full_one(beside: TimedWorld) -> None:
    """The first one is read alone; then each waits for another one here."""
    beside.tuning = replace(beside.tuning, batch=100)
    beside.ready(*(str(number) for number in range(4 * ROWS + 1)))
    meet(beside, During.PAGE, first=1, pairs=2)
    assert beside.pickups().confirmed == 81
    assert sorted(pages(beside, "false")) == ["1", "2", "3", "4", "5", "6"]


def test_a_round_of_one_page_and_one_batch_makes_no_thread(timed: TimedWorld) -> None:
    """Its calls follow one another."""
    timed.threads = no_threads
    timed.ready(*(str(number) for number in range(ROWS - 1)))
    assert timed.pickups().confirmed == ROWS - 1


@pytest.mark.parametrize(("orders", "read"), [(19, 2), (20, 3), (21, 3), (39, 3), (40, 4), (41, 4), (59, 4), (60, 5)])
def test_at_most_one_page_is_read_beyond_the_empty_one(timed: TimedWorld, orders: int, read: int) -> None:
    """And none behind a page that is not full, where the next one is the end."""
    timed.tuning = replace(timed.tuning, batch=100)
    timed.ready(*(str(number) for number in range(orders)))
    assert timed.pickups().confirmed == orders
    assert pages(timed, "false") == [str(number) for number in range(1, read + 1)]


@pytest.mark.parametrize("outcome", [THROTTLED, FORBIDDEN, WRONG, BROKEN], ids=["429", "403", "404", "500"])
@pytest.mark.parametrize("halted", ["1", "2"])
def test_a_halted_round_awaits_and_settles_the_other_batch(beside: TimedWorld, outcome: Outcome, halted: str) -> None:
    """Whichever of two ends the round: the other one is requested, the third not even claimed."""
    beside.ready("1", "2", "3")
    meet(beside, During.SENT)
    beside.skyhub.poison[halted] = outcome
    done = beside.pickups()
    other = "2" if halted == "1" else "1"
    assert sorted(beside.skyhub.sent) == [("1",), ("2",)]
    assert (done.confirmed, beside.statuses(other, "3")) == (1, [Status.REQUESTED, Status.DUE])
    assert (beside.order(halted).status, beside.order("3").attempts) == (Status.DUE, 0)
    assert beside.paused.active is (outcome in (FORBIDDEN, WRONG))


def test_the_graver_of_two_outcomes_is_obeyed(beside: TimedWorld) -> None:
    """A server error and a 403 at once pause the store: the next run would find the 403 again."""
    beside.ready("1", "2")
    meet(beside, During.SENT)
    beside.skyhub.poison |= {"1": BROKEN, "2": FORBIDDEN}
    assert beside.pickups().rest is None
    assert beside.paused.reason == "SkyHub answered 403"


def test_the_longer_of_two_rests_is_taken(beside: TimedWorld) -> None:
    """What SkyHub names in either of two answers is honoured."""
    beside.ready("1", "2")
    meet(beside, During.SENT)
    beside.skyhub.poison |= {"1": BROKEN, "2": THROTTLED}
    assert beside.pickups().rest == Rest(BEARER, 90 * SECOND)


def test_each_of_two_claims_is_fenced(timed: TimedWorld) -> None:
    """A pause that comes when one batch is claimed refuses the claim of the other; the first is sent and settled."""
    timed.tuning = replace(timed.tuning, batch=1)
    timed.ready("1", "2")
    claims: list[str] = []

    def pause_at_the_second() -> None:
        claims.append("")
        if len(claims) > 1:
            timed.pause()

    timed.before_claim = pause_at_the_second
    assert timed.pickups().confirmed == 1
    assert timed.skyhub.sent == [("1",)]
    assert (timed.statuses("1", "2"), timed.order("2").attempts) == ([Status.REQUESTED, Status.DUE], 0)


def test_each_of_two_calls_looks_at_its_leases(timed: TimedWorld) -> None:
    """The second takes so long to connect that a lease could end before its answer: it is held back, alone."""
    timed.tuning = replace(timed.tuning, batch=1)
    timed.ready("1", "2")
    timed.skyhub.during[During.CONNECTED].extend([str, lambda: timed.advance(11)])
    assert timed.pickups().confirmed == 1
    assert timed.skyhub.sent == [("1",)]
    assert (timed.statuses("1", "2"), timed.order("2").uncertain) == ([Status.REQUESTED, Status.DUE], False)


def test_trouble_with_one_page_waits_for_the_other(beside: TimedWorld) -> None:
    """And the graver trouble is obeyed; nothing is confirmed by half a list."""
    beside.ready(*(str(number) for number in range(3 * ROWS)))
    meet(beside, During.PAGE, first=1)
    beside.skyhub.faults |= {"false:2": TransientError("SkyHub answered 503"), "false:3": PermanentError("401")}
    beside.pickups()
    assert sorted(pages(beside, "false")) == ["1", "2", "3"]
    assert (beside.paused.reason, beside.skyhub.sent) == ("401", [])
