"""A store that is taken out of the stores file is paused, and goes on when it is put back."""

from collections.abc import Callable

import pytest

from tests.fakes.fake_skyhub import During
from tests.unit.usecases.test_pause_store import DAY, paused_itself
from tests.unit.usecases.world import TimedWorld, World, put_back, taken_out
from worker.domain.order import Status
from worker.ports import OPERATOR, STORES_FILE, Ledger, PermanentError
from worker.usecases.pause_store import pause_by_operator, resume


def test_a_store_that_was_taken_out_is_paused_until_it_is_put_back(world: World) -> None:
    """Nothing is claimed for it meanwhile; the reason says where to look."""
    world.ready("1")
    taken_out(world.ledger)
    assert (world.paused.active, world.paused.by) == (True, STORES_FILE)
    assert world.paused.reason == "it was taken out of the stores file; its orders are kept"
    before = world.paused
    taken_out(world.ledger)
    assert world.paused == before
    assert world.pickups().confirmed == 0
    put_back(world.ledger)
    put_back(world.ledger)
    assert not world.paused.active
    assert world.pickups().confirmed == 1


def test_a_store_taken_out_in_the_middle_of_a_round_claims_nothing_more(timed: TimedWorld) -> None:
    """The worker that still knows it is fenced off: what is on its way is settled, nothing else is sent."""
    timed.ready(*(str(number) for number in range(1, 56)))
    timed.skyhub.during[During.SENT].append(lambda: taken_out(timed.plain))
    done = timed.pickups()
    assert (len(timed.skyhub.sent), done.confirmed, done.drains) == (2, 50, set())
    assert timed.plain.counts()[Status.DUE] == 5
    put_back(timed.plain)
    assert timed.pickups().confirmed == 5


def test_an_operators_pause_survives_taking_out_and_putting_back(world: World) -> None:
    """Whether it came before the store was taken out or while it was."""
    pause_by_operator(world.ledger, "holidays")
    before = world.paused
    taken_out(world.ledger)
    put_back(world.ledger)
    assert world.paused == before
    resume(world.ledger)
    taken_out(world.ledger)
    assert pause_by_operator(world.ledger, "contract ended")
    put_back(world.ledger)
    assert (world.paused.active, world.paused.by, world.paused.reason) == (True, OPERATOR, "contract ended")


def test_the_stores_file_takes_over_a_pause_of_the_service(timed: TimedWorld) -> None:
    """A store that is not served is not probed; put back, it tries, and pauses itself again if need be."""
    paused_itself(timed)
    taken_out(timed.plain)
    timed.skyhub.read.clear()
    timed.advance(DAY)
    timed.pickups()
    assert (timed.skyhub.read, timed.paused.by) == ([], STORES_FILE)
    put_back(timed.plain)
    timed.skyhub.faults[""] = PermanentError("SkyHub answered 401")
    timed.pickups()
    assert (timed.paused.active, timed.paused.by) == (True, "service")


def test_putting_back_ends_nobody_elses_pause(timed: TimedWorld) -> None:
    """A store that paused itself goes on with its probes."""
    paused_itself(timed)
    before = timed.paused
    put_back(timed.plain)
    assert timed.paused == before


@pytest.mark.parametrize("act", [taken_out, put_back])
def test_an_operator_who_is_faster_than_the_file_has_the_last_word(
    timed: TimedWorld, act: Callable[[Ledger], None]
) -> None:
    """A pause that was set since it was looked at stays."""
    if act is put_back:
        taken_out(timed.plain)
    timed.raced.faster_to_pause.append(lambda: pause_by_operator(timed.plain, "stop"))
    act(timed.ledger)
    assert (timed.paused.active, timed.paused.by, timed.paused.reason) == (True, OPERATOR, "stop")
