from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs

from tests.contracts.worlds import fake_world
from tests.unit.usecases.world import TimedWorld, World
from worker.adapters.redis_ledger.lease import boottime


@pytest.fixture(autouse=True, scope="module")
def quiet() -> Iterator[None]:
    """Keep what is logged off the terminal: a thousand rounds, and long tracebacks of what is broken on purpose."""
    with capture_logs():
        yield


@pytest.fixture
def timed() -> TimedWorld:
    """Open a store in memory, whose time passes only when told."""
    return TimedWorld()


@pytest.fixture(params=["memory", "fakeredis"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """Open a store in memory and one in Redis, for what needs no time to pass."""
    if request.param == "memory":
        yield TimedWorld()
        return
    redis = fake_world()
    yield World(redis.ledger(), boottime, redis.put, redis.counters)
    redis.close()
