"""On a cluster a call works only if all its keys lie in one slot: here the only node owns the slots of two stores."""

import re
import time
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from redis.exceptions import RedisClusterException, ResponseError

from tests.contracts.samples import FULL_EVENT, canceled, keep, order, rejecting, unreadable
from tests.contracts.worlds import STORE
from tests.fixtures.redis_clusters import cluster_url
from tests.fixtures.redis_servers import ENGINES, NOT_PERSISTENT, Server, free_port, required, started
from worker.adapters.redis_clients import connect
from worker.adapters.redis_ledger import Limits, RedisFleet
from worker.adapters.redis_ledger.keys import NO_STORE, Keys
from worker.domain.order import In, Status
from worker.ports import (
    Change,
    CloseKey,
    Drain,
    InboxFullError,
    KeyHeld,
    Ledger,
    Pause,
    Reconciled,
    Saved,
    Scan,
    TakeKey,
    Untaken,
)

STORES = (STORE, NO_STORE)


@pytest.fixture(scope="module", params=ENGINES)
def node(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Start a node that serves the slots of our stores and no other."""
    options = ("--cluster-enabled", "yes", "--cluster-port", str(free_port()), "--cluster-require-full-coverage", "no")
    folder = tmp_path_factory.mktemp("cluster")
    with started(required(request.param), folder, *NOT_PERSISTENT, *options) as server, server.client() as client:
        raw: Any = client
        slots = {raw.execute_command("CLUSTER", "KEYSLOT", Keys(store)("inbox")) for store in STORES}
        raw.execute_command("CLUSTER", "ADDSLOTS", *slots)
        deadline = time.monotonic() + 10
        while "cluster_state:ok" not in raw.execute_command("CLUSTER", "INFO"):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        yield server


@pytest.fixture(params=["one node's client", "the cluster's client"])
def fleet(request: pytest.FixtureRequest, node: Server) -> Iterator[RedisFleet]:
    """Open the fleet by either client."""
    with node.client() as raw:
        raw.flushall()
        raw.script_flush()
    cluster = request.param == "the cluster's client"
    client = connect(cluster_url([node.port])) if cluster else node.client()
    yield RedisFleet(client, Limits(inbox_limit=10))
    client.close()


@pytest.fixture
def ledger(fleet: RedisFleet) -> Ledger:
    """Open the store."""
    return fleet.ledger(STORE)


def test_an_inbox_is_drained_on_a_cluster(fleet: RedisFleet, ledger: Ledger) -> None:
    """Appending, loading, saving, dropping, rejecting and reading stay in the store's slot."""
    ledger.append([FULL_EVENT, canceled()])
    with pytest.raises(InboxFullError):
        ledger.append([canceled()] * 9)
    first, second = ledger.exchange([], [], 10)[1]
    change = Change(order=order("a", remote_code="1"), version=0, entries=(first.entry_id,))
    results, left = ledger.exchange([change], [rejecting(second.entry_id)], 10)
    assert (results, left) == ([Saved(1)], [])
    orders, owners, now = ledger.load_dated(["a", "b"], ["1", "2"])
    assert (list(orders), owners) == (["a"], {"1": "a"})
    assert ledger.load(["a", "b"], ["1", "2"]) == (orders, owners)
    assert now <= ledger.now()
    fleet.reject_unknown([unreadable("body")])
    assert [len(fleet.ledger(store).rejected(10)) for store in STORES] == [1, 1]


def test_rejected_events_are_forgotten_on_a_cluster(ledger: Ledger) -> None:
    """Paging, looking up and forgetting stay in the store's slot."""
    ledger.reject([unreadable("a"), unreadable("b")])
    first, second = ledger.rejected_after("", 10)
    assert ledger.rejected_by_id([second.rejected_id, first.rejected_id]) == [second, first]
    assert ledger.forget_rejected([first.rejected_id]) == 1
    assert ledger.rejected(10) == [second]


def test_all_stores_are_seen_on_a_cluster(fleet: RedisFleet, ledger: Ledger) -> None:
    """Stores of several slots in one look; which were ever served is kept in a slot of its own."""
    ledger.append([canceled()])
    assert [row.backlog.inbox for row in fleet.overview(STORES)] == [1, 0]
    assert fleet.remember([STORE]) == fleet.remember([]) == {STORE}


def test_pickups_are_requested_on_a_cluster(ledger: Ledger) -> None:
    """Claiming and settling with keys, indexes and fence stay in the store's slot."""
    ledger.standing(Drain.PICKUPS)
    lease = ledger.lease(Drain.PICKUPS)
    assert lease is not None
    keep(ledger, *(order(name, Status.DUE, at=In(0), learn_at=In(0), guessed_codes=(name, "g")) for name in "ab"))
    assert ledger.due(ledger.now(), 10) == ledger.wishes(Drain.LEARN, ledger.now(), 10) == ["a", "b"]
    assert lease.renew()
    claims = [
        Change(order=order(name, Status.REQUESTING, at=In(0), remote_code=name), version=1, key=TakeKey("1", 1, "t"))
        for name in "ab"
    ]
    assert ledger.save(claims, lease, claiming=True) == [Saved(2), KeyHeld("a")]
    assert ledger.expired(ledger.now(), 10) == ["a"]
    found = order("a", Status.REQUESTED, at=In(-5), remote_code="a", canceled_at=1)
    assert ledger.save([Change(order=found, version=2, key=CloseKey("1", 1))]) == [Saved(3)]
    assert ledger.attention_ids(0, 10) == ledger.order_ids(Status.REQUESTED, 0, 10) == ["a"]
    assert ledger.counts()[Status.DUE] == 1
    assert ledger.retire(0) == 1
    lease.release()


def test_drains_are_steered_on_a_cluster(fleet: RedisFleet, ledger: Ledger) -> None:
    """Hints, pauses, rests, scans and the look at several stores work there too."""
    assert ledger.hint(Drain.INBOX)
    ledger.clear_hint(Drain.INBOX)
    assert ledger.pause(Pause(), "operator", "holidays", 0, 0)
    ledger.back_off(Drain.LEARN, "token", 1, 1_000, "down")
    [acme, other], now = fleet.backlogs(STORES)
    assert (acme.pause.active, acme.backoffs[Drain.LEARN].token, other.pause.active) == (True, "token", False)
    assert now > 0
    assert ledger.resume(acme.pause, growth=0)
    ledger.clear_backoff(Drain.LEARN)
    ledger.save_scan(Scan(1))
    assert ledger.scan() == Scan(1)
    ledger.save_scan(None)
    ledger.doubted(ledger.standing(Drain.LEARN).changed_at)


def test_doors_and_the_clock_work_on_a_cluster(fleet: RedisFleet, ledger: Ledger) -> None:
    """Events for stores of several slots in one call, turns, wishes to read again, and what a reconcile found."""
    assert fleet.append({STORE: [canceled("1")], NO_STORE: [canceled("2")]}) == {}
    assert fleet.append({STORE: [canceled(str(n)) for n in range(10)], NO_STORE: [canceled("3")]}) == {
        STORE: Untaken.FULL
    }
    assert [row.inbox for row in fleet.backlogs(STORES)[0]] == [1, 2]
    assert fleet.turns(STORES, Drain.FEED, 60_000) == list(STORES)
    assert fleet.turns(STORES, Drain.FEED, 60_000) == []
    keep(ledger, order("a", reread_at=In(0)))
    assert ledger.wishes(Drain.REREAD, ledger.now(), 9) == ["a"]
    ledger.save_reconciled(Reconciled(listed=3))
    assert [each.reconciled and each.reconciled.listed for each in fleet.overview(STORES)] == [3, None]


def test_a_foreign_slot_would_be_noticed(node: Server) -> None:
    """The proof above proves something: keys of two slots, declared or not, are refused by this node."""
    here, there = Keys(STORE)("x"), Keys("elsewhere")("x")
    with node.client() as client:
        raw: Any = client
        with pytest.raises((ResponseError, RedisClusterException)):
            raw.eval("return 1", 2, here, there)
        with pytest.raises((ResponseError, RedisClusterException)):
            raw.eval(f"return redis.call('SET', '{there}', 1)", 1, here)


def test_no_script_builds_a_key() -> None:
    """Every key that a script touches came in through KEYS."""
    package = resources.files("worker.adapters.redis_ledger")
    sources = [Path(str(file)) for file in package.iterdir() if file.name.endswith(".lua")]
    touched = {key for file in sources for key in re.findall(r"redis\.p?call\('\w+', ([^,)]+)", file.read_text())}
    known = {"pickup_key", "key", "...", "'server'"}
    assert {key for key in touched if not re.fullmatch(r"KEYS\[[\w +]+\]", key)} <= known
    assert len(sources) >= 8
