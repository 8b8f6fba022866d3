from collections.abc import Iterator

import pytest

from tests.contracts.worlds import MemoryWorld, RedisWorld, World, fake_world, real_world
from tests.fixtures.redis_servers import ENGINES, Servers, redis_servers
from worker.ports import Ledger

__all__ = ["redis_servers"]


def _redis_world(name: str, request: pytest.FixtureRequest) -> RedisWorld:
    if name == "fakeredis":
        return fake_world()
    servers: Servers = request.getfixturevalue("redis_servers")
    return real_world(servers.get(name))


@pytest.fixture(params=["memory", "fakeredis", *ENGINES])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """Every engine."""
    world: World = MemoryWorld() if request.param == "memory" else _redis_world(request.param, request)
    yield world
    world.close()


@pytest.fixture(params=["memory", *ENGINES])
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
