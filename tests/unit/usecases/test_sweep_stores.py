"""What a sweep does as stores come and go, and for an inbox that somebody holds."""

import pytest
from structlog.testing import capture_logs

from tests.unit.domain.builders import DAY, SECOND, canceled
from tests.unit.usecases.world import STORE, SWEEP_MS, TimedWorld, event, order_id
from worker.domain.facts import Carrier
from worker.domain.order import Status
from worker.ports import OPERATOR, STORES_FILE, Drain, Pause
from worker.telemetry import Log
from worker.usecases.pause_store import pause_by_operator, resume
from worker.usecases.sweep import Timed, sweep

Hint = tuple[str, Drain, int]
OTHER = "other"


def swept(timed: TimedWorld, *stores: str) -> list[Hint]:
    """Sweep these stores once, and let time pass until the next sweep; returns the hints with their delays."""
    hints: list[Hint] = []
    sweep(timed.fleet, stores, lambda *hint: hints.append(hint), sweep_ms=SWEEP_MS, retention_ms=90 * DAY)
    timed.clock.advance(SWEEP_MS)
    return hints


def filled(timed: TimedWorld) -> None:
    """Let work of every kind wait in the store, which was served so far."""
    timed.plain.append([event("3")])
    timed.hear(event("1"), event("2", carrier=Carrier.UNKNOWN))
    waiting = [Drain.INBOX, Drain.PICKUPS, Drain.LEARN]
    assert [(store, drain) for store, drain, _ in swept(timed, STORE, OTHER)] == [(STORE, drain) for drain in waiting]


def test_a_store_taken_out_is_paused_and_not_hinted_at(timed: TimedWorld) -> None:
    """Its orders and events stay; the others are served as before."""
    filled(timed)
    timed.fleet.ledger(OTHER).append([event("9")])
    assert swept(timed, OTHER) == [(OTHER, Drain.INBOX, 0)]
    assert (timed.paused.active, timed.paused.by) == (True, STORES_FILE)
    assert not timed.fleet.ledger(OTHER).standing(Drain.PICKUPS).pause.active
    assert len(timed.plain.kept.inbox) == 1
    assert timed.statuses("1", "2") == [Status.DUE, Status.WAITING]


def test_a_store_taken_out_is_paused_once(timed: TimedWorld) -> None:
    """Every further sweep leaves it, and says nothing."""
    filled(timed)
    with capture_logs() as logs:
        swept(timed, OTHER)
        before = timed.paused
        for _ in range(5):
            assert swept(timed, OTHER) == []
    assert timed.paused == before
    assert [line["event"] for line in logs] == [Log.STORE_PAUSED]


def test_a_store_put_back_is_resumed_and_hinted_at(timed: TimedWorld) -> None:
    """Its events are recorded at once, its SkyHub calls go on with the next sweep."""
    filled(timed)
    swept(timed, OTHER)
    assert swept(timed, STORE, OTHER) == [(STORE, Drain.INBOX, 0)]
    assert not timed.paused.active
    assert [drain for _, drain, _ in swept(timed, STORE, OTHER)] == [Drain.INBOX, Drain.PICKUPS, Drain.LEARN]


def test_a_store_that_was_never_served_is_nobodys_business(timed: TimedWorld) -> None:
    """Whatever lies under its name in Redis: another deployment's, perhaps."""
    timed.due("1")
    assert swept(timed, OTHER) == []
    assert timed.paused == Pause()


def test_the_last_store_can_be_taken_out(timed: TimedWorld) -> None:
    """Nothing is served, and what was served is paused."""
    filled(timed)
    assert swept(timed) == []
    assert timed.paused.by == STORES_FILE


def test_an_operators_pause_survives_the_stores_file(timed: TimedWorld) -> None:
    """Taken out and put back, the store is paused still, until an operator resumes it."""
    filled(timed)
    pause_by_operator(timed.plain, "holidays")
    before = timed.paused
    swept(timed, OTHER)
    assert swept(timed, STORE, OTHER) == [(STORE, Drain.INBOX, 0)]
    assert timed.paused == before
    resume(timed.plain)
    assert Drain.PICKUPS in [drain for _, drain, _ in swept(timed, STORE, OTHER)]


def test_a_store_resumed_by_hand_while_it_is_out_is_paused_again(timed: TimedWorld) -> None:
    """Within a sweep: nobody serves it."""
    filled(timed)
    swept(timed, OTHER)
    resume(timed.plain)
    swept(timed, OTHER)
    assert (timed.paused.active, timed.paused.by) == (True, STORES_FILE)
    pause_by_operator(timed.plain, "contract ended")
    swept(timed, OTHER)
    swept(timed, STORE, OTHER)
    assert (timed.paused.active, timed.paused.by) == (True, OPERATOR)


def test_a_pause_of_the_service_ends_in_no_probe_while_the_store_is_out(timed: TimedWorld) -> None:
    """The stores file takes it over; put back, the store tries again without waiting for the probe."""
    filled(timed)
    timed.pause("service", probe_in=60_000)
    swept(timed, OTHER)
    assert timed.paused.by == STORES_FILE
    timed.advance(60)
    assert swept(timed, OTHER) == []
    swept(timed, STORE, OTHER)
    assert not timed.paused.active


def test_ended_orders_of_a_store_taken_out_are_forgotten_in_time(timed: TimedWorld) -> None:
    """What is kept for ninety days is kept no longer because nobody serves the store; open orders stay."""
    timed.hear(event("1", ordered={"a": 2}), canceled(order_id=order_id("1")), event("2", ordered={"a": 2}))
    swept(timed, STORE, OTHER)
    timed.clock.advance(90 * DAY)
    for _ in range(3610 * SECOND // SWEEP_MS):
        swept(timed, OTHER)
    assert timed.plain.order_ids(Status.CANCELED, 0, 9) == []
    assert timed.plain.order_ids(Status.WAITING, 0, 9) == [order_id("2")]


@pytest.mark.parametrize(("passed", "left"), [(0, 5000), (4, 1000), (4.999, 1), (5, 0)])
def test_an_inbox_that_is_held_is_hinted_at_for_when_its_lease_is_over(
    timed: TimedWorld, passed: float, left: int
) -> None:
    """Whoever holds it may have died: the hint comes when another can take it, not a sweep later."""
    timed.plain.append([event("1")])
    timed.due("2")
    assert timed.plain.lease(Drain.INBOX) is not None
    assert timed.plain.lease(Drain.PICKUPS) is not None
    timed.advance(passed)
    ((_, inbox, delay), (_, pickups, at_once)) = swept(timed, STORE)
    assert (inbox, delay, pickups, at_once) == (Drain.INBOX, left, Drain.PICKUPS, 0)


def test_an_inbox_whose_drain_died_is_drained_by_the_delayed_hint(timed: TimedWorld) -> None:
    """A hint that came sooner would find it taken, and its work would wait for the next sweep."""
    timed.plain.append([event("1")])
    assert timed.plain.lease(Drain.INBOX) is not None
    timed.advance(1)
    hints: list[Hint] = []
    sweep(timed.fleet, [STORE], lambda *hint: hints.append(hint), sweep_ms=SWEEP_MS, retention_ms=DAY)
    ((_, _, delay),) = hints
    timed.clock.advance(delay - 1)
    assert timed.drain().events == 0
    timed.clock.advance(1)
    assert timed.drain().due == 1


def test_an_inbox_that_nobody_fills_is_not_hinted_at_for_its_lease(timed: TimedWorld) -> None:
    """A drain that is ending leaves nothing to do."""
    assert timed.plain.lease(Drain.INBOX) is not None
    assert swept(timed, STORE) == []


def test_a_store_that_is_away_keeps_no_other_store_from_its_hints(timed: TimedWorld) -> None:
    """On a cluster; also where it is the only one with a drain that runs by the clock."""
    timed.fleet.ledger(OTHER).append([event("9")])
    timed.fleet.away = {STORE}
    hints: list[Hint] = []
    feeds = {Drain.FEED: Timed([STORE], 1), Drain.RECONCILE: Timed([STORE, OTHER], 1)}
    stores = [STORE, OTHER]
    sweep(timed.fleet, stores, lambda *hint: hints.append(hint), sweep_ms=SWEEP_MS, retention_ms=90 * DAY, timed=feeds)
    assert hints == [(OTHER, Drain.RECONCILE, 0), (OTHER, Drain.INBOX, 0)]
