"""What the contract suite runs on: the memory fake, fakeredis, the embedded server, Debian's server, a cluster."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

import fakeredis
from redis import Redis

from tests.fakes.memory_ledger import MemoryFleet
from tests.fixtures.redis_servers import Server
from worker.adapters.redis_cluster import ClusterClient
from worker.adapters.redis_ledger import Limits, RedisFleet
from worker.adapters.redis_ledger.keys import Keys
from worker.ports import Fleet, Ledger

STORE = "acme"
_PATIENCE_SECONDS = 10.0


class World(Protocol):
    """One engine under test, empty at the start of a test."""

    def fleet(self, limits: Limits | None = None) -> Fleet:
        """Open the fleet as one more process would."""

    def ledger(self, **limits: int) -> Ledger:
        """Open the store's ledger as one more process would, with limits of its own."""

    def put(self, text: str) -> None:
        """Put a text into the store's inbox that no producer of ours would."""

    def counters(self) -> Mapping[str, int]:
        """Return what the store counted."""

    def change_server(self) -> None:
        """Let another server answer from now on."""

    def eventually(self, check: Callable[[], object]) -> None:
        """Let time pass until something is true."""

    def close(self) -> None:
        """End the world."""


@dataclass
class MemoryWorld:
    """The fake; its time passes only here."""

    limits: Limits = field(default_factory=Limits)
    memory: MemoryFleet = field(default_factory=MemoryFleet)

    def fleet(self, limits: Limits | None = None) -> Fleet:
        if limits is not None and limits != self.memory.limits:
            self.memory = MemoryFleet(limits=limits)
        return self.memory

    def ledger(self, **limits: int) -> Ledger:
        return self.fleet(Limits(**limits) if limits else None).ledger(STORE)

    def put(self, text: str) -> None:
        self.memory.ledger(STORE).put(text)

    def counters(self) -> Mapping[str, int]:
        return self.memory.ledger(STORE).kept.counters

    def change_server(self) -> None:
        self.memory.server_id = "second"

    def eventually(self, check: Callable[[], object]) -> None:
        for _ in range(10_000):
            if check():
                return
            self.memory.clock.advance(1)
        raise AssertionError(check)

    def close(self) -> None:
        """Nothing is open."""


class RedisWorld:
    """A server, real or fake; `connect` opens one more client. `raw` and `keys` look behind the ledger."""

    def __init__(self, connect: Callable[..., "Redis"]) -> None:
        self._connect = connect
        self._clients: list[Redis] = []
        self.raw: Any = self.client()
        self.keys = Keys(STORE)
        self._empty()

    def _empty(self) -> None:
        self.raw.flushall()

    def client(self, **options: Any) -> "Redis":  # noqa: ANN401 - redis-py's own options
        client = self._connect(**options)
        self._clients.append(client)
        return client

    def fleet(self, limits: Limits | None = None) -> RedisFleet:
        return RedisFleet(self.client(), limits or Limits())

    def ledger(self, **limits: int) -> Ledger:
        return self.fleet(Limits(**limits)).ledger(STORE)

    def put(self, text: str) -> None:
        self.raw.xadd(self.keys("inbox"), {"e": text})

    def counters(self) -> Mapping[str, int]:
        return {name: int(value) for name, value in self.raw.hgetall(self.keys("counters")).items()}

    def change_server(self) -> None:
        self.raw.hset(self.keys("server"), "id", "another")

    def eventually(self, check: Callable[[], object]) -> None:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not check():
            assert time.monotonic() < deadline, check
            time.sleep(0.001)

    def close(self) -> None:
        for client in self._clients:
            client.close()


def fake_world() -> RedisWorld:
    """Return a new fakeredis."""
    options: dict[str, Any] = {"decode_responses": True, "encoding_errors": "replace"}
    server = fakeredis.FakeServer()
    return RedisWorld(lambda: cast("Redis", fakeredis.FakeRedis(server=server, **options)))


def real_world(server: Server) -> RedisWorld:
    """Return a real server, emptied."""
    return RedisWorld(server.client)


class ClusterWorld(RedisWorld):
    """A cluster, asked by the service's own client for one: the same in all tests, for it looks around at its start."""

    def __init__(self, client: ClusterClient) -> None:
        super().__init__(lambda: client)

    def _empty(self) -> None:
        for node in self.raw.nodes().values():
            node.flushall()

    def close(self) -> None:
        """Leave the client open."""
