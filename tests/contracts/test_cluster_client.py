"""What the client of a cluster does when nodes are away and when slots move: on three nodes, of which one dies."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from tests.contracts.samples import canceled
from tests.fixtures.redis_clusters import cluster_url, node_of, running_cluster
from tests.fixtures.redis_servers import Server
from worker.adapters.redis_clients import connect_briefly
from worker.adapters.redis_cluster import ClusterClient
from worker.adapters.redis_ledger import Limits, RedisFleet
from worker.adapters.redis_ledger.keys import NO_STORE, Keys
from worker.adapters.redis_safety import examine
from worker.ports import Drain, Untaken

NODES = 3
# The one that dies has the keys of no store as well.
DEAD = node_of(NO_STORE, NODES)
NAMES = [f"store-{number}" for number in range(12)]
AWAY = [name for name in NAMES if node_of(name, NODES) == DEAD]
THERE = [name for name in NAMES if name not in AWAY]


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Server]]:
    """Give three nodes."""
    with running_cluster("redis", tmp_path_factory.mktemp("nodes"), NODES) as servers:
        yield servers


@pytest.fixture(scope="module")
def crippled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Server]]:
    """Give three nodes that know all stores, one of them dead."""
    with running_cluster("redis", tmp_path_factory.mktemp("crippled"), NODES) as servers:
        with _client(servers) as client:
            RedisFleet(client, Limits()).remember(NAMES)
        servers[DEAD].process.kill()
        servers[DEAD].process.wait(10)
        yield servers


def _client(servers: list[Server]) -> ClusterClient:
    client = connect_briefly(cluster_url([server.port for server in servers]))
    assert isinstance(client, ClusterClient)
    return client


def _move(servers: list[Server], store: str) -> None:
    """Move a store's slot to the next node, as an operator does with all its keys."""
    source, target = (servers[(node_of(store, NODES) + step) % NODES] for step in (0, 1))
    clients: list[Any] = [server.client() for server in (source, target, *servers)]
    slot = clients[0].execute_command("CLUSTER", "KEYSLOT", Keys(store)("inbox"))
    names = [client.execute_command("CLUSTER", "MYID") for client in clients[:2]]
    clients[1].execute_command("CLUSTER", "SETSLOT", slot, "IMPORTING", names[0])
    clients[0].execute_command("CLUSTER", "SETSLOT", slot, "MIGRATING", names[1])
    keys = clients[0].execute_command("CLUSTER", "GETKEYSINSLOT", slot, 1000)
    clients[0].execute_command("MIGRATE", "127.0.0.1", target.port, "", 0, 5000, "KEYS", *keys)
    for client in clients[1:]:
        client.execute_command("CLUSTER", "SETSLOT", slot, "NODE", names[1])
    for client in clients:
        client.close()


def test_a_moved_slot_is_followed_and_counts_as_a_change_of_server(servers: list[Server]) -> None:
    """What was saved is there, what comes goes there; and nothing is requested before that node's doubt is settled."""
    with _client(servers) as client:
        ledger = RedisFleet(client, Limits()).ledger(THERE[0])
        ledger.append([canceled("1")])
        assert ledger.standing(Drain.PICKUPS).changed_at == 0
        _move(servers, THERE[0])
        ledger.append([canceled("2")])
        assert [entry.event for entry in ledger.exchange([], [], 10)[1]] == [canceled("1"), canceled("2")]
        assert ledger.standing(Drain.PICKUPS).changed_at > 0


def test_each_node_says_what_is_unsafe_about_it(servers: list[Server]) -> None:
    """For each may come to hold any store; also where one that is away would stop all."""
    with _client(servers) as client:
        _configure(servers, "yes")
        found = examine(client)
        _configure(servers, "no")
        relaxed = examine(client)
    for server in servers:
        name = f"127.0.0.1:{server.port}: "
        assert [s for s in found.unsafe if s.startswith(name) and "append-only" in s]
        assert [s for s in found.worth_saying if s.startswith(name) and "full-coverage" in s]
    assert relaxed.worth_saying == ()


def _configure(servers: list[Server], full_coverage: str) -> None:
    for server in servers:
        with server.client() as node:
            node.config_set("cluster-require-full-coverage", full_coverage)


def test_a_node_that_is_away_concerns_its_own_stores_only(crippled: list[Server]) -> None:
    """What is asked of all stores at once is done for those that are there, and says which are not."""
    with _client(crippled) as client:
        fleet = RedisFleet(client, Limits())
        assert fleet.append({name: [canceled()] for name in NAMES}) == dict.fromkeys(AWAY, Untaken.AWAY)
        assert [(backlog.store, backlog.inbox) for backlog in fleet.backlogs(NAMES)[0]] == [(name, 1) for name in THERE]
        assert fleet.turns(NAMES, Drain.FEED, 60_000) == THERE
        assert fleet.may_sweep(60_000)
        assert fleet.remember(NAMES) == set(NAMES)
        assert [overview.backlog.store for overview in fleet.overview(NAMES)] == THERE
        assert fleet.served(NAMES) == set(NAMES)
        for ask in (fleet.ledger(AWAY[0]).now, lambda: fleet.backlogs(AWAY)[1], lambda: len(fleet.overview(AWAY))):
            with pytest.raises(RedisConnectionError):
                ask()
        with pytest.raises(RedisConnectionError):
            fleet.remember(())


def test_a_client_that_starts_while_a_node_is_away_knows_the_others(crippled: list[Server]) -> None:
    """Whichever address stands first; the safety of those that answer is looked at."""
    with _client([crippled[DEAD], *crippled]) as client:
        assert RedisFleet(client, Limits()).ledger(THERE[-1]).now() > 0
        assert client.ping()
        assert {sentence.partition(": ")[0] for sentence in examine(client).unsafe} == {
            f"127.0.0.1:{server.port}" for server in crippled if server is not crippled[DEAD]
        }


def test_a_client_that_starts_needs_no_certain_node(servers: list[Server]) -> None:
    """redis-py would ask the one with the first slots for COMMAND, and not start while that one is away."""
    with ExitStack() as stack:
        each = [stack.enter_context(server.client()) for server in servers]
        for own in each:
            own.config_resetstat()
        with _client(servers) as client:
            assert client.ping()
        assert [own for own in each if "cmdstat_command" in own.info("commandstats")] == []
