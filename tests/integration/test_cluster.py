"""State on a Redis Cluster of three: nodes die under load, and what concerns other nodes' stores goes on meanwhile."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from tests.fixtures.deployment import SHORT
from tests.fixtures.redis_clusters import ClusterNode, cluster_url, join, node_of
from tests.fixtures.running_service import RunningService, running
from tests.fixtures.sales import Sale
from worker.adapters.redis_ledger.keys import NO_STORE
from worker.domain.events import OrderCanceled
from worker.ports import Drain, Untaken

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

    def add_replica(self, primary: ClusterNode) -> ClusterNode:
        """Start a node that takes a primary's place when it dies."""
        replica = ClusterNode("replica", self.folder)
        self.nodes.append(replica)
        replica.follow(primary)
        return replica

    def _some_requested(self, sold: list[Sale]) -> bool:
        return sum(self.accepted(sold)) > 0

    def close(self) -> None:
        """End every process; the nodes are none of those that a supervisor starts again."""
        super().close()
        for node in self.nodes:
            node.kill()

    def in_the_middle(self) -> dict[str, list[Sale]]:
        """Return orders of each store, of which some are requested and others not yet."""
        sold = {store: self.sold(store, ORDERS) for store in STORES.values()}
        for its in sold.values():
            self.invoice(its)
        for its in sold.values():
            self.until(lambda its=its: sum(self.accepted(its)) > 0, "some of each store are requested")
        return sold


@pytest.fixture
def service(tmp_path: Path) -> Iterator[OnCluster]:
    """Give the service at work."""
    with running(OnCluster(tmp_path)) as service:
        service.start_worker()
        service.start_beat()
        service.start_web()
        yield service


def test_a_dead_node_stops_its_own_stores_alone_and_nothing_is_lost(service: OnCluster) -> None:
    """The node with the keys of no store, too; back on its file it goes on, and a replica takes over by itself."""
    own, others = STORES[COMMON], [STORES[OTHER], STORES[THIRD]]
    sold = service.in_the_middle()
    service.nodes[COMMON].kill()
    _only_its_own_is_away(service, own, others)
    for store in others:
        meanwhile = service.sold(store, 2)
        service.tell(meanwhile)
        service.requested_once([*sold[store], *meanwhile])

    service.nodes[COMMON].start()
    after = service.sold(own, 2)
    service.tell(after)
    service.requested_once([*sold[own], *after])

    replica = service.add_replica(service.nodes[OTHER])
    sold = service.in_the_middle()
    service.nodes[OTHER].kill()
    service.until(replica.is_primary, "the replica takes over")
    for store in STORES.values():
        after = service.sold(store, 2)
        service.tell(after)
        service.requested_once([*sold[store], *after])


def _only_its_own_is_away(service: OnCluster, own: str, others: list[str]) -> None:
    """Ask all stores at once: those that are there answer."""
    fleet, named = service.service.fleet, [own, *others]
    event = OrderCanceled(order_id="nobody-1", occurred_at=1)
    assert fleet.append({store: [event] for store in named}) == {own: Untaken.AWAY}
    assert {backlog.store for backlog in fleet.backlogs(named)[0]} == set(others)
    assert set(fleet.turns(named, Drain.FEED, 60_000)) == set(others)
    assert fleet.may_sweep(1)
    assert fleet.remember(named) == set(named)
    for ask in (lambda: fleet.remember(()), lambda: fleet.overview(named), lambda: fleet.backlogs([own])):
        with pytest.raises(RedisConnectionError):
            ask()
    assert not service.takes(service.sold(own)[0].events[0])
    assert service.service.examine_redis().unsafe == ()
