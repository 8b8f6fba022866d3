"""Reading orders again from the VTEX OMS (design, "Facts")."""

from dataclasses import replace

import pytest
from structlog.contextvars import bound_contextvars, get_contextvars

from tests.unit.domain.builders import MINUTE, SECOND, an_invoice
from tests.unit.usecases.world import (
    BEARER,
    TimedWorld,
    World,
    after,
    announcement,
    at_skyhub,
    event,
    in_oms,
    order_id,
    skyhub_code,
)
from worker.domain.facts import Carrier, SkyHubLine
from worker.domain.order import Attention, Status
from worker.ports import Drain, PermanentError, TransientError
from worker.usecases.reread_orders import Reread
from worker.usecases.store_trouble import Rest

DOWN = TransientError("the OMS answered 503", retry_after=30.0)
CLOSED = PermanentError("the OMS answered 401")
MANY = tuple(str(number) for number in range(1, 31))


def announced(world: World, *codes: str) -> None:
    """Hear of orders from the hook, in a store with an OMS, and know them as Direct."""
    world.with_oms()
    world.hear(*map(announcement, codes))
    world.skyhub.orders |= {skyhub_code(code): at_skyhub(code) for code in codes}


def told(world: World, *codes: str) -> None:
    """Let the OMS know orders as invoiced whole."""
    world.oms.orders |= {order_id(code): in_oms(code, {"a": 1}) for code in codes}


def test_one_snapshot_completes_an_order_whose_events_were_all_missed(world: World) -> None:
    """Then its carrier is asked for at SkyHub, and it is due."""
    announced(world, "1")
    told(world, "1")
    assert world.reread() == Reread(orders=1, drains={Drain.LEARN})
    assert world.ledger.wishes(Drain.REREAD, world.now(), 9) == []
    assert world.learn().due == 1
    assert world.reread() == Reread()
    assert world.oms.read == [order_id("1")]


def test_reads_side_by_side_are_made_in_the_runs_context(world: World) -> None:
    """Their log lines and spans belong to the task, whichever thread makes them."""
    announced(world, "1", "2")
    told(world, "1", "2")
    seen: list[object] = []
    world.oms.during = [lambda: seen.append(get_contextvars().get("trace_id"))] * 2

    with bound_contextvars(trace_id="of the task"):
        world.reread()

    assert seen == ["of the task"] * 2


def test_an_order_whose_carrier_is_known_is_due_at_once(world: World) -> None:
    """And counted, so that a hint can follow."""
    world.with_oms()
    world.hear(event("1", an_invoice(items={}), ordered={"a": 1}))
    told(world, "1")
    assert world.reread() == Reread(orders=1, due=1, drains={Drain.PICKUPS})


def test_three_packages_seen_only_by_snapshots_are_requested_after_the_third(timed: TimedWorld) -> None:
    """And not before, with readings between them and pickups after each: once in all."""
    announced(timed, "1")
    timed.skyhub.label("1")
    packages = [{"a": 1}, {"a": 1, "b": 1}, {"b": 1}]
    requests = []
    for count in (0, 1, 2, 3, 3):
        status = "invoiced" if count >= 2 else "handling"
        timed.oms.orders[order_id("1")] = in_oms("1", *packages[:count], ordered={"a": 2, "b": 2}, status=status)
        timed.hear(announcement("1"))
        timed.sweeps(120)
        requests += timed.requests("1")
        assert (Attention.OMS_INVOICED_ITEMS_MISSING in timed.order("1").attention) is (count == 2)
    assert requests == [0, 0, 0, 1, 1]


def test_news_that_come_while_the_oms_is_read_are_read_once_more(timed: TimedWorld) -> None:
    """What was read may not hold them: the announcement wins, and the OMS is asked again at once."""
    announced(timed, "1")
    timed.oms.orders[order_id("1")] = in_oms("1")

    def invoice() -> None:
        told(timed, "1")
        timed.hear(announcement("1"))

    timed.oms.during.append(invoice)
    first = timed.reread()
    assert (first.orders, first.drains, timed.order("1").complete) == (0, {Drain.REREAD}, False)
    assert timed.reread().orders == 1
    assert timed.order("1").complete
    assert len(timed.oms.read) == 2


def test_orders_are_read_side_by_side_and_each_is_saved(world: World) -> None:
    """Thirty in one run, each asked for once."""
    announced(world, *MANY)
    told(world, *MANY)
    assert world.reread() == Reread(orders=30, drains={Drain.LEARN})
    assert sorted(world.oms.read) == sorted(map(order_id, MANY))


def test_an_order_that_the_oms_does_not_know_has_its_items_from_skyhub(timed: TimedWorld) -> None:
    """The OMS is asked again at a slowing pace until then."""
    announced(timed, "1")
    timed.reread()
    order = timed.order("1")
    assert order.last_error.startswith(f"the VTEX OMS does not know the order {order_id('1')}")
    timed.skyhub.orders[skyhub_code("1")] = at_skyhub("1", lines=(SkyHubLine("a", "p", 1),))
    timed.learn()
    assert timed.order("1").ordered == {"a": 1}
    timed.hear(event("1", ordered={}, carrier=Carrier.UNKNOWN))
    assert timed.statuses("1") == [Status.DUE]
    timed.advance(3600)
    assert timed.reread() == Reread()


@pytest.mark.parametrize("error", [DOWN, CLOSED])
def test_an_oms_in_trouble_lets_its_drain_rest_and_nothing_else(timed: TimedWorld, error: Exception) -> None:
    """The wish stays, the bearer comes back; SkyHub is asked and pickups are requested meanwhile."""
    announced(timed, "1")
    told(timed, "1")
    timed.hear(event("2", carrier=Carrier.UNKNOWN))
    timed.ready("3")
    timed.skyhub.orders[skyhub_code("2")] = at_skyhub("2")
    timed.oms.faults[""] = error
    seconds = 30 if error is DOWN else 60
    assert timed.reread() == Reread(orders=1, rest=Rest(BEARER, seconds * SECOND))
    order = timed.order("1")
    assert (order.news_at is not None, order.last_error) == (True, f"the VTEX OMS cannot tell: {error}")
    assert timed.reread("other").rest is None
    assert timed.reread().rest == Rest(BEARER, seconds * SECOND)
    assert len(timed.oms.read) == 1
    assert timed.learn().due == 1
    assert timed.pickups().confirmed == 1
    assert not timed.paused.active
    timed.oms.faults.clear()
    timed.sweeps(180)
    assert (timed.order("1").complete, timed.order("1").last_error) == (True, "")
    assert timed.plain.standing(Drain.REREAD).backoff.tries == 0


def test_an_order_that_the_oms_chokes_on_blocks_no_other(timed: TimedWorld) -> None:
    """It is put off at a slowing pace, and the others are read; all that was answered beside it is saved."""
    announced(timed, *MANY)
    told(timed, *MANY)
    timed.oms.faults[order_id("1")] = PermanentError("the OMS answered 400")
    timed.sweeps(600)
    assert [timed.order(code).complete for code in MANY] == [code != "1" for code in MANY]
    assert timed.oms.read.count(order_id("1")) <= 6
    timed.oms.faults.clear()
    timed.sweeps(3600)
    assert timed.order("1").complete


def test_wishes_for_an_oms_that_was_taken_out_of_the_file_end(timed: TimedWorld) -> None:
    """SkyHub is asked for what it can tell; nothing is wished for ever, of requested orders neither."""
    announced(timed, "1", "2")
    timed.ready("3")
    timed.pickups()
    timed.hear(announcement("3"))
    timed.skyhub.orders[skyhub_code("1")] = at_skyhub("1", lines=(SkyHubLine("a", "p", 1),))
    timed.policy = replace(timed.policy, oms=False)
    assert timed.reread() == Reread(orders=3, drains={Drain.LEARN})
    assert timed.plain.wishes(Drain.REREAD, timed.now() + 3_600_000, 9) == []
    assert timed.order("3").news_at is None
    timed.learn()
    assert timed.order("1").ordered == {"a": 1}
    assert timed.oms.read == []


def test_a_cancel_after_the_request_is_heard_from_the_oms(timed: TimedWorld) -> None:
    """Recorded, shown, and not undone."""
    timed.with_oms()
    timed.ready("1")
    timed.pickups()
    timed.oms.orders[order_id("1")] = in_oms("1", {"a": 1}, canceled=True, status="canceled")
    timed.hear(announcement("1", state="canceled"))
    timed.reread()
    assert (timed.statuses("1"), set(timed.order("1").attention)) == (
        [Status.REQUESTED],
        {Attention.CANCELED_AFTER_REQUEST},
    )


def test_the_old_cancel_of_a_retried_order_does_not_come_back(timed: TimedWorld) -> None:
    """An operator undid it; the OMS says it again with every reading, without a date."""
    timed.with_oms()
    timed.hear(event("1", ordered={"a": 2}), announcement("1"))
    timed.oms.orders[order_id("1")] = in_oms("1", {"a": 1}, ordered={"a": 2}, canceled=True, status="canceled")
    timed.reread()
    assert timed.statuses("1") == [Status.CANCELED]
    list(timed.operate().retry([order_id("1")], "back in stock"))
    for _ in range(3):
        timed.advance(60)
        timed.hear(announcement("1"))
        timed.reread()
        assert timed.statuses("1") == [Status.WAITING]


def test_a_run_that_is_late_leaves_the_rest_to_the_next(timed: TimedWorld) -> None:
    """What it read is saved."""
    announced(timed, *MANY)
    told(timed, *MANY)
    done = timed.reread(late=after(1))
    assert (done.orders, done.drains) == (len(timed.oms.read), {Drain.REREAD, Drain.LEARN})
    assert 0 < done.orders < 30


def test_a_wish_of_a_document_that_expired_keeps_no_run_busy(timed: TimedWorld) -> None:
    """Its line is forgotten within an hour; until then nothing is announced for it."""
    timed.with_oms()
    timed.ready("1")
    timed.pickups()
    timed.hear(announcement("1"))
    timed.oms.faults[""] = DOWN
    timed.reread()
    del timed.plain.kept.documents[order_id("1")]
    timed.raced.wishes = lambda *_: [order_id("1")]  # type: ignore[method-assign]
    timed.oms.faults.clear()
    timed.advance(3600)
    assert timed.reread() == Reread()


def test_a_paused_store_reads_its_oms_on(timed: TimedWorld) -> None:
    """A pause stops SkyHub calls only: beat hints at the reading all the same."""
    announced(timed, "1")
    told(timed, "1")
    timed.pause()
    timed.sweeps(20)
    assert timed.order("1").complete
    assert timed.skyhub.read == []


def test_an_order_is_read_at_a_slowing_pace_while_its_items_are_unknown(timed: TimedWorld) -> None:
    """A sweep each ten seconds does not ask each ten seconds."""
    announced(timed, "1")
    timed.oms.orders[order_id("1")] = in_oms("1", {"a": 1}, ordered={})
    timed.sweeps(31 * MINUTE / SECOND)
    assert len(timed.oms.read) == 5
