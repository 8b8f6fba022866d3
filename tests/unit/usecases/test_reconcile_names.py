"""Reconcile: how the codes that SkyHub lists find their orders, under whatever name these are known."""

from dataclasses import replace

from tests.fakes.fake_skyhub import ORDERS, During
from tests.unit.domain.builders import NOW
from tests.unit.usecases.situations import found, ids, listed
from tests.unit.usecases.world import (
    TimedWorld,
    World,
    announcement,
    at_skyhub,
    event,
    in_oms,
    order_id,
    pages,
    skyhub_code,
)
from worker.domain.events import OrderCanceled
from worker.domain.facts import Carrier, SkyHubLine, SkyHubOrder, SkyHubStatus
from worker.domain.order import Attention, Order, Status
from worker.ports import Change, Reconciled, Saved
from worker.usecases.find_orders import find_order

RIDDLE = Attention.COLLECTABLE_BUT_UNKNOWN


def bare(world: World, code: str = "1") -> Order:
    """Return the order that is known by its code alone."""
    return world.ledger.load([code])[0][code].order


def test_codes_are_named_by_skyhubs_list_page_by_page(timed: TimedWorld) -> None:
    """It is read as far as it takes."""
    codes = [str(number) for number in range(1000, 1000 + 4 * ORDERS)]
    timed.skyhub.orders |= {skyhub_code(code): at_skyhub(code) for code in codes}
    timed.skyhub.label(codes[0], codes[250])
    assert found(timed) == Reconciled(listed=2, opened=2, flagged=2)
    assert pages(timed, "invoiced") == ["1", "2", "3"]
    assert sorted(ids(timed.plain)) == [order_id(codes[0]), order_id(codes[250])]


def test_a_code_without_a_name_opens_a_bare_document_that_later_events_find(world: World) -> None:
    """It is shown; an event with the full id completes it, and its pickup is requested under the code once."""
    world.skyhub.label("1")
    assert found(world) == Reconciled(listed=1, opened=1, flagged=1)
    assert ids(world.ledger) == ["1"]
    assert (set(bare(world).attention), bare(world).learn_at is not None) == ({RIDDLE}, True)
    assert found(world) == Reconciled(listed=1, flagged=1)
    world.hear(event("1"))
    assert (ids(world.ledger), bare(world).status) == (["1"], Status.DUE)
    assert world.pickups().confirmed == 1
    assert world.skyhub.sent == [("1",)]


def test_an_order_canceled_between_skyhubs_lists_takes_its_cancel_under_its_code(world: World) -> None:
    """The list of collectables shows it, that of invoiced orders does not any more: one document, found by any name."""
    world.skyhub.label("1")
    assert found(world).opened == 1
    canceled = OrderCanceled(order_id=order_id("1"), occurred_at=NOW, reason="no stock", dated=False)
    world.hear(event("1", ordered={"a": 2}), canceled)
    assert (ids(world.ledger), bare(world).status) == (["1"], Status.CANCELED)
    stored = find_order(world.ledger, world.policy.affiliate, order_id("1"))
    assert stored is not None
    assert stored.order == bare(world)
    assert world.pickups().confirmed == 0


def test_a_bare_document_finds_its_name_and_its_oms(timed: TimedWorld) -> None:
    """SkyHub's list names the code later: the OMS is read then, and tells the items in its own words."""
    timed.with_oms()
    timed.skyhub.label("1")
    timed.reconcile()
    timed.learn()
    lines = (SkyHubLine("named", "otherwise", 1),)
    timed.skyhub.orders[skyhub_code("1")] = at_skyhub("1", lines=lines)
    timed.oms.orders[order_id("1")] = in_oms("1", {"a": 1})
    timed.sweeps(3600)
    assert (bare(timed).status, bare(timed).ordered, timed.requests("1")) == (Status.REQUESTED, {"a": 1}, [1])
    assert ids(timed.plain) == ["1"]


def test_a_known_order_is_found_under_another_code(world: World) -> None:
    """The list spells it without its delivery suffix: it takes the list's code, and no second document is opened."""
    world.with_oms()
    world.hear(event("1-01", ordered={"a": 2}))
    world.skyhub.label("1")
    world.skyhub.orders["x"] = SkyHubOrder(skyhub_code("1-01"), "1", SkyHubStatus.INVOICED, Carrier.DIRECT)
    assert found(world) == Reconciled(listed=1, reread=1)
    assert ids(world.ledger) == [order_id("1-01")]
    assert world.order("1-01").codes == ("1",)
    assert found(world) == Reconciled(listed=1, reread=1)
    assert pages(world, "invoiced") == ["1"]


def test_an_order_whose_list_says_no_code_is_found_by_its_name(world: World) -> None:
    """What follows the site in SkyHub's own code is its remote code, as far as anybody knows."""
    world.skyhub.label("1")
    world.skyhub.orders["x"] = replace(at_skyhub("1"), remote_code="")
    world.skyhub.orders["y"] = replace(at_skyhub("2"), code="nonsense", remote_code="")
    found(world)
    assert ids(world.ledger) == [order_id("1")]


def test_a_code_that_goes_to_another_document_meanwhile_is_that_ones(world: World) -> None:
    """Whoever goes by it takes what SkyHub's list tells, as with events: no riddle is lost between the two."""
    world.with_oms()
    other = Order(order_id="BWW-Submarino-1", skyhub_code="Submarino-1", created_at=world.now())
    other = replace(other, guessed_codes=("1",), ordered={"a": 1})

    def opened_elsewhere() -> None:
        assert world.ledger.save([Change(order=other, version=0)]) == [Saved(1)]

    listed(world, "1")
    world.skyhub.during[During.INVOICED].append(opened_elsewhere)
    assert found(world) == Reconciled(listed=1, reread=1)
    assert ids(world.ledger) == [other.order_id]
    assert world.ledger.load([other.order_id])[0][other.order_id].order.carrier is Carrier.DIRECT


def test_a_code_whose_document_is_gone_is_opened_anew(timed: TimedWorld) -> None:
    """Its owner's line outlived it: the order is opened under that id, and not overlooked for ever."""
    timed.plain.kept.codes["1"] = ("BWW-Submarino-1", float("inf"))
    listed(timed, "1")
    assert found(timed) == Reconciled(listed=1, opened=1, flagged=1)
    assert ids(timed.plain) == ["BWW-Submarino-1"]
    assert found(timed) == Reconciled(listed=1, flagged=1)


def test_an_order_that_an_event_opens_meanwhile_is_followed(timed: TimedWorld) -> None:
    """It is not opened a second time, nor is the event's word overwritten."""
    timed.with_oms()
    listed(timed, "1")
    timed.skyhub.during[During.INVOICED].append(lambda: timed.hear(event("1", ordered={"a": 3})))
    assert found(timed) == Reconciled(listed=1, reread=1)
    assert timed.order("1").ordered == {"a": 3}


def test_a_change_by_another_writer_is_not_overwritten(timed: TimedWorld) -> None:
    """The look decides anew about what was changed meanwhile."""
    timed.with_oms()
    timed.hear(event("1", ordered={"a": 2}))
    listed(timed, "1")
    timed.raced.faster.append(lambda: timed.touch("1"))
    assert found(timed) == Reconciled(listed=1, reread=1)
    assert "somebody.looked" in [entry.event for entry in timed.order("1").history]


def test_in_a_store_without_an_affiliate_ids_have_none(timed: TimedWorld) -> None:
    """An OMS can be asked once an announcement told VTEX's id."""
    timed.policy = replace(timed.policy, affiliate=None)
    timed.with_oms()
    listed(timed, "1")
    assert found(timed) == Reconciled(listed=1, opened=1, flagged=1)
    assert ids(timed.plain) == ["Lojas_Americanas-1"]
    timed.hear(announcement("1"))
    timed.oms.orders[order_id("1")] = in_oms("1", {"a": 1})
    timed.sweeps(20)
    assert timed.requests("1") == [1]
