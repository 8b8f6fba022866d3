"""Reconcile while SkyHub is in trouble, the process ends, or another look overlaps."""

from dataclasses import replace

import pytest

from tests.fakes.fake_skyhub import ROWS, During
from tests.unit.domain.builders import SECOND, an_invoice
from tests.unit.usecases.situations import found, ids, listed, opened_bare
from tests.unit.usecases.world import (
    BEARER,
    TimedWorld,
    World,
    after,
    event,
    order_id,
)
from worker.domain.events import OrderInvoiced
from worker.domain.facts import Carrier
from worker.domain.order import Status
from worker.ports import Drain, PermanentError, Reconciled, TransientError
from worker.usecases.reconcile import Looked
from worker.usecases.store_trouble import Rest


@pytest.mark.parametrize("what", ["false:1", "invoiced:1"])
def test_skyhub_in_trouble_lets_the_look_rest(timed: TimedWorld, what: str) -> None:
    """Its bearer comes back, others return at once; nothing was said to be found."""
    listed(timed, "1")
    timed.skyhub.faults[what] = TransientError("SkyHub answered 503", retry_after=30.0)
    assert timed.reconcile() == Looked(rest=Rest(BEARER, 30 * SECOND))
    timed.skyhub.faults.clear()
    timed.skyhub.read.clear()
    assert timed.reconcile("other") == Looked()
    assert timed.reconcile().rest == Rest(BEARER, 30 * SECOND)
    assert (timed.skyhub.read, timed.plain.kept.reconciled) == ([], None)
    timed.advance(30)
    assert found(timed).opened == 1
    assert timed.plain.standing(Drain.RECONCILE).backoff.tries == 0


@pytest.mark.parametrize("what", ["false:1", "invoiced:1"])
def test_skyhub_refusing_the_account_pauses_the_store(timed: TimedWorld, what: str) -> None:
    """And the look after a probe that succeeds ends the pause."""
    listed(timed, "1")
    timed.skyhub.faults[what] = PermanentError("SkyHub answered 401")
    assert timed.reconcile().found is None
    assert (timed.paused.active, timed.paused.by, timed.paused.reason) == (True, "service", "SkyHub answered 401")
    timed.skyhub.faults.clear()
    timed.skyhub.read.clear()
    assert timed.reconcile() == Looked()
    assert timed.skyhub.read == []
    timed.advance(60)
    assert found(timed).opened == 1
    assert not timed.paused.active


@pytest.mark.parametrize("calls", [0, 1, 2, 3, 4])
def test_a_process_that_ends_stops_between_two_calls(timed: TimedWorld, calls: int) -> None:
    """What it did stays, what it did not do the next look does: each order is opened once."""
    codes = [str(number) for number in range(100, 100 + 2 * ROWS)]
    listed(timed, *codes)
    outcome = timed.reconcile(stop=after(calls))
    assert (len(timed.skyhub.read), outcome.found is None) == (min(calls, 4), calls < 4)
    assert timed.plain.lease(Drain.RECONCILE) is not None
    timed.advance(31)
    found(timed)
    assert sorted(ids(timed.plain)) == sorted(map(order_id, codes))


def test_two_looks_that_overlap_after_all_open_an_order_once(timed: TimedWorld) -> None:
    """One slept through its lease: it stops, and both together did it once."""
    timed.with_oms()
    listed(timed, "1")
    inner: list[Reconciled] = []

    def sleep() -> None:
        timed.advance(31)
        inner.append(found(timed))

    timed.skyhub.during[During.INVOICED].append(sleep)
    outer = timed.reconcile("other")
    assert inner[0].opened == 1
    assert outer.found is None or outer.found.opened == 0
    assert ids(timed.plain) == [order_id("1")]


def test_a_list_that_took_long_to_read_accuses_no_order(timed: TimedWorld) -> None:
    """What was requested since the reading began stood in it rightly."""
    timed.ready("1")
    listed(timed, *(str(number) for number in range(100, 100 + 5 * ROWS)))
    during = timed.skyhub.during[During.PAGE]

    def request() -> None:
        assert timed.pickups().confirmed == 1
        during.extend([lambda: timed.advance(25)] * 4)

    during.extend([lambda: None, request])
    found(timed)
    assert not during
    assert (timed.statuses("1"), timed.order("1").attention) == ([Status.REQUESTED], frozenset())


def test_what_was_found_is_kept_for_whoever_looks(world: World) -> None:
    """With its date, the last look's only."""
    listed(world, "1", "2")
    found(world)
    found(world)
    if isinstance(world, TimedWorld):
        (overview,) = world.fleet.overview(["acme"])
        assert overview.reconciled == Reconciled(at=world.now(), listed=2, flagged=2)


def test_an_invoice_alone_is_not_lost_beside_a_bare_document(timed: TimedWorld) -> None:
    """Known by its code, told of by a push without items, named by SkyHub's list: all come together."""
    opened_bare(timed)
    listed(timed, "1")
    told = event("1", an_invoice("1", {"a": 1}), carrier=Carrier.UNKNOWN)
    assert isinstance(told, OrderInvoiced)
    timed.hear(replace(told, items=None))
    timed.sweeps(120)
    assert timed.requests("1") == [1]
