"""What a round reads of SkyHub's lists, and what they decide (design, "Requesting pickups", 1 and 2)."""

from dataclasses import replace

import pytest

from tests.fakes.fake_skyhub import ROWS, UNCLEAR_WITHOUT_EFFECT, During
from tests.unit.domain.builders import MINUTE
from tests.unit.usecases.world import TimedWorld, World, after, at_skyhub, order_id, pages, skyhub_code
from worker.domain.facts import Carrier
from worker.domain.order import Status
from worker.ports import Drain

CODES = tuple(str(number) for number in range(1, 46))


def test_a_listed_order_is_requested(world: World) -> None:
    """The whole point, on both ledgers: due and listed becomes requested, by one call that names it."""
    world.ready("1")
    done = world.pickups()
    assert world.skyhub.sent == [("1",)]
    order = world.order("1")
    assert (order.status, order.reason, order.attempts) == (Status.REQUESTED, "accepted by SkyHub", 1)
    assert (done.confirmed, done.drains, done.rest) == (1, set(), None)


def test_an_order_that_is_not_due_costs_no_call(world: World) -> None:
    """Nothing due, nothing read."""
    world.skyhub.label("1")
    assert not world.pickups().drains
    assert world.skyhub.read == []


def test_the_list_is_read_to_its_end_once_for_all_due_orders(world: World) -> None:
    """Forty-five orders cost three pages and an empty one, not a list each; none of `requested=true`."""
    world.ready(*CODES)
    world.pickups()
    assert pages(world, "false") == ["1", "2", "3", "4"]
    assert pages(world, "true") == []
    assert [len(codes) for codes in world.skyhub.sent] == [25, 20]
    assert set(world.statuses(*CODES)) == {Status.REQUESTED}


def test_a_time_bound_never_cuts_a_list(world: World) -> None:
    """A run that is late after its first round has read that round's list whole and confirmed all of it."""
    world.ready(*CODES)
    world.pickups(late=after(1))
    assert pages(world, "false") == ["1", "2", "3", "4"]
    assert set(world.statuses(*CODES)) == {Status.REQUESTED}


def test_what_becomes_due_during_a_round_waits_for_the_next(world: World) -> None:
    """The set of due orders is fixed before the list is read; the run says that more is due."""
    world.ready("1")
    world.skyhub.during[During.PAGE].append(lambda: world.ready("2"))
    done = world.pickups(late=after(1))
    assert world.skyhub.sent == [("1",)]
    assert done.drains == {Drain.PICKUPS}
    world.pickups()
    assert world.skyhub.sent == [("1",), ("2",)]


def test_an_order_missed_once_does_not_cost_the_other_list(timed: TimedWorld) -> None:
    """`requested=true` is long: it is read only when an order was missing from `false` in two rounds."""
    timed.due("1")
    timed.pickups()
    assert (pages(timed, "false"), pages(timed, "true")) == (["1"], [])
    assert timed.order("1").reason.startswith("not collectable yet")
    timed.advance(60)
    timed.pickups()
    assert (pages(timed, "false"), pages(timed, "true")) == (["1", "1"], ["1"])


def test_an_order_that_somebody_requested_is_found(timed: TimedWorld) -> None:
    """In `requested=true`: requested, found, without a call."""
    timed.ready("1")
    timed.skyhub.take("1")
    timed.pickups()
    timed.advance(60)
    timed.pickups()
    assert (timed.statuses("1"), timed.skyhub.sent) == ([Status.REQUESTED], [])
    assert timed.order("1").reason == "found among SkyHub's requested orders"


def test_the_requested_ones_are_read_on_where_the_last_round_stopped(timed: TimedWorld) -> None:
    """A budget of pages a round, continued; meanwhile certain orders are confirmed, and what needs the rest waits."""
    timed.tuning = replace(timed.tuning, requested_pages=2)
    doubtful, missing = "1", "2"
    timed.ready(doubtful)
    timed.due(missing)
    timed.skyhub.script.append(UNCLEAR_WITHOUT_EFFECT)
    timed.pickups()
    panel = [f"9{number}" for number in range(4 * ROWS)]
    timed.skyhub.label(*panel)
    timed.skyhub.take(*panel)
    timed.advance(120)
    before = timed.order(missing)
    timed.ready("3")

    assert timed.pickups(late=after(1)).drains == {Drain.PICKUPS}
    assert pages(timed, "true") == ["1", "2"]
    assert timed.statuses(doubtful, missing, "3") == [Status.DUE, Status.DUE, Status.REQUESTED]
    assert (timed.order(missing), timed.order(doubtful).uncertain) == (before, True)
    assert timed.pickups(late=after(1)).drains == {Drain.PICKUPS}
    assert pages(timed, "true") == ["1", "2", "3", "4"]
    timed.pickups(late=after(1))
    assert pages(timed, "true") == ["1", "2", "3", "4", "5", "6"]
    assert timed.statuses(doubtful, missing) == [Status.REQUESTED, Status.DUE]
    assert timed.order(missing).not_yet != before.not_yet
    assert timed.skyhub.sent[-1] == (doubtful,)


def test_a_reading_that_began_before_an_outcome_could_show_does_not_clear_it(timed: TimedWorld) -> None:
    """An order that became uncertain while `requested=true` was being read waits for a reading of its own."""
    timed.tuning = replace(timed.tuning, requested_pages=3)
    panel = [f"9{number}" for number in range(4 * ROWS)]
    timed.skyhub.label(*panel)
    timed.skyhub.take(*panel)
    timed.ready("1")
    timed.skyhub.script.append(UNCLEAR_WITHOUT_EFFECT)
    timed.pickups()
    timed.advance(70)
    timed.ready("2")
    timed.skyhub.script.append(UNCLEAR_WITHOUT_EFFECT)
    timed.pickups()
    assert pages(timed, "true") == ["1", "2", "3"]
    timed.advance(70)
    timed.pickups(late=after(1))
    assert pages(timed, "true") == ["1", "2", "3", "4", "5"]
    assert timed.statuses("1", "2") == [Status.REQUESTED, Status.DUE]
    timed.pickups()
    assert pages(timed, "true")[5:] == ["1", "2", "3", "4", "5", "6"]
    assert timed.requests("1", "2") == [1, 1]


def test_an_order_in_no_list_is_looked_for_at_a_growing_pace(timed: TimedWorld) -> None:
    """One minute, then twice as long each time, to half an hour."""
    timed.due("1")
    waits = []
    for _ in range(7):
        timed.pickups()
        wait = timed.order("1").at.ms - timed.now()
        waits.append(wait // MINUTE)
        timed.advance(wait / 1000)
    assert waits == [1, 2, 4, 8, 16, 30, 30]


def test_an_order_that_skyhub_never_lists_fails_with_the_label_step_as_its_reason(timed: TimedWorld) -> None:
    """After ten days it needs an operator; until then it is never given up."""
    timed.due("1")
    timed.sweeps(9.9 * 86_400, every_ms=10 * MINUTE)
    assert timed.statuses("1") == [Status.DUE]
    timed.sweeps(0.2 * 86_400, every_ms=10 * MINUTE)
    assert timed.statuses("1") == [Status.FAILED]
    assert "its label was printed" in timed.order("1").reason


@pytest.mark.parametrize("ended_by", ["operator", "probe"])
def test_a_pause_does_not_count_against_an_order_that_skyhub_does_not_list_yet(
    timed: TimedWorld, ended_by: str
) -> None:
    """Ten days of pauses are not ten days of waiting, however the pause ends: by an operator, or by this very round."""
    timed.due("1")
    timed.pickups()
    timed.pause("operator" if ended_by == "operator" else "service")
    timed.advance(11 * 86_400)
    if ended_by == "operator":
        timed.resume()
    timed.pickups()
    assert timed.order("1").not_yet is not None
    assert timed.statuses("1") == [Status.DUE]


def test_orders_are_looked_up_under_every_code_they_may_have(timed: TimedWorld) -> None:
    """A delivery suffix that SkyHub's lists leave out: SkyHub is asked whose code it is, then it goes under it."""
    timed.due("1517-01")
    timed.skyhub.label("1517")
    timed.skyhub.orders[skyhub_code("1517-01")] = replace(at_skyhub("1517-01", Carrier.DIRECT), remote_code="1517")
    timed.pickups()
    assert timed.skyhub.sent == []
    timed.advance(61)
    timed.pickups()
    assert timed.skyhub.sent == [("1517",)]
    order = timed.order("1517-01")
    assert (order.status, order.remote_code, order.order_id) == (Status.REQUESTED, "1517", order_id("1517-01"))
