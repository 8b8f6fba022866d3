"""Whether a Redis server may hold this service's state: what it would forget, it must be told not to."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoPermissionError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

from worker.adapters.redis_cluster import ClusterClient

_OLDEST = (6, 2)


@dataclass(frozen=True, slots=True)
class Findings:
    """What is unsafe about a server (the service refuses to start), and what is only worth saying."""

    unsafe: tuple[str, ...] = ()
    worth_saying: tuple[str, ...] = ()


def examine(client: Redis) -> Findings:
    """Read the server's version and the settings that decide what survives; raises redis-py's errors.

    Of a cluster all nodes that answer now: each may come to hold any store.
    """
    if not isinstance(client, ClusterClient):
        return _examine(client)
    unsafe: list[str] = []
    worth: list[str] = []
    for name, node in client.nodes().items():
        with suppress(RedisConnectionError, RedisTimeoutError):
            found = _examine(node)
            unsafe += [f"{name}: {sentence}" for sentence in found.unsafe]
            worth += [f"{name}: {sentence}" for sentence in (*found.worth_saying, *_covering(node))]
    return Findings(tuple(unsafe), tuple(worth))


def _covering(node: Redis) -> tuple[str, ...]:
    try:
        required: dict[str | None, str | None] = node.config_get("cluster-require-full-coverage")
    except (NoPermissionError, ResponseError):
        return ()
    if "yes" not in required.values():
        return ()
    return ("cluster-require-full-coverage is yes: while one node is away, no store is served; set it to no",)


def _examine(client: Redis) -> Findings:
    unsafe: list[str] = []
    worth: list[str] = []
    info: dict[str, Any] = client.info("server")
    version = str(info.get("redis_version", "0"))
    if tuple(int(part) for part in version.split(".")[:2]) < _OLDEST:
        unsafe.append(f"the Redis server is version {version}; 6.2 is the oldest that works")
    try:
        held: dict[str | None, str | None] = {**client.config_get("append*"), **client.config_get("maxmemory-policy")}
    except (NoPermissionError, ResponseError):
        sentence = "the Redis server does not let its CONFIG be read; make sure of appendonly yes, appendfsync always"
        return Findings(tuple(unsafe), (f"{sentence} and maxmemory-policy noeviction",))
    if held.get("appendonly") != "yes":
        unsafe.append("the Redis server keeps no append-only file (appendonly no) and forgets orders when it restarts")
    elif held.get("appendfsync") != "always":
        found = held.get("appendfsync")
        worth.append(f"appendfsync is {found}: a crash of the Redis server can lose about a second of events")
    policy = held.get("maxmemory-policy", "noeviction")
    if policy != "noeviction":
        unsafe.append(f"the Redis server throws keys away when it is full (maxmemory-policy {policy})")
    return Findings(tuple(unsafe), tuple(worth))
