"""How often a drain waits for the server, counted where redis-py sends and reads."""

from collections.abc import Iterator
from typing import Any

import pytest
from redis import Connection, ConnectionPool, Redis

from tests.contracts.samples import canceled, order, unreadable
from tests.contracts.worlds import STORE, RedisWorld
from worker.adapters.redis_ledger import Limits, RedisFleet
from worker.adapters.redis_ledger.scripts import Scripts
from worker.domain.events import Dropped
from worker.domain.order import Status
from worker.domain.policy import Policy
from worker.ports import Change, Drain, Drop, Ledger, Saved, TakeKey, Walk
from worker.usecases.browse_orders import Wanted, browse_orders
from worker.usecases.record_invoices import Recorded, record_now


class Counting(Connection):
    """A connection that counts how often it begins to read after it has sent."""

    round_trips = 0
    sent = False

    def send_packed_command(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - redis-py's own
        self.sent = True
        return super().send_packed_command(*args, **options)  # type: ignore[no-untyped-call]

    def read_response(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - redis-py's own
        if self.sent:
            Counting.round_trips += 1
            self.sent = False
        return super().read_response(*args, **options)


@pytest.fixture
def fleet(server_world: RedisWorld) -> Iterator[RedisFleet]:
    """Open the fleet on one counted connection that is up, where the scripts are known."""
    options = {**server_world.raw.connection_pool.connection_kwargs, "connection_class": Counting}
    pool = ConnectionPool(**options)
    with Redis(connection_pool=pool) as client:
        fleet = RedisFleet(client, Limits())
        fleet.ledger(STORE).now()
        Counting.round_trips = 0
        yield fleet
        pool.disconnect()


@pytest.fixture
def ledger(fleet: RedisFleet) -> Ledger:
    """Open the store on it."""
    return fleet.ledger(STORE)


def test_an_inbox_batch_takes_two_round_trips(ledger: Ledger) -> None:
    """Hundreds of events: one round trip loads their orders, one saves, drops and reads the next batch."""
    ids = [str(n) for n in range(600)]
    ledger.append([canceled(name) for name in ids for _ in range(2)])
    entries = ledger.exchange([], [], 1200)[1]
    Counting.round_trips = 0
    assert ledger.load_dated(ids, ids)[:2] == ({}, {})
    changes = [
        Change(order=order(name, guessed_codes=(name,)), version=0, entries=(entries[2 * n].entry_id,))
        for n, name in enumerate(ids)
    ]
    drops = [Drop(entry.entry_id, Dropped.REPEATED) for entry in entries[1::2]]
    results, left = ledger.exchange(changes, drops, 1200)
    assert Counting.round_trips == 2
    assert (results, left) == ([Saved(1)] * 600, [])


def test_an_event_recorded_at_once_takes_two_round_trips(ledger: Ledger) -> None:
    """One for its order and the time, one for the save; what there is nothing to do for takes none."""
    policy = Policy()
    assert record_now(ledger, policy, canceled("1"), "") == Recorded(events=1)
    assert Counting.round_trips == 2
    assert ledger.exchange([], [], 0) == ([], [])
    assert Counting.round_trips == 2


def test_appending_takes_one_round_trip(ledger: Ledger) -> None:
    """However many events a door received."""
    ledger.append([canceled(str(n)) for n in range(100)])
    assert Counting.round_trips == 1


def test_a_batch_is_claimed_in_one_round_trip(ledger: Ledger) -> None:
    """Guards, documents, keys and indexes of 25 orders in one call."""
    ledger.standing(Drain.PICKUPS)
    lease = ledger.lease(Drain.PICKUPS)
    Counting.round_trips = 0
    claims = [
        Change(order=order(str(n), Status.REQUESTING), version=0, key=TakeKey(str(n), 1, "token")) for n in range(25)
    ]
    assert ledger.save(claims, lease, claiming=True) == [Saved(1)] * 25
    assert Counting.round_trips == 1


def test_a_standing_takes_one_round_trip(ledger: Ledger) -> None:
    """Time, server, pause and back-off together."""
    ledger.standing(Drain.PICKUPS)
    assert Counting.round_trips == 1


def test_rejected_events_are_looked_up_and_forgotten_in_one_round_trip_each(ledger: Ledger) -> None:
    """However many a person chose."""
    ledger.reject([unreadable(str(n)) for n in range(300)])
    ids = [row.rejected_id for row in ledger.rejected_after("", 300)]
    Counting.round_trips = 0
    assert len(ledger.rejected_by_id(ids)) == 300
    assert Counting.round_trips == 1
    assert ledger.forget_rejected(ids) == 300
    assert Counting.round_trips == 2
    assert (ledger.rejected_by_id([]), ledger.forget_rejected([])) == ([], 0)
    assert Counting.round_trips == 2


@pytest.mark.parametrize(("stores", "most"), [(0, 0), (1, 3), (100, 3), (250, 9)])
def test_an_overview_takes_three_round_trips_a_hundred_stores(fleet: RedisFleet, stores: int, most: int) -> None:
    """The time, what waits, and how the orders stand; never one a store."""
    assert len(fleet.overview([f"store-{number}" for number in range(stores)])) == stores
    assert Counting.round_trips <= most


def test_a_look_takes_two_round_trips_and_a_walk_one(fleet: RedisFleet, ledger: Ledger) -> None:
    """The time, and then everything; a page of a list is one walk and its documents."""
    fleet.look(STORE)
    assert Counting.round_trips == 2
    ledger.walk(Walk(index=Status.DUE, most=50, lines=50))
    assert Counting.round_trips == 3
    browse_orders(ledger, None, Wanted(status=Status.DUE))
    assert Counting.round_trips == 5  # no orders, no documents; how many there are


def test_doors_and_beat_take_one_round_trip_for_all_stores(fleet: RedisFleet) -> None:
    """However many: events of concurrent requests, and the turns of drains that run by the clock."""
    names = [f"store-{number}" for number in range(100)]
    assert fleet.append({name: [canceled(str(n)) for n in range(3)] for name in names}) == {}
    assert Counting.round_trips == 1
    assert fleet.turns(names, Drain.RECONCILE, 60_000) == names
    assert Counting.round_trips == 2
    assert (fleet.append({}), fleet.turns([], Drain.FEED, 1)) == ({}, [])
    assert Counting.round_trips == 2


def test_a_look_at_what_waits_in_all_stores_takes_two_round_trips(fleet: RedisFleet) -> None:
    """Every ten seconds, also where there are many stores; noting that they are served takes one more."""
    names = [f"store-{number}" for number in range(250)]
    fleet.backlogs(names)
    assert Counting.round_trips == 2
    assert fleet.remember(names) == set(names)
    assert Counting.round_trips == 3


def test_a_server_that_forgot_the_scripts_gets_them_again(redis_world: RedisWorld) -> None:
    """After SCRIPT FLUSH, a failover or a restart the call is made again, and succeeds."""
    ledger = redis_world.ledger()
    ledger.now()
    redis_world.raw.script_flush()
    assert ledger.save([Change(order=order(), version=0)]) == [Saved(1)]


def test_a_pipeline_that_a_missing_script_broke_reports_its_saves(server_world: RedisWorld) -> None:
    """Where the save ran before the server missed another script, the repeated pipeline knows it as its own."""
    scripts = Scripts(server_world.client())
    ledger = server_world.ledger()
    server_world.raw.script_flush()
    assert server_world.raw.script_load(scripts.sources["save"]) == scripts.digests["save"]
    assert ledger.exchange([Change(order=order(), version=0)], [], 1)[0] == [Saved(1)]
    assert server_world.counters()["entered:waiting"] == 1


def test_a_run_begins_and_ends_with_a_round_trip_each(ledger: Ledger) -> None:
    """Hint, standing and lease together; what is left and the lease together."""
    _, lease = ledger.begin(Drain.PICKUPS)
    assert Counting.round_trips == 1
    assert lease is not None
    assert ledger.leave(lease)
    assert Counting.round_trips == 2
