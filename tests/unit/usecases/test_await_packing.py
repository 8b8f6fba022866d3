"""Holding due orders until Pick and Pack says that they are packed (design, `require_packed`)."""

from dataclasses import replace

import pytest

from tests.fakes.fake_skyhub import TAKEN_BUT_UNCLEAR, UNCLEAR_WITHOUT_EFFECT
from tests.unit.domain.builders import MINUTE, SECOND
from tests.unit.usecases.world import TimedWorld, World, announcement, order_id, pages
from worker.domain.events import Announcer
from worker.domain.order import Attention, Status
from worker.ports import Drain, PermanentError, TransientError

DOWN = TransientError("Pick and Pack answered 503")
CLOSED = PermanentError("Pick and Pack answered 401")
DAY = 86_400


def packed(world: World, *codes: str) -> None:
    """Let Pick and Pack know orders as packed."""
    world.boxes.statuses |= {order_id(code): "READY_FOR_INVOICING" for code in codes}


def boxed(world: World, *codes: str) -> None:
    """Record complete orders with labels, in a store that wants them packed."""
    world.with_boxes()
    world.ready(*codes)


def test_an_order_is_requested_once_it_is_packed(world: World) -> None:
    """In the same round in which Pick and Pack says so; it is asked by VTEX's id."""
    boxed(world, "1", "2")
    packed(world, "1")
    done = world.pickups()
    assert (done.confirmed, done.drains) == (1, set())
    assert world.skyhub.sent == [("1",)]
    assert sorted(world.boxes.asked) == [order_id("1"), order_id("2")]
    assert world.statuses("1", "2") == [Status.REQUESTED, Status.DUE]
    assert world.order("2").reason == "held until it is packed: Pick and Pack does not know this order"


def test_where_no_order_is_packed_skyhub_is_not_called(world: World) -> None:
    """A held order costs no list."""
    boxed(world, "1")
    assert not world.pickups().drains
    assert world.skyhub.read == []


def test_a_store_that_requires_nothing_asks_nobody(world: World) -> None:
    """Its orders are requested as ever."""
    world.ready("1")
    assert world.pickups().confirmed == 1
    assert world.boxes.asked == []


def test_a_held_order_is_asked_for_at_a_slowing_pace(timed: TimedWorld) -> None:
    """One minute to ten, whatever else is due; when it is packed, it is requested, once."""
    boxed(timed, "1")
    timed.sweeps(25 * MINUTE / SECOND)
    assert len(timed.boxes.asked) == 5
    packed(timed, "1")
    timed.sweeps(10 * MINUTE / SECOND)
    assert timed.requests("1") == [1]


def test_a_webhook_lets_it_be_asked_at_once(timed: TimedWorld) -> None:
    """Packed by Pick and Pack's own word, not by the webhook's."""
    boxed(timed, "1")
    timed.pickups()
    timed.hear(announcement("1", Announcer.PICK_AND_PACK, "READY_FOR_INVOICING"))
    timed.pickups()
    assert (len(timed.boxes.asked), timed.skyhub.sent) == (2, [])
    packed(timed, "1")
    timed.hear(announcement("1", Announcer.PICK_AND_PACK, "INVOICING"))
    assert timed.pickups().confirmed == 1


def test_an_order_that_is_held_for_a_day_is_shown_until_it_is_packed(timed: TimedWorld) -> None:
    """It is neither given up nor requested."""
    boxed(timed, "1")
    timed.sweeps(DAY - 600, every_ms=60_000)
    assert not timed.order("1").attention
    timed.sweeps(1_200, every_ms=60_000)
    assert timed.order("1").attention == {Attention.PACKED_HOLD}
    packed(timed, "1")
    timed.sweeps(660)
    assert (timed.statuses("1"), len(timed.order("1").attention)) == ([Status.REQUESTED], 0)


@pytest.mark.parametrize("error", [DOWN, CLOSED])
def test_a_pick_and_pack_in_trouble_holds_what_is_not_packed_and_nothing_else(
    timed: TimedWorld, error: Exception
) -> None:
    """It is asked once a round, not once an order; SkyHub's calls go on, and the store is not paused."""
    boxed(timed, *map(str, range(1, 30)))
    packed(timed, *map(str, range(1, 30)))
    timed.boxes.fault = error
    timed.ready("99")
    known = timed.plain.kept.documents[order_id("99")]
    known.order = replace(known.order, packed=True)
    done = timed.pickups()
    assert (done.confirmed, done.rest, done.drains) == (1, None, set())
    assert (len(timed.boxes.asked), timed.paused.active) == (1, False)
    order = timed.order("1")
    assert (order.reason, order.last_error) == ("held until it is packed: Pick and Pack cannot tell", error.args[0])
    timed.boxes.fault = None
    timed.sweeps(70)
    assert timed.requests(*map(str, range(1, 30))) == [1] * 29


def test_an_order_that_pick_and_pack_chokes_on_does_not_hold_the_others_for_ever(timed: TimedWorld) -> None:
    """Those that were asked before it go on at once, those behind it with the next question."""
    boxed(timed, "1", "2", "3", "4")
    packed(timed, "1", "2", "3")
    timed.boxes.fault, timed.boxes.broken = DOWN, {order_id("2")}
    timed.sweeps(60)
    assert timed.requests("1", "2", "3") == [1, 0, 0]
    timed.sweeps(20)
    assert timed.requests("1", "2", "3") == [1, 0, 1]
    timed.sweeps(1800)
    assert timed.order("4").reason.endswith("does not know this order")
    timed.boxes.fault = None
    timed.sweeps(660)
    assert timed.requests("1", "2", "3") == [1, 1, 1]


def test_after_an_outage_an_order_that_is_choked_on_still_blocks_no_other(timed: TimedWorld) -> None:
    """Although all were asked for in vain meanwhile."""
    boxed(timed, "1", "2", "3")
    packed(timed, "1", "2", "3")
    timed.boxes.fault = DOWN
    timed.sweeps(2 * 3600)
    assert len(timed.boxes.asked) > 6
    timed.boxes.broken = {order_id("1")}
    timed.sweeps(3600)
    assert timed.requests("1", "2", "3") == [0, 1, 1]


def test_a_store_without_pick_and_pack_that_could_be_asked_holds_and_says_so(timed: TimedWorld) -> None:
    """The setting stands, its table is missing: nothing is requested unpacked."""
    boxed(timed, "1")
    timed.boxes.fault = PermanentError("nobody can be asked")
    assert timed.pickups().confirmed == 0
    assert timed.statuses("1") == [Status.DUE]


def test_many_held_orders_are_asked_for_some_a_round(timed: TimedWorld) -> None:
    """A call an order: what is packed of the first fifty is requested before the others are asked for."""
    codes = [str(number) for number in range(100, 220)]
    boxed(timed, *codes)
    packed(timed, *codes)
    sent: list[int] = []
    timed.boxes.during = [lambda: sent.append(len(timed.skyhub.sent))] * 120
    assert timed.pickups().confirmed == 120
    assert (len(timed.boxes.asked), sent[49], sent[50] > 0) == (120, 0, True)
    assert timed.requests(*codes) == [1] * 120


def test_an_order_whose_outcome_is_unknown_settles_before_its_box_is_asked_for(timed: TimedWorld) -> None:
    """Found, it is requested although no box is packed; not found, it is not sent again before it is."""
    timed.ready("1")
    timed.skyhub.script.append(TAKEN_BUT_UNCLEAR)
    timed.pickups()
    timed.ready("2")
    timed.advance(1)
    timed.skyhub.script.append(UNCLEAR_WITHOUT_EFFECT)
    timed.pickups()
    timed.with_boxes()
    timed.sweeps(300)
    assert timed.statuses("1", "2") == [Status.REQUESTED, Status.DUE]
    assert (timed.order("2").uncertain, timed.order("2").packed) == (False, False)
    assert timed.boxes.asked
    assert set(timed.boxes.asked) == {order_id("2")}
    packed(timed, "2")
    timed.sweeps(600)
    assert timed.requests("1", "2") == [1, 1]


def test_a_held_order_that_is_doubted_is_still_held(timed: TimedWorld) -> None:
    """The Redis server changed: the lists settle it, and it is not claimed unpacked after that."""
    boxed(timed, "1")
    timed.pickups()
    timed.fleet.server_id = "second"
    timed.sweeps(600)
    assert (timed.statuses("1"), timed.order("1").uncertain, timed.requests("1")) == ([Status.DUE], False, [0])
    packed(timed, "1")
    timed.sweeps(600)
    assert timed.requests("1") == [1]


def test_a_setting_that_is_switched_off_lets_every_order_go(timed: TimedWorld) -> None:
    """Also one that SkyHub does not list yet: it is shown as held no longer."""
    boxed(timed, "1")
    timed.due("2")
    timed.sweeps(DAY + 600, every_ms=60_000)
    assert [set(timed.order(code).attention) for code in "12"] == [{Attention.PACKED_HOLD}] * 2
    timed.policy = replace(timed.policy, require_packed=False)
    timed.sweeps(600)
    assert timed.statuses("1", "2") == [Status.REQUESTED, Status.DUE]
    assert [len(timed.order(code).attention) for code in "12"] == [0, 0]
    assert timed.order("2").hold is None


def test_a_setting_that_is_switched_on_holds_what_is_due(timed: TimedWorld) -> None:
    """What was requested stays requested."""
    timed.ready("1")
    timed.pickups()
    boxed(timed, "2")
    timed.pickups()
    assert timed.statuses("1", "2") == [Status.REQUESTED, Status.DUE]


def test_an_order_that_changes_while_its_box_is_asked_for_is_decided_anew(timed: TimedWorld) -> None:
    """The answer is lost, not the news: a cancel in that moment is not overwritten."""
    boxed(timed, "1")
    packed(timed, "1")
    timed.boxes.during.append(lambda: timed.touch("1"))
    done = timed.pickups()
    assert (done.confirmed, done.drains) == (0, {Drain.PICKUPS})
    assert timed.pickups().confirmed == 1
    assert len(timed.boxes.asked) == 2
    assert timed.requests("1") == [1]


def test_a_process_that_ends_stops_between_two_questions(timed: TimedWorld) -> None:
    """What was said is saved; the rest is announced."""
    boxed(timed, "1", "2", "3")
    stopped: list[bool] = []
    timed.boxes.during.append(lambda: stopped.append(True))
    done = timed.pickups(stop=lambda: bool(stopped))
    assert (len(timed.boxes.asked), done.drains, timed.skyhub.read) == (1, {Drain.PICKUPS}, [])


def test_a_run_that_was_long_enough_asks_no_more(timed: TimedWorld) -> None:
    """Slow answers hold nobody up for a quarter of an hour; the rest is announced."""
    boxed(timed, "1", "2", "3")
    asked: list[bool] = []
    timed.boxes.during.append(lambda: asked.append(True))
    done = timed.pickups(late=lambda: bool(asked))
    assert (len(timed.boxes.asked), done.drains) == (1, {Drain.PICKUPS})


def test_a_paused_store_asks_for_no_box(timed: TimedWorld) -> None:
    """Nothing could be requested."""
    boxed(timed, "1")
    timed.pause()
    timed.pickups()
    assert timed.boxes.asked == []


def test_an_order_of_which_nobody_said_vtex_own_id_is_asked_for_by_what_is_known(timed: TimedWorld) -> None:
    """In a store without an affiliate: by the ledger's id, until an announcement tells VTEX's."""
    timed.policy = replace(timed.policy, affiliate=None)
    boxed(timed, "1")
    timed.hear(replace(announcement("1"), state="handling"))
    timed.due("2")
    timed.pickups()
    assert sorted(timed.boxes.asked) == [order_id("1"), "Lojas_Americanas-2"]


def test_while_orders_are_held_others_are_noticed_in_the_list(timed: TimedWorld) -> None:
    """A held order that SkyHub lists is no riddle."""
    boxed(timed, "1", "2")
    packed(timed, "2")
    timed.pickups()
    assert pages(timed, "false")[-1] == "2"
    assert timed.order("1").attention == frozenset()
