from collections.abc import Iterator

import pytest

from tests.contracts.worlds import ClusterWorld, MemoryWorld, RedisWorld, World, fake_world, real_world
from tests.fixtures.redis_clusters import cluster_url, running_cluster
from tests.fixtures.redis_servers import ENGINES, Servers, redis_servers
from worker.adapters.redis_clients import connect
from worker.adapters.redis_cluster import ClusterClient
from worker.ports import Ledger

__all__ = ["redis_servers"]


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClusterClient]:
    """Give a client of a cluster of three, of Debian's server: one engine checks slots as the other does."""
    with running_cluster("redis", tmp_path_factory.mktemp("cluster")) as servers:
        client = connect(cluster_url([server.port for server in servers]))
        assert isinstance(client, ClusterClient)
        with client:
            yield client


def _redis_world(name: str, request: pytest.FixtureRequest) -> RedisWorld:
    if name == "fakeredis":
        return fake_world()
    if name == "cluster":
        return ClusterWorld(request.getfixturevalue("cluster"))
    servers: Servers = request.getfixturevalue("redis_servers")
    return real_world(servers.get(name))


@pytest.fixture(params=["memory", "fakeredis", *ENGINES, "cluster"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """Every engine."""
    world: World = MemoryWorld() if request.param == "memory" else _redis_world(request.param, request)
    yield world
    world.close()


@pytest.fixture(params=["memory", *ENGINES, "cluster"])
def identified_world(request: pytest.FixtureRequest) -> Iterator[World]:
    """Every engine that can say which server it is."""
    world: World = MemoryWorld() if request.param == "memory" else _redis_world(request.param, request)
    yield world
    world.close()


@pytest.fixture(params=["fakeredis", *ENGINES])
def redis_world(request: pytest.FixtureRequest) -> Iterator[RedisWorld]:
    """Every engine that runs the scripts."""
    world = _redis_world(request.param, request)
    yield world
    world.close()


@pytest.fixture(params=ENGINES)
def server_world(request: pytest.FixtureRequest) -> Iterator[RedisWorld]:
    """Real servers."""
    world = _redis_world(request.param, request)
    yield world
    world.close()


@pytest.fixture
def ledger(world: World) -> Ledger:
    """Open the store on every engine."""
    return world.ledger()
