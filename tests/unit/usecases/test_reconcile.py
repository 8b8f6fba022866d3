"""Reconcile: what SkyHub lists as collectable, and the ledger does not know or still awaits (design, "Celery")."""

from dataclasses import replace

from tests.unit.domain.builders import DAY, SECOND
from tests.unit.usecases.situations import found, ids, listed
from tests.unit.usecases.world import (
    TimedWorld,
    World,
    event,
    in_oms,
    order_id,
    pages,
)
from worker.domain.facts import Carrier
from worker.domain.order import Attention, Status
from worker.ports import Drain, Reconciled

RIDDLE = Attention.COLLECTABLE_BUT_UNKNOWN


def test_an_order_that_nobody_told_of_is_opened_and_read(world: World) -> None:
    """Under the name that SkyHub's list gives its code; it is then due, and requested once."""
    world.with_oms()
    listed(world, "1")
    world.oms.orders[order_id("1")] = in_oms("1", {"a": 1})
    outcome = world.reconcile()
    assert outcome.found is not None
    assert replace(outcome.found, at=0) == Reconciled(listed=1, opened=1, reread=1)
    assert outcome.drains == {Drain.REREAD}
    assert ids(world.ledger) == [order_id("1")]
    assert world.reread().due == 1
    assert world.pickups().confirmed == 1
    assert found(world) == Reconciled()
    assert world.statuses("1") == [Status.REQUESTED]


def test_an_order_that_is_still_awaited_is_read_again(world: World) -> None:
    """An invoice of it was missed; whatever is not listed is left alone."""
    world.with_oms()
    world.hear(event("1", ordered={"a": 2}), event("2", ordered={"a": 2}))
    listed(world, "1")
    assert found(world) == Reconciled(listed=1, reread=1)
    assert world.ledger.wishes(Drain.REREAD, world.now(), 9) == [order_id("1")]
    assert pages(world, "invoiced") == []


def test_without_an_oms_what_is_unknown_is_shown(world: World) -> None:
    """Opened with SkyHub's items, which an invoice completes later; counted at every look while it waits."""
    listed(world, "1")
    assert found(world) == Reconciled(listed=1, opened=1, flagged=1)
    assert (set(world.order("1").attention), world.order("1").ordered) == ({RIDDLE}, {"a": 1})
    assert found(world) == Reconciled(listed=1, flagged=1)
    assert world.ledger.attention_ids(0, 9) == [order_id("1")]
    world.hear(event("1"))
    assert (world.statuses("1"), world.ledger.attention_ids(0, 9)) == ([Status.DUE], [])
    assert world.pickups().confirmed == 1


def test_an_order_that_the_oms_does_not_know_is_shown_until_it_does(timed: TimedWorld) -> None:
    """It is asked at every look; once the OMS knows it, an operator has nothing to look at."""
    timed.with_oms()
    listed(timed, "1")
    timed.reconcile()
    timed.reread()
    assert not timed.order("1").attention
    assert found(timed) == Reconciled(listed=1, reread=1, flagged=1)
    assert timed.order("1").attention == {RIDDLE}
    timed.oms.orders[order_id("1")] = in_oms("1", ordered={"a": 2})
    assert timed.reread().orders == 1
    assert not timed.order("1").attention
    assert found(timed) == Reconciled(listed=1, reread=1)
    assert not timed.order("1").attention


def test_a_riddle_that_skyhub_lists_no_more_is_over(timed: TimedWorld) -> None:
    """Somebody requested it in SkyHub's panel: the flag goes with the next look."""
    listed(timed, "1", "2")
    timed.reconcile()
    timed.skyhub.take("1")
    timed.reconcile()
    assert [set(timed.order(code).attention) for code in "12"] == [set(), {RIDDLE}]


def test_a_correios_order_that_is_listed_is_never_requested(timed: TimedWorld) -> None:
    """However complete the OMS calls it."""
    timed.with_oms()
    listed(timed, "1", carrier=Carrier.CORREIOS)
    timed.oms.orders[order_id("1")] = in_oms("1", {"a": 1})
    assert found(timed) == Reconciled(listed=1, opened=1)
    timed.sweeps(3600)
    assert (timed.statuses("1"), timed.requests("1")) == ([Status.SKIPPED], [0])


def test_being_listed_completes_no_order(timed: TimedWorld) -> None:
    """Only invoices do: an order in parts is looked at again and again, and requested after the last."""
    timed.with_oms()
    listed(timed, "1")
    timed.oms.orders[order_id("1")] = in_oms("1", {"a": 1}, ordered={"a": 2}, status="invoiced")
    for _ in range(3):
        timed.reconcile()
        timed.sweeps(900)
    assert (timed.statuses("1"), timed.requests("1")) == ([Status.WAITING], [0])
    assert timed.order("1").attention == {Attention.OMS_INVOICED_ITEMS_MISSING}
    timed.oms.orders[order_id("1")] = in_oms("1", {"a": 1}, {"a": 1}, ordered={"a": 2})
    timed.reconcile()
    timed.sweeps(60)
    assert (timed.requests("1"), timed.order("1").attention) == ([1], frozenset())


def test_what_needs_work_now_is_said(timed: TimedWorld) -> None:
    """So that hints can follow: the OMS, SkyHub, and an order that SkyHub takes at last."""
    timed.due("1")
    timed.sweeps(11 * DAY / SECOND, every_ms=1_800_000)
    assert timed.statuses("1") == [Status.FAILED]
    timed.hear(event("2", carrier=Carrier.CORREIOS))
    listed(timed, "1", "2")
    assert timed.reconcile().drains == {Drain.PICKUPS, Drain.LEARN}
    assert timed.statuses("1") == [Status.DUE]


def test_a_look_counts_what_begins_to_wait_long(timed: TimedWorld) -> None:
    """After three days, once, the longest first; the OMS is read once more for each."""
    timed.with_oms()
    timed.hear(event("1", ordered={"a": 2}))
    timed.advance(DAY / SECOND)
    timed.hear(event("2", ordered={"a": 2}))
    timed.advance(2 * DAY / SECOND - 1)
    assert found(timed) == Reconciled()
    timed.advance(1)
    outcome = timed.reconcile()
    assert outcome.found is not None
    assert (outcome.found.waiting_long, outcome.drains) == (1, {Drain.REREAD})
    assert [Attention.WAITING_LONG in timed.order(code).attention for code in "12"] == [True, False]
    assert found(timed).waiting_long == 0
    timed.advance(DAY / SECOND)
    assert found(timed).waiting_long == 1


def test_many_waiting_orders_are_looked_at_in_turn(timed: TimedWorld) -> None:
    """More than one page of the index; the look ends at the first that is young."""
    old = [str(number) for number in range(1000, 2100)]
    timed.hear(*(event(code, ordered={"a": 2}) for code in old))
    timed.advance(3 * DAY / SECOND)
    timed.hear(*(event(str(number), ordered={"a": 2}) for number in range(3000, 3600)))
    assert found(timed).waiting_long == len(old)
    assert found(timed).waiting_long == 0
