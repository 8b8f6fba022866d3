"""Clients of the state's Redis server, by how long their callers can wait.

redis-py repeats commands by itself: every script bears it. Behind Sentinel a new connection goes to the server that the
Sentinels name then; on a cluster each command goes to the node of its key.
"""

from collections.abc import Mapping
from typing import Any, cast

from redis import Redis
from redis.backoff import ExponentialWithJitterBackoff, NoBackoff
from redis.connection import SSLConnection, parse_url
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.retry import Retry
from redis.sentinel import Sentinel

from worker.adapters.redis_cluster import ClusterClient

# One Sentinel that is away or silent must not keep the next one waiting.
_SENTINEL_SECONDS = 1.0
_NEVER = Retry(NoBackoff(), 0)
# Where servers take each other's place: those connections that the old one had broken must not fail a task each.
_AGAIN = Retry(ExponentialWithJitterBackoff(base=0.05, cap=0.5), 3)


def connect(url: str | None) -> Redis:
    """Return a client that waits for a slow server; raises `ValueError`: no url."""
    again = {"retry": _AGAIN} if _kind(url) != "server" else {}
    return _client(url, socket_timeout=10, socket_connect_timeout=5, health_check_interval=30, **again)


def connect_briefly(url: str | None) -> Redis:
    """Return a client for a caller who waits a few seconds only; raises `ValueError`: no url.

    Only a connection that broke is tried again, once: the server may just have been started anew.
    """
    again = Retry(NoBackoff(), 1, (RedisConnectionError,))
    return _client(url, socket_timeout=2, socket_connect_timeout=1, retry=again)


def brief_client(url: str | None) -> Redis:
    """Return a client that answers or fails within about a second, and repeats nothing; raises `ValueError`: no url."""
    return _client(url, socket_timeout=1, socket_connect_timeout=1, retry=_NEVER)


def _client(url: str | None, **own: Any) -> Redis:  # noqa: ANN401 - redis-py has dozens of options
    if url is None:
        message = "no Redis server is named"
        raise ValueError(message)
    own |= {"decode_responses": True, "encoding_errors": "replace", "socket_keepalive": True}
    if _kind(url) == "sentinel":
        return _by_sentinel(url, own)
    if _kind(url) == "cluster":
        return _of_cluster(url, own)
    return Redis.from_url(url, **own)


def _by_sentinel(url: str, own: Mapping[str, Any]) -> Redis:
    servers, given = _read(url)
    group = given.pop("master_name")
    asked = {name: given.pop(f"sentinel_{name}") for name in ("username", "password") if f"sentinel_{name}" in given}
    asked |= {name: value for name, value in given.items() if name.startswith("ssl")}
    asked |= {"socket_timeout": _SENTINEL_SECONDS, "socket_connect_timeout": _SENTINEL_SECONDS, "retry": _NEVER}
    sentinel = cast("Any", Sentinel)(servers, sentinel_kwargs=asked)  # redis-py's methods have no types
    return cast("Redis", sentinel.master_for(group, **{**given, **own}))


def _of_cluster(url: str, own: Mapping[str, Any]) -> Redis:
    servers, given = _read(url)
    given.pop("db", None)
    options = {**given, **own}
    return ClusterClient(servers, options.pop("retry").get_retries() + 1, **options)


def _read(url: str) -> tuple[list[tuple[str, int]], dict[str, Any]]:
    """Return the servers of several addresses, and what redis-py is told of all of them."""
    given: dict[str, Any] = {}
    servers = []
    for address in url.split(";"):
        scheme, _, rest = address.partition("://")
        encrypted = scheme in {"sentinels", "rediss+cluster"}
        told: dict[str, Any] = cast("Any", parse_url)(f"{'rediss' if encrypted else 'redis'}://{rest}")
        if told.pop("connection_class", None) is SSLConnection:
            told["ssl"] = True
        servers.append((told.pop("host"), told.pop("port", 26379 if scheme.startswith("sentinel") else 6379)))
        given |= told
    return servers, given


def _kind(url: str | None) -> str:
    scheme = (url or "").partition("://")[0]
    if scheme in {"sentinel", "sentinels"}:
        return "sentinel"
    return "cluster" if scheme.endswith("+cluster") else "server"
