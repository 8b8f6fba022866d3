"""What becomes of announcements: whose they are, and what is wished for (design, "The flow")."""

from dataclasses import replace

import pytest

from tests.unit.domain.builders import an_invoice, canceled
from tests.unit.usecases.situations import ids, opened_bare
from tests.unit.usecases.world import (
    TimedWorld,
    World,
    announcement,
    at_skyhub,
    event,
    in_oms,
    order_id,
    skyhub_code,
)
from worker.domain.events import Announcer, OrderAnnounced, OrderInvoiced
from worker.domain.facts import Carrier
from worker.domain.order import Status
from worker.ports import Drain
from worker.usecases.record_invoices import Recorded

FOREIGN = ("1253881550433-01", "XDE-Lojas_Americanas-9", "v502556llux-01")


def other(name: str, by: Announcer = Announcer.HOOK, state: str = "INVOICED") -> OrderAnnounced:
    """Announce an order by any name."""
    return OrderAnnounced(order_id=name, occurred_at=1, by=by, state=state, vtex_id=name)


def test_announcements_are_counted_by_what_they_wish(world: World) -> None:
    """So that hints can follow."""
    world.with_oms()
    world.ledger.append([announcement("1"), announcement("2", Announcer.FEED), announcement("1")])
    assert world.drain() == Recorded(events=3, drains={Drain.REREAD})
    assert sorted(world.ledger.wishes(Drain.REREAD, world.now(), 9)) == [order_id("1"), order_id("2")]


@pytest.mark.parametrize("by", [Announcer.HOOK, Announcer.FEED, Announcer.PICK_AND_PACK])
def test_orders_of_other_channels_are_counted_and_not_entered(world: World, by: Announcer) -> None:
    """A hook tells of every order of the account: they are acknowledged, and nobody's business here."""
    world.with_oms()
    world.ledger.append([*(other(name, by) for name in FOREIGN), announcement("1", by, "INVOICED")])
    assert world.drain() == Recorded(events=4, drains={Drain.REREAD})
    assert world.counters()["foreign"] == 3
    assert ids(world.ledger) == [order_id("1")]
    assert world.ledger.rejected(9) == []


def test_boxes_of_orders_that_nobody_knows_are_counted_and_not_entered(world: World) -> None:
    """Until one says that the order was invoiced or canceled; those of known orders are noted."""
    world.with_oms()
    world.due("2")
    states = ("PICKING", "PACKING")
    world.ledger.append([announcement(code, Announcer.PICK_AND_PACK, state) for state in states for code in "12"])
    assert world.drain() == Recorded(events=4, due=0)
    assert world.counters()["unheard"] == 2
    assert ids(world.ledger) == [order_id("2")]
    fulfilment = world.order("2").fulfilment
    assert fulfilment is not None
    assert fulfilment.status == "PACKING"
    world.hear(announcement("1", Announcer.PICK_AND_PACK, "INVOICED"))
    assert world.order("1").reread_at is not None


def test_news_of_an_order_that_ended_is_a_repeat(world: World) -> None:
    """Skipped or canceled: the event leaves the inbox, and the document stays as it is."""
    world.with_oms()
    world.hear(event("1", carrier=Carrier.CORREIOS), event("2", ordered={"a": 2}), canceled(order_id=order_id("2")))
    before = [world.order(code) for code in "12"]
    world.ledger.append([announcement("1"), announcement("2")])
    assert world.drain() == Recorded(events=2)
    assert world.counters()["repeated"] == 2
    assert [world.order(code) for code in "12"] == before


def test_an_announcement_under_a_second_id_goes_to_the_owner_of_its_code(world: World) -> None:
    """One order, one document; it is read by the id that is the document's own."""
    world.with_oms()
    world.hear(event("1", ordered={"a": 2}), other("BWW-Submarino-1"))
    assert ids(world.ledger) == [order_id("1")]
    world.oms.orders[order_id("1")] = in_oms("1", {"a": 2}, ordered={"a": 2})
    world.reread()
    assert world.oms.read == [order_id("1")]


@pytest.mark.parametrize("name", [order_id("1"), "Lojas_Americanas-1", skyhub_code("1")])
def test_an_order_that_somebody_asks_for_may_have_any_name(world: World, name: str) -> None:
    """It is opened under its one id; a code alone, which no order goes by, is rejected, and another's is foreign."""
    world.with_oms()
    world.hear(OrderAnnounced(order_id=name, occurred_at=1, by=Announcer.CALLER))
    assert ids(world.ledger) == [order_id("1")]
    assert world.order("1").reread_at is not None
    world.hear(*(OrderAnnounced(order_id=name, occurred_at=1, by=Announcer.CALLER) for name in ("1", "77")))
    assert ids(world.ledger) == [order_id("1")]
    assert ["'77'" in kept.reason for kept in world.ledger.rejected(9)] == [True]


def test_a_store_without_an_affiliate_reads_its_oms_by_the_id_that_was_announced(world: World) -> None:
    """Its documents carry no affiliate; VTEX's ids do."""
    world.policy = replace(world.policy, affiliate=None)
    world.with_oms()
    bare = "Lojas_Americanas-1"
    world.oms.orders[order_id("1")] = in_oms("1", {"a": 1})
    world.ledger.append([announcement("1"), other(FOREIGN[0])])
    assert world.drain() == Recorded(events=2, drains={Drain.REREAD})
    assert ids(world.ledger) == [bare]
    world.reread()
    assert world.oms.read == [order_id("1")]
    assert world.ledger.load([bare])[0][bare].order.complete


@pytest.mark.parametrize("oms", [True, False])
def test_an_order_known_by_its_code_alone_is_found_by_events_with_its_full_id(world: World, oms: bool) -> None:  # noqa: FBT001 - a parameter
    """It learns its name from them, so that OMS and SkyHub can be asked: an invoice alone completes it in the end."""
    world.policy = replace(world.policy, oms=oms)
    opened_bare(world)
    told = event("1", an_invoice("1", {"a": 1}), carrier=Carrier.UNKNOWN)
    assert isinstance(told, OrderInvoiced)
    world.hear(replace(told, items=None))
    assert ids(world.ledger) == ["1"]
    order = world.ledger.load(["1"])[0]["1"].order
    assert order.skyhub_code == skyhub_code("1")
    assert (order.reread_at is not None, order.learn_at is not None) == (oms, not oms)
    world.oms.orders[order_id("1")] = in_oms("1", {"a": 1})
    world.skyhub.orders[skyhub_code("1")] = at_skyhub("1")
    world.reread()
    assert world.oms.read == [order_id("1")] * oms
    world.learn()
    status = world.ledger.load(["1"])[0]["1"].order.status
    assert status is (Status.DUE if oms else Status.WAITING)


def test_what_skyhub_spelled_is_not_respelled_by_a_second_id(world: World) -> None:
    """Only a document that is a bare code learns its name from an event."""
    world.hear(event("1", ordered={"a": 2}))
    second = event("1", ordered={"a": 2})
    assert isinstance(second, OrderInvoiced)
    world.hear(replace(second, order_id="BWW-Submarino-1"))
    assert world.order("1").skyhub_code == skyhub_code("1")


def test_a_bare_order_is_read_under_the_id_that_a_hook_announced(world: World) -> None:
    """The hook knows VTEX's id, wherever SkyHub's list stands."""
    world.with_oms()
    opened_bare(world)
    world.hear(announcement("1"))
    world.oms.orders[order_id("1")] = in_oms("1", {"a": 1})
    assert world.reread().orders == 1
    assert world.ledger.load(["1"])[0]["1"].order.complete


def test_a_held_order_that_a_webhook_tells_of_is_hinted_at(timed: TimedWorld) -> None:
    """It counts as due: Pick and Pack is asked at once, not when the pace says so."""
    timed.with_boxes()
    timed.ready("1")
    timed.pickups()
    timed.ledger.append([announcement("1", Announcer.PICK_AND_PACK, "READY_FOR_INVOICING")])
    assert timed.drain() == Recorded(events=1, due=1, drains={Drain.PICKUPS})
    assert timed.plain.due(timed.now(), 9) == [order_id("1")]
