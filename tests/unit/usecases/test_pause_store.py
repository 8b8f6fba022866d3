"""An operator pauses a store and resumes it: that word stands above the service's and the stores file's."""

from collections.abc import Callable

import pytest
from structlog.testing import capture_logs

from tests.fakes.fake_skyhub import Step
from tests.unit.usecases.world import TimedWorld, World, put_back, taken_out
from worker.domain.confirmation import Cause, NoEffect
from worker.domain.order import Status
from worker.ports import OPERATOR, STORES_FILE, Ledger
from worker.telemetry import Log
from worker.usecases.pause_store import pause_by_operator, resume

DAY = 86_400
FORBIDDEN = Step(NoEffect(Cause.FORBIDDEN, "SkyHub answered 403"))


def paused_itself(timed: TimedWorld) -> None:
    """Let the store pause itself over an order that is ready."""
    timed.ready("1")
    timed.skyhub.script.append(FORBIDDEN)
    timed.pickups()
    assert (timed.paused.active, timed.paused.by, timed.paused.growth) == (True, "service", 1)


def test_an_operators_pause_stops_calls_until_an_operator_resumes(world: World) -> None:
    """Orders are recorded meanwhile, and requested after it."""
    assert pause_by_operator(world.ledger, "holidays")
    assert (world.paused.active, world.paused.by, world.paused.reason) == (True, OPERATOR, "holidays")
    world.ready("1")
    world.pickups()
    assert world.skyhub.read == []
    assert resume(world.ledger)
    assert not world.paused.active
    assert world.pickups().confirmed == 1


def test_a_store_that_an_operator_paused_is_paused_already(world: World) -> None:
    """The first reason stays; the answer says that nothing was done."""
    assert pause_by_operator(world.ledger, "holidays")
    before = world.paused
    assert not pause_by_operator(world.ledger, "strike")
    assert world.paused == before


def test_a_store_that_is_not_paused_cannot_be_resumed(world: World) -> None:
    """The answer says that nothing was done, before a pause and after one."""
    assert not resume(world.ledger)
    pause_by_operator(world.ledger, "holidays")
    assert resume(world.ledger)
    assert not resume(world.ledger)


def test_an_operator_takes_over_a_pause_of_the_service(timed: TimedWorld) -> None:
    """No probe ends it any more; it counts from where the first one began, and its growth is kept."""
    paused_itself(timed)
    before = timed.paused
    timed.advance(30)
    assert pause_by_operator(timed.ledger, "the key is being changed")
    assert (timed.paused.by, timed.paused.since, timed.paused.growth) == (OPERATOR, before.since, 1)
    timed.skyhub.read.clear()
    timed.sweeps(DAY, every_ms=60_000)
    assert timed.skyhub.read == []


def test_an_operator_ends_a_pause_of_the_service(timed: TimedWorld) -> None:
    """At once, without a probe; a store that SkyHub still refuses is paused again, for longer."""
    paused_itself(timed)
    assert resume(timed.ledger)
    timed.skyhub.script.append(FORBIDDEN)
    timed.advance(1)
    timed.pickups()
    assert (timed.paused.by, timed.paused.growth) == ("service", 2)
    assert timed.paused.probe_at - timed.now() == 120_000
    assert resume(timed.ledger)
    timed.advance(1)
    assert timed.pickups().confirmed == 1
    assert timed.paused.growth == 0


@pytest.mark.parametrize(
    ("faster", "done", "reason"),
    [
        (lambda ledger: pause_by_operator(ledger, "theirs"), False, "theirs"),
        (lambda ledger: ledger.pause(ledger.kept.pause, "service", "403", 60_000, 1), True, "mine"),
        (taken_out, True, "mine"),
    ],
    ids=["another operator", "the service", "the stores file"],
)
def test_who_pauses_in_the_same_moment(
    timed: TimedWorld, faster: Callable[[Ledger], bool], done: object, reason: str
) -> None:
    """Of two operators the first one's word stays; over everybody else's an operator's comes."""
    timed.raced.faster_to_pause.append(lambda: faster(timed.plain))
    assert pause_by_operator(timed.ledger, "mine") is done
    assert (timed.paused.active, timed.paused.by, timed.paused.reason) == (True, OPERATOR, reason)


def test_who_resumes_in_the_same_moment(timed: TimedWorld) -> None:
    """One of two ends it; a pause that was prolonged meanwhile is ended as well."""
    pause_by_operator(timed.ledger, "holidays")
    timed.raced.faster_to_pause.append(lambda: resume(timed.plain))
    assert not resume(timed.ledger)
    paused_itself(timed)
    timed.raced.faster_to_pause.append(lambda: timed.plain.pause(timed.paused, "service", "403 again", 120_000, 2))
    assert resume(timed.ledger)
    assert (timed.paused.active, timed.paused.growth) == (False, 2)


@pytest.mark.parametrize("who", ["operator", "stores file", "service, then operator"])
def test_the_time_of_a_pause_does_not_count_against_an_order(timed: TimedWorld, who: str) -> None:
    """Ten days without a label are ten days in which SkyHub was asked."""
    timed.due("1")
    timed.pickups()
    if who == "stores file":
        taken_out(timed.plain)
    if who == "service, then operator":
        timed.plain.pause(timed.paused, "service", "401", 60_000, 1)
        timed.advance(6 * DAY)
    if who != "stores file":
        pause_by_operator(timed.plain, "holidays")
    timed.advance(6 * DAY)
    if who != "service, then operator":
        timed.advance(6 * DAY)
    ended = resume if who != "stores file" else put_back
    ended(timed.plain)
    assert timed.paused.total_ms == 12 * DAY * 1000
    timed.sweeps(9 * DAY, every_ms=600_000)
    assert timed.statuses("1") == [Status.DUE]
    timed.sweeps(2 * DAY, every_ms=600_000)
    assert timed.statuses("1") == [Status.FAILED]


def test_pauses_are_told_once(timed: TimedWorld) -> None:
    """With the store, who did it and why; what changed nothing is not told."""
    with capture_logs() as logs:
        for act in (taken_out, taken_out, put_back, put_back):
            act(timed.ledger)
        for _ in range(2):
            pause_by_operator(timed.ledger, "holidays")
        for _ in range(2):
            resume(timed.ledger)
    assert [(line["event"], line["store"], line["by"]) for line in logs] == [
        (Log.STORE_PAUSED, "acme", STORES_FILE),
        (Log.STORE_RESUMED, "acme", STORES_FILE),
        (Log.STORE_PAUSED, "acme", OPERATOR),
        (Log.STORE_RESUMED, "acme", OPERATOR),
    ]
