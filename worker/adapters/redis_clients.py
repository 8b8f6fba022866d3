"""Clients of the state's Redis server, by how long their callers can wait.

redis-py repeats commands by itself: every script bears it.
"""

from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.retry import Retry


def connect(url: str | None) -> Redis:
    """Return a client that waits for a slow server and repeats what was lost; raises `ValueError`: no url."""
    return _client(url, socket_timeout=10, socket_connect_timeout=5, health_check_interval=30)


def connect_briefly(url: str | None) -> Redis:
    """Return a client for a caller who waits a few seconds only; raises `ValueError`: no url.

    Only a connection that broke is tried again, once: the server may just have been started anew.
    """
    again = Retry(NoBackoff(), 1, (RedisConnectionError,))
    return _client(url, socket_timeout=2, socket_connect_timeout=1, retry=again)


def brief_client(url: str | None) -> Redis:
    """Return a client that answers or fails within about a second, and repeats nothing; raises `ValueError`: no url."""
    return _client(url, socket_timeout=1, socket_connect_timeout=1, retry=Retry(NoBackoff(), 0))


def _client(url: str | None, **own: Any) -> Redis:  # noqa: ANN401 - redis-py has dozens of options
    if url is None:
        message = "no Redis server is named"
        raise ValueError(message)
    return Redis.from_url(url, decode_responses=True, encoding_errors="replace", socket_keepalive=True, **own)
