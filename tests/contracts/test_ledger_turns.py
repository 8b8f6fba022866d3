"""Events for many stores in one go, drains that run by the clock, and what a reconcile found, on every engine."""

import pytest

from tests.contracts.racing import race
from tests.contracts.samples import FULL_EVENT, canceled
from tests.contracts.worlds import STORE, RedisWorld, World
from worker.adapters.redis_ledger import Limits
from worker.domain.events import Announcer, Event, OrderAnnounced
from worker.ports import Backoff, Drain, Ledger, Overview, Pause, Reconciled, Untaken

ANNOUNCED = OrderAnnounced(order_id="ção", occurred_at=7, by=Announcer.PICK_AND_PACK, state="INVOICED", vtex_id="BWW-1")


def kept(ledger: Ledger) -> list[object]:
    """Return the events of an inbox."""
    return [entry.event for entry in ledger.exchange([], [], 100)[1]]


def test_events_of_many_stores_go_each_into_its_inbox(world: World) -> None:
    """In their order, of every kind; a store without any changes nothing."""
    fleet = world.fleet()
    events: dict[str, list[Event]] = {"acme": [FULL_EVENT, ANNOUNCED], "beta": [canceled("1")], "none": []}
    assert fleet.append(events) == {}
    assert [kept(fleet.ledger(store)) for store in events] == list(events.values())
    assert fleet.append({}) == {}


def test_a_full_inbox_takes_none_and_keeps_no_other_store_from_its_own(world: World) -> None:
    """Whose events were not taken is said; what fits exactly is taken."""
    fleet = world.fleet(Limits(inbox_limit=3))
    assert fleet.append({"acme": [canceled("1"), canceled("2")]}) == {}
    more = {"acme": [canceled("3"), canceled("4")], "beta": [canceled("5"), canceled("6"), canceled("7")]}
    assert fleet.append(more) == {"acme": Untaken.FULL}
    assert kept(fleet.ledger("acme")) == [canceled("1"), canceled("2")]
    assert len(kept(fleet.ledger("beta"))) == 3
    assert fleet.append({"acme": [canceled("3")], "beta": [canceled("8")]}) == {"beta": Untaken.FULL}


@pytest.mark.parametrize("racers", [5, 20])
def test_events_of_many_doors_fill_an_inbox_to_its_limit_and_no_further(world: World, racers: int) -> None:
    """However many append at once."""
    world.fleet(Limits(inbox_limit=4))
    full = race(world, racers, lambda _, n: world.fleet(Limits(inbox_limit=4)).append({STORE: [canceled(str(n))]}))
    assert full.count({}) == 4
    assert full.count({STORE: Untaken.FULL}) == racers - 4
    assert len(kept(world.fleet(Limits(inbox_limit=4)).ledger(STORE))) == 4


def test_a_turn_is_claimed_once_an_interval(world: World) -> None:
    """A drain and store at a time; the interval over, it can be claimed again."""
    fleet = world.fleet()
    assert fleet.turns(["acme", "beta"], Drain.FEED, 60_000) == ["acme", "beta"]
    assert fleet.turns(["acme", "gamma"], Drain.FEED, 60_000) == ["gamma"]
    assert fleet.turns(["acme"], Drain.RECONCILE, 20) == ["acme"]
    assert fleet.turns([], Drain.FEED, 60_000) == []
    world.eventually(lambda: fleet.turns(["acme"], Drain.RECONCILE, 20))
    assert fleet.turns(["acme"], Drain.FEED, 60_000) == []


@pytest.mark.parametrize("racers", [5, 20, 50])
def test_a_turn_is_claimed_by_one(world: World, racers: int) -> None:
    """Of many beats one hints at the reconcile."""
    turns = race(world, racers, lambda _, __: world.fleet().turns([STORE], Drain.RECONCILE, 60_000))
    assert sorted(turns) == [*[[]] * (racers - 1), [STORE]]


def test_a_turn_that_was_claimed_in_vain_comes_back(redis_world: RedisWorld) -> None:
    """Its key ends by itself with the interval."""
    redis_world.fleet().turns([STORE], Drain.RECONCILE, 900_000)
    assert 0 < redis_world.raw.pttl(redis_world.keys("turn:reconcile")) <= 900_000


def test_what_a_reconcile_found_is_shown_with_its_date(world: World) -> None:
    """The last one's numbers, all of them; of a store that never reconciled nothing."""
    fleet = world.fleet()
    ledger = fleet.ledger("acme")
    found = Reconciled(at=3, listed=5, opened=4, reread=3, flagged=2, waiting_long=1)
    before = ledger.now()
    ledger.save_reconciled(found)
    acme, beta = fleet.overview(["acme", "beta"])
    assert beta.reconciled is None
    assert acme.reconciled is not None
    assert before <= acme.reconciled.at <= ledger.now()
    numbers = (5, 4, 3, 2, 1)
    assert counted(acme) == numbers
    ledger.save_reconciled(Reconciled())
    assert counted(fleet.overview(["acme"])[0]) == (0,) * 5


def counted(overview: Overview) -> tuple[int, ...]:
    """Return the numbers of the last reconcile."""
    found = overview.reconciled
    assert found is not None
    return (found.listed, found.opened, found.reread, found.flagged, found.waiting_long)


def test_every_drain_rests_on_its_own(world: World) -> None:
    """With its reason; a sweep sees which, and which rested lately."""
    fleet = world.fleet()
    ledger = fleet.ledger("acme")
    resting = [drain for drain in Drain if drain is not Drain.INBOX]
    for number, drain in enumerate(resting, 1):
        ledger.back_off(drain, f"token {drain}", number, 60_000 * number, f"{drain} is down")
    [acme, beta], now = fleet.backlogs(["acme", "beta"])
    assert set(acme.backoffs) == set(resting)
    for number, drain in enumerate(resting, 1):
        rest = ledger.standing(drain).backoff
        assert rest == acme.backoffs[drain]
        assert (rest.token, rest.tries, rest.reason) == (f"token {drain}", number, f"{drain} is down")
        assert acme.rests(drain, now)
        assert not acme.rests(drain, rest.until)
    assert not acme.rests(Drain.INBOX, now)
    assert (beta.backoffs, beta.pause) == ({}, Pause())
    ledger.clear_backoff(Drain.REREAD)
    [acme], _ = fleet.backlogs(["acme"])
    assert Drain.REREAD not in acme.backoffs
    assert ledger.standing(Drain.REREAD).backoff == Backoff()
