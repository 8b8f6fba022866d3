"""State on a Redis Cluster of three: nodes die under load, and what concerns other nodes' stores goes on meanwhile."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.fixtures.deployment import SHORT
from tests.fixtures.redis_clusters import ClusterNode, cluster_url, join, node_of
from tests.fixtures.running_parts import NO_TLS
from tests.fixtures.running_service import RunningService, running
from tests.fixtures.sales import Sale
from worker.adapters.redis_ledger.keys import NO_STORE

NODES = 3
# One store a node; where it stands is its name's hash.
STORES = {node_of(name, NODES): name for name in ("acme", "brava", "cravo", "delta", "exito", "farol")}
# The keys of no store stand there: who may sweep, and which stores there are.
COMMON = node_of(NO_STORE, NODES)
OTHER, THIRD = (number for number in range(NODES) if number != COMMON)
ORDERS = 9
_SETTINGS = {**SHORT, "CONFIRM_BATCH": "3"}


class OnCluster(RunningService):
    """A worker, beat and web whose state is on a cluster; messages have a server of their own."""

    def __init__(self, folder: Path) -> None:
        self.nodes = [ClusterNode(f"node-{number}", folder) for number in range(NODES)]
        settings = {**_SETTINGS, "REDIS_URL": cluster_url([node.port for node in self.nodes])}
        super().__init__(folder, tuple(STORES.values()), settings, broker_apart=True, doors=True)
        join([(node.port, node.bus_port) for node in self.nodes])
        self.replica = ClusterNode("replica", folder)
        self.nodes.append(self.replica)
        self.replica.follow(self.nodes[OTHER])

    def close(self) -> None:
        """End every process; the nodes are none of those that a supervisor starts again."""
        super().close()
        for node in self.nodes:
            node.kill()

    def in_the_middle(self, store: str) -> list[Sale]:
        """Return orders of a store, of which some are requested and others not yet."""
        sold = self.sold(store, ORDERS)
        self.invoice(sold)
        self.until(lambda: sum(self.accepted(sold)) > 0, "some are requested")
        return sold

    def shows_the_rest(self, away: str) -> None:
        """Expect what looks at all stores to name the one whose node is away, and to show the others."""
        others = sorted(set(STORES.values()) - {away})
        listed = self.coleta("stores", "--json")
        assert (listed.returncode, [each["store"] for each in json.loads(listed.stdout)]) == (1, others)
        assert listed.stderr == f"left out, for their Redis server does not answer: {away}\n"
        sold = self.coleta("orders", "--json")
        assert (sold.returncode, {each["store"] for each in json.loads(sold.stdout)} - {*others}) == (1, set())
        assert sold.stderr == listed.stderr
        self.acts_on_the_rest(away, others)
        metrics = httpx.get(f"{self.web}/metrics", verify=NO_TLS, timeout=10).text
        told = {store: f'coleta_store_away{{store="{store}"}} {float(store == away)}\n' for store in STORES.values()}
        assert [store for store, line in told.items() if line not in metrics] == []
        assert "coleta_up 1.0\n" in metrics

    def acts_on_the_rest(self, away: str, others: list[str]) -> None:
        """Expect what acts on all stores to do so, and to say which one it could not reach."""
        why = "its Redis server does not answer"
        pausing = self.coleta("stores", "pause", "--all", "--reason", "a try", "--dry-run", "--json")
        paused = json.loads(pausing.stdout)
        assert (pausing.returncode, paused["paused"]) == (1, len(others))
        assert paused["refused"] == [{"store": away, "reason": why}]
        retried = self.coleta("failed", "retry", "--all", "--reason", "a try", "--json")
        assert (retried.returncode, json.loads(retried.stdout)["retried"]) == (1, 0)
        assert f"their Redis server does not answer: {away}\n" in retried.stderr
        looked = self.coleta("reconcile", "--json")
        problems = {each["store"]: each["problem"] for each in json.loads(looked.stdout)}
        assert (looked.returncode, problems[away]) == (1, why)
        assert problems.keys() == {away, *others}


@pytest.fixture
def service(tmp_path: Path) -> Iterator[OnCluster]:
    """Give the service at work."""
    with running(OnCluster(tmp_path)) as service:
        service.start_worker()
        service.start_beat()
        service.start_web()
        yield service


def test_dead_nodes_stop_their_own_stores_alone_and_nothing_is_lost(service: OnCluster) -> None:
    """A replica takes over by itself; where there is none, the other stores go on until the node is back.

    That one holds the keys of no store, too. By hand nothing is done but its start.
    """
    sold = {STORES[OTHER]: service.in_the_middle(STORES[OTHER])}
    service.nodes[OTHER].kill()
    service.until(service.replica.is_primary, "the replica takes over")
    away = STORES[COMMON]
    sold[away] = service.in_the_middle(away)
    service.nodes[COMMON].kill()

    assert not service.takes(sold[away][0].events[0])
    service.shows_the_rest(away)
    for store in (STORES[OTHER], STORES[THIRD]):
        meanwhile = service.sold(store, 2)
        service.tell(meanwhile)
        service.requested_once([*sold.get(store, ()), *meanwhile])

    service.nodes[COMMON].start()
    after = service.sold(away, 2)
    service.tell(after)
    service.requested_once([*sold[away], *after])
