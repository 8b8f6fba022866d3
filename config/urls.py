"""Addresses of Redis and of the broker: what one names, and what the broker is where nobody says."""

import re
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from redis.connection import ConnectionPool
from redis.exceptions import RedisError

from config import groups

REDIS_SCHEMES = ("redis", "rediss")
STATE_SCHEMES = (*REDIS_SCHEMES, *groups.SENTINEL_SCHEMES, *groups.CLUSTER_SCHEMES)
BROKER_SCHEMES = (*REDIS_SCHEMES, *groups.SENTINEL_SCHEMES, "amqp", "amqps")
_REDIS_PORT = 6379


def scheme(url: str) -> str:
    """Return the scheme in lower case, empty where there is none."""
    return urlsplit(url).scheme


def database(url: str) -> int:
    """Return the database that a redis URL names, as `/2` or `?db=2`; 0 where it names none.

    Raises `ValueError` where it is not a number.
    """
    parts = urlsplit(url)
    named = dict(parse_qsl(parts.query)).get("db") or parts.path.strip("/") or "0"
    if not named.isdecimal():
        msg = f"the database {named!r} is not a number"
        raise ValueError(msg)
    return int(named)


def next_database(url: str) -> str:
    """Return the database after this one on the same server, as `COLETA_BROKER_URL` takes it; empty on a cluster.

    Of a redis URL's query only the `ssl_*` options stay: redis-py takes others, kombu refuses what it does not know.
    """
    if groups.is_cluster(url):
        return ""
    if groups.is_sentinel(url):
        return groups.with_database(url, database(url.partition(";")[0]) + 1)
    parts = urlsplit(url)
    query = [(key, value) for key, value in parse_qsl(parts.query) if key.startswith("ssl_")]
    return urlunsplit((parts.scheme, parts.netloc, f"/{database(url) + 1}", urlencode(query), ""))


def same_database(one: str, other: str) -> bool:
    """Return whether two URLs, both of redis or both of Sentinel, name the same database of the same server."""
    if groups.is_sentinel(one) or groups.is_sentinel(other):
        first, second = one.partition(";")[0], other.partition(";")[0]
        alike = groups.is_sentinel(one) and groups.is_sentinel(other) and groups.same_group(one, other)
        return alike and database(first) == database(second)
    return _place(one) == _place(other)


def problem(url: str, schemes: tuple[str, ...]) -> str | None:
    """Return what is wrong with one address, in words that never repeat its password; None where it is sound."""
    if not url.startswith(tuple(f"{known}://" for known in schemes)):
        return f"it must begin with {' or '.join(f'{known}://' for known in schemes)}"
    try:
        host, port = urlsplit(url).hostname, urlsplit(url).port
    except ValueError:  # brackets that do not match, a port that is no number
        host, port = None, 0
    if not host or port == 0:
        return "it must name a host and a port, like redis://localhost:6379/0, its password percent-encoded"
    if not scheme(url).startswith("amqp"):
        try:
            database(url)
        except ValueError as error:  # a second address may stand there
            return f"{without_password(str(error))}; end it with one, like /0"
    return None


def options_problem(url: str) -> str | None:
    """Return what is wrong with the options of a redis URL that redis-py is to be given; None where they are sound."""
    names = ", ".join(name for name, _ in parse_qsl(urlsplit(url).query, keep_blank_values=True))
    try:
        pool = ConnectionPool.from_url(url)
        pool.connection_class(**pool.connection_kwargs)  # connects when it is used
    except (TypeError, ValueError, LookupError, RedisError):  # its text may repeat a value, a password for instance
        return f"redis-py does not take its options ({names}), or not with these values; mend them, or leave them out"
    return None


def without_password(url: str) -> str:
    """Return the address as it may be shown: without user, password and options. Made for malformed ones, too."""
    shown = (re.sub(r"://.*@", "://", address, flags=re.DOTALL) for address in url.split(";"))
    return ";".join(re.split(r"[?#]", address, maxsplit=1)[0] for address in shown)


def redis_named(url: str) -> str:
    """Return the words for the state's server at an address, as they may be shown."""
    return f"the Redis server at {without_password(url)} (COLETA_REDIS_URL)"


def _place(url: str) -> tuple[str | None, int, int]:
    parts = urlsplit(url)
    return parts.hostname, parts.port or _REDIS_PORT, database(url)
