"""Which order takes an event, and what becomes of events that no order takes (design, "One order, one document")."""

from dataclasses import replace

import pytest

from tests.unit.domain.builders import an_invoice, canceled
from tests.unit.usecases.situations import ids
from tests.unit.usecases.world import World, after, event, order_id
from worker.domain.events import Event, OrderInvoiced
from worker.domain.order import Status
from worker.ports import Drain
from worker.usecases.record_invoices import Recorded, record_now

TWO = {"a": 1, "b": 1}
SECOND_ID = "BWW-Submarino-1"
# The number of an invoice that is known, and versions of it whose dates cannot be compared.
BREAKS_RECORDING = (
    '{"i":"BWW-Lojas_Americanas-1","t":9,"v":["1",{"a":1},9,null,null,1,1,[],[["soon",1,"x"],[3,1,"y"]]],"o":{"a":1}}'
)


def second(name: str, remote_code: str = "", skyhub_code: str = "") -> Event:
    """Report the second item of an order, under any name of it."""
    told = event("1", an_invoice("2", {"b": 1}), ordered=TWO)
    assert isinstance(told, OrderInvoiced)
    return replace(told, order_id=name, remote_code=remote_code, skyhub_code=skyhub_code)


@pytest.mark.parametrize(
    "told",
    [
        second("Lojas Americanas-1"),
        second("Lojas_Americanas-1"),
        second("1"),
        second(SECOND_ID),
        second("BWW-Submarino-77", remote_code="1"),
        second("77", remote_code="1"),
        second("77", skyhub_code="Lojas Americanas-1"),
    ],
    ids=["SkyHub's", "marketplace's", "bare code", "second id", "code stated", "bare, code stated", "bare, SkyHub's"],
)
@pytest.mark.parametrize("how", ["inbox", "at once"])
def test_an_order_takes_its_events_under_every_name(world: World, told: Event, how: str) -> None:
    """One order, one document: both items count for it, and no second document is opened."""
    world.hear(event("1", ordered=TWO))
    assert world.statuses("1") == [Status.WAITING]
    if how == "inbox":
        world.ledger.append([told])
        recorded = world.drain()
    else:
        recorded = record_now(world.ledger, world.policy, told, "")
    assert recorded == Recorded(events=1, due=1, drains={Drain.PICKUPS})
    assert ids(world.ledger) == [order_id("1")]


def test_a_cancel_reaches_the_order_that_owns_its_code(world: World) -> None:
    """Also under a second id."""
    world.hear(event("1", ordered=TWO), canceled(order_id=SECOND_ID))
    assert world.statuses("1") == [Status.CANCELED]
    assert ids(world.ledger) == [order_id("1")]


def test_two_ids_of_one_new_order_in_one_batch_are_one_order(world: World) -> None:
    """Who opens the document first owns the code; the other's events come again and go to it."""
    world.ledger.append([event("1", ordered=TWO), second(SECOND_ID)])
    assert world.drain() == Recorded(events=2, due=1, drains={Drain.PICKUPS})
    assert ids(world.ledger) == [order_id("1")]


@pytest.mark.parametrize("affiliate", ["BWW", None])
def test_a_bare_code_that_states_a_known_code_blocks_nothing(world: World, affiliate: str | None) -> None:
    """The inbox is emptied, in a store without an affiliate too: the owner of the stated code takes the event."""
    world.policy = replace(world.policy, affiliate=affiliate)
    first = event("1", ordered=TWO)
    assert isinstance(first, OrderInvoiced)
    world.hear(replace(first, remote_code="1"))
    world.ledger.append([second("77", remote_code="1")])
    assert world.drain(stop=after(20)) == Recorded(events=1, due=1, drains={Drain.PICKUPS})
    assert len(ids(world.ledger)) == 1


def test_a_bare_code_that_nobody_knows_is_rejected_with_what_to_send(world: World) -> None:
    """Where ids have an affiliate, a bare code alone opens no order."""
    world.ledger.append([second("77"), event("2")])
    assert world.drain() == Recorded(events=2, due=1, drains={Drain.PICKUPS})
    (rejected,) = world.ledger.rejected(9)
    assert "order_id '77' is no order id of this store" in rejected.reason
    assert '"77"' in rejected.body
    assert ids(world.ledger) == [order_id("2")]


def test_in_a_store_without_an_affiliate_a_bare_code_is_an_order(world: World) -> None:
    """Its ledger id is the code."""
    world.policy = replace(world.policy, affiliate=None)
    world.ledger.append([second("77")])
    assert world.drain() == Recorded(events=1)
    assert ids(world.ledger) == ["77"]


def test_orders_of_other_affiliates_are_counted_and_not_entered(world: World) -> None:
    """Acknowledged, and nobody's business here: neither an order nor a rejected event."""
    world.ledger.append([second("XDE-1253881550433-01"), canceled(order_id="MGZ-Loja-5"), event("1")])
    assert world.drain() == Recorded(events=3, due=1, drains={Drain.PICKUPS})
    assert world.counters()["foreign"] == 2
    assert ids(world.ledger) == [order_id("1")]
    assert world.ledger.rejected(9) == []


def test_an_order_that_is_known_is_never_foreign(world: World) -> None:
    """The stores file may name another affiliate now: the events of orders that were opened before reach them."""
    world.hear(event("1", ordered=TWO))
    world.policy = replace(world.policy, affiliate="XYZ")
    world.ledger.append([second(order_id("1")), second("BWW-Lojas_Americanas-2")])
    assert world.drain().due == 1
    assert world.order("1").status is Status.DUE
    assert world.counters()["foreign"] == 1


def test_what_is_no_event_is_rejected_and_blocks_nothing(world: World) -> None:
    """It is kept with its reason; the events before and behind it are recorded."""
    world.ledger.append([event("1")])
    world.put("{broken")
    world.put('{"i": 7}')
    world.ledger.append([event("2")])
    assert world.drain() == Recorded(events=4, due=2, drains={Drain.PICKUPS})
    assert {rejected.body for rejected in world.ledger.rejected(9)} == {"{broken", '{"i": 7}'}
    assert all("not an event of this service" in rejected.reason for rejected in world.ledger.rejected(9))
    assert world.counters()["rejected"] == 2


def test_an_event_that_breaks_recording_is_rejected_and_blocks_nothing(world: World) -> None:
    """Its own order's other events are recorded too, before and behind it."""
    world.ledger.append([event("1", ordered=TWO)])
    world.put(BREAKS_RECORDING)
    world.ledger.append([second(order_id("1")), event("2")])
    assert world.drain(stop=after(20)) == Recorded(events=4, due=2, drains={Drain.PICKUPS})
    (rejected,) = world.ledger.rejected(9)
    assert rejected.body == BREAKS_RECORDING
    assert rejected.reason.startswith("recording it failed (TypeError(")
    assert world.order("1").invoiced == TWO


def test_an_event_that_breaks_recording_at_once_is_rejected(world: World) -> None:
    """The caller's message is acknowledged: sent again it would break again."""
    world.hear(event("1"))
    world.put(BREAKS_RECORDING)
    _, entries = world.ledger.exchange((), (), 1)
    broken = entries[0].event
    assert isinstance(broken, OrderInvoiced)
    recorded = record_now(world.ledger, world.policy, broken, "as it was sent")
    assert recorded == Recorded(events=1)
    (rejected,) = world.ledger.rejected(9)
    assert rejected.body == "as it was sent"
