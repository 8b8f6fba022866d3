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


@dataclass(frozen=True, slots=True)
class Durability:
    """What decides about what a server keeps; without `readable` its CONFIG may not be read, and nothing else is known.

    A sentence each for what is wrong, "" where nothing is.
    """

    version: str
    readable: bool = True
    appendonly: str = "yes"
    appendfsync: str = "always"
    policy: str = "noeviction"

    @property
    def too_old(self) -> str:
        """Whether scripts would fail."""
        if tuple(int(part) for part in self.version.split(".")[:2]) >= _OLDEST:
            return ""
        return f"the Redis server is version {self.version}; 6.2 is the oldest that works"

    @property
    def forgets(self) -> str:
        """Whether a restart loses orders."""
        if self.appendonly == "yes":
            return ""
        return "the Redis server keeps no append-only file (appendonly no) and forgets orders when it restarts"

    @property
    def writes_late(self) -> str:
        """Whether a crash loses the last events."""
        if self.forgets or self.appendfsync == "always":
            return ""
        return f"appendfsync is {self.appendfsync}: a crash of the Redis server can lose about a second of events"

    @property
    def evicts(self) -> str:
        """Whether a full server throws orders away."""
        if self.policy == "noeviction":
            return ""
        return f"the Redis server throws keys away when it is full (maxmemory-policy {self.policy})"

    @property
    def hidden(self) -> str:
        """Whether a person has to look."""
        if self.readable:
            return ""
        sentence = "the Redis server does not let its CONFIG be read; make sure of appendonly yes, appendfsync always"
        return f"{sentence} and maxmemory-policy noeviction"


def durability(client: Redis) -> Durability:
    """Read the server's version and the settings that decide what survives; raises redis-py's errors."""
    info: dict[str, Any] = client.info("server")
    version = str(info.get("redis_version", "0"))
    try:
        held: dict[str | None, str | None] = {**client.config_get("append*"), **client.config_get("maxmemory-policy")}
    except (NoPermissionError, ResponseError):
        return Durability(version, readable=False)
    return Durability(
        version,
        appendonly=str(held.get("appendonly")),
        appendfsync=str(held.get("appendfsync")),
        policy=str(held.get("maxmemory-policy", "noeviction")),
    )


def examine(client: Redis) -> Findings:
    """Say what the server would forget; raises redis-py's errors.

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
            worth += [f"{name}: {sentence}" for sentence in (*found.worth_saying, covering(node)) if sentence]
    return Findings(tuple(unsafe), tuple(worth))


def covering(node: Redis) -> str:
    """Say whether a node stops every store while another node is away; "" where it does not, or hides it."""
    try:
        required: dict[str | None, str | None] = node.config_get("cluster-require-full-coverage")
    except (NoPermissionError, ResponseError):
        return ""
    if "yes" not in required.values():
        return ""
    return "cluster-require-full-coverage is yes: while one node is away, no store is served; set it to no"


def _examine(node: Redis) -> Findings:
    found = durability(node)
    unsafe, worth = (found.too_old, found.forgets, found.evicts), (found.writes_late, found.hidden)
    return Findings(tuple(filter(None, unsafe)), tuple(filter(None, worth)))
