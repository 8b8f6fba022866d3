"""Learning carriers, codes and items from SkyHub (design, "Facts")."""

from dataclasses import replace

import pytest

from tests.fakes.fake_skyhub import ORDERS, During
from tests.unit.domain.builders import MINUTE
from tests.unit.usecases.situations import MANY, known_there, singles, unknown
from tests.unit.usecases.world import TimedWorld, World, at_skyhub, event, order_id, pages, skyhub_code
from worker.domain.events import OrderInvoiced
from worker.domain.facts import Carrier, SkyHubLine, SkyHubStatus
from worker.domain.order import In, Status
from worker.ports import Change, Drain


def test_a_few_orders_are_asked_for_one_by_one(world: World) -> None:
    """Three calls are fewer than a list; their carrier known, they are due and hinted at."""
    unknown(world, "1", "2", "3")
    known_there(world, *MANY)
    learned = world.learn()
    assert (learned.orders, learned.due, learned.drains, learned.rest) == (3, 3, {Drain.PICKUPS}, None)
    assert (len(singles(world)), pages(world, "invoiced")) == (3, [])
    assert world.statuses("1", "2", "3") == [Status.DUE] * 3


def test_many_orders_are_learned_from_the_list(world: World) -> None:
    """Thirty orders, one call."""
    unknown(world, *MANY)
    known_there(world, *MANY)
    learned = world.learn()
    assert (learned.orders, learned.due, learned.drains) == (30, 30, {Drain.PICKUPS})
    assert (singles(world), pages(world, "invoiced")) == ([], ["1"])


def test_orders_that_the_list_does_not_show_are_asked_for_one_by_one(world: World) -> None:
    """Learned all the same; SkyHub does not call them invoiced any more, or not yet."""
    unknown(world, *MANY)
    known_there(world, *MANY)
    world.skyhub.orders[skyhub_code("7")] = at_skyhub("7", status=SkyHubStatus.SHIPPED)
    assert world.learn().due == 30
    assert (singles(world), pages(world, "invoiced")) == ([skyhub_code("7")], ["1"])


def test_a_list_that_is_longer_than_the_wishes_is_not_read_to_its_end(timed: TimedWorld) -> None:
    """Five orders in a list of forty pages: one page to see how long it is, then five calls."""
    known_there(timed, *(str(number) for number in range(1000, 1000 + 40 * ORDERS)))
    unknown(timed, "4990", "4991", "4992", "4993", "4994")
    assert timed.learn().orders == 5
    assert (pages(timed, "invoiced"), len(singles(timed))) == (["1"], 5)


def test_a_list_is_read_on_as_long_as_it_saves_calls(timed: TimedWorld) -> None:
    """Two hundred orders in three pages cost three calls."""
    codes = [str(number) for number in range(1000, 1000 + 3 * ORDERS)]
    known_there(timed, *codes)
    unknown(timed, *codes[50:250])
    assert timed.learn().due == 200
    assert (pages(timed, "invoiced"), singles(timed)) == (["1", "2", "3"], [])


def test_the_list_teaches_other_orders_too(timed: TimedWorld) -> None:
    """Whoever lacks a carrier learns it on the way, complete or not; whoever wants nothing is left alone."""
    unknown(timed, *MANY)
    timed.hear(event("50", ordered={"a": 2}, carrier=Carrier.UNKNOWN))
    timed.due("51")
    known_there(timed, *MANY, "50", "51", carrier=Carrier.CORREIOS)
    timed.learn()
    assert timed.order("50").carrier is Carrier.CORREIOS
    assert timed.statuses("51") == [Status.DUE]


@pytest.mark.parametrize(
    ("carrier", "status", "becomes"),
    [
        (Carrier.DIRECT, SkyHubStatus.INVOICED, Status.DUE),
        (Carrier.DIRECT, SkyHubStatus.APPROVED, Status.DUE),
        (Carrier.CORREIOS, SkyHubStatus.INVOICED, Status.SKIPPED),
        (Carrier.FULFILLMENT, SkyHubStatus.INVOICED, Status.SKIPPED),
        (Carrier.OWN, SkyHubStatus.APPROVED, Status.WAITING),
        (Carrier.OWN, SkyHubStatus.INVOICED, Status.SKIPPED),
        (Carrier.UNKNOWN, SkyHubStatus.INVOICED, Status.WAITING),
        (Carrier.DIRECT, SkyHubStatus.CANCELED, Status.CANCELED),
    ],
)
def test_only_what_is_positively_direct_becomes_due(
    timed: TimedWorld, carrier: Carrier, status: SkyHubStatus, becomes: Status
) -> None:
    """`own` only once SkyHub calls the order invoiced: before, the carrier may still change. Canceled is canceled."""
    unknown(timed, "1")
    timed.skyhub.orders[skyhub_code("1")] = at_skyhub("1", carrier, status)
    learned = timed.learn()
    assert timed.statuses("1") == [becomes]
    assert learned.due == (becomes is Status.DUE)
    waits = timed.order("1").learn_at is not None
    assert waits is (becomes is Status.WAITING)


def test_an_order_that_skyhub_does_not_know_yet_is_asked_for_at_a_growing_pace(timed: TimedWorld) -> None:
    """One minute to half an hour; nothing is forgotten, and no run asks for another at once."""
    unknown(timed, "1")
    waits = []
    for _ in range(7):
        assert not timed.learn().drains
        wait = timed.plain.load([order_id("1")])[0][order_id("1")].order.learn_at
        assert wait is not None
        waits.append((wait.ms - timed.now()) // MINUTE)
        timed.clock.now = wait.ms
    assert waits == [1, 2, 4, 8, 16, 30, 30]
    known_there(timed, "1")
    assert timed.learn().due == 1


def test_items_and_codes_are_learned_where_no_event_named_them(timed: TimedWorld) -> None:
    """An invoice alone proves nothing: SkyHub's lines say whether it was the last."""
    told = event("1", carrier=Carrier.UNKNOWN)
    assert isinstance(told, OrderInvoiced)
    timed.hear(replace(told, items=None))
    assert timed.order("1").reason == "the order's items are not known yet"
    lines = (SkyHubLine("a", "a", 1), SkyHubLine("b", "b", 1))
    timed.skyhub.orders[skyhub_code("1")] = replace(at_skyhub("1"), remote_code="1-01", lines=lines)
    assert timed.learn().due == 0
    order = timed.order("1")
    assert (order.ordered, order.remote_code, order.reason) == ({"a": 1, "b": 1}, "1-01", "1 of 2 units invoiced")


def test_an_order_is_learned_when_a_person_asks_although_it_lacks_nothing(timed: TimedWorld) -> None:
    """The wish is in the document: it is answered once, and gone."""
    timed.due("1")
    stored = timed.plain.load([order_id("1")])[0][order_id("1")]
    timed.plain.save([Change(order=replace(stored.order, learn_at=In(0)), version=stored.version)])
    known_there(timed, "1", carrier=Carrier.CORREIOS)
    timed.learn()
    assert timed.statuses("1") == [Status.SKIPPED]
    assert timed.learn().orders == 0


def test_an_order_that_another_writer_saved_is_learned_in_the_next_run(timed: TimedWorld) -> None:
    """The wish stays in the index: nothing is lost, nothing overwritten."""
    unknown(timed, "1")
    known_there(timed, "1")
    timed.skyhub.during[During.ORDER].append(lambda: timed.touch("1"))
    learned = timed.learn()
    assert (learned.orders, learned.drains) == (0, {Drain.LEARN})
    assert timed.learn().due == 1
