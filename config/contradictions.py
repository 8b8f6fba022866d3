"""Settings that are fine one by one and impossible together."""

import operator
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from config import groups, urls

# What a supervisor grants a worker at least between SIGTERM and SIGKILL; no thread can be cut short before.
STOP_GRACE_SECONDS = 60.0
# What a drain's last call may take after its answer: settling in Redis, acknowledging the message, leaving.
_SPARE_SECONDS = 5.0

_BELOW: tuple[Callable[[float, float], bool], str] = (operator.lt, "must be below")
_UP_TO: tuple[Callable[[float, float], bool], str] = (operator.le, "must not exceed")

_ORDERED = (
    ("call_timeout_seconds", _BELOW, "lease_seconds", "a call must end while its drain still holds the lease"),
    ("call_timeout_seconds", _BELOW, "claim_seconds", "a call must end while the orders in it are still claimed"),
    ("not_yet_seconds", _UP_TO, "not_yet_max_seconds", "the wait grows from the first to the second"),
    ("backoff_seconds", _UP_TO, "backoff_max_seconds", "the wait grows from the first to the second"),
    ("packed_seconds", _UP_TO, "packed_max_seconds", "the wait grows from the first to the second"),
    ("probe_seconds", _UP_TO, "probe_max_seconds", "the wait grows from the first to the second"),
    ("retention_days", _UP_TO, "key_days", "an order's idempotency key must outlive its document"),
)


def contradictions(values: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence for each contradiction in settings by name: what was found, why it cannot be, how to mend it."""
    for small, (holds, must), big, reason in _ORDERED:
        low, high = values[small], values[big]
        if not holds(low, high):
            yield f"{_named(small, low)} {must} {_named(big, high)}: {reason}; lower the first or raise the second"
    most, call_seconds = STOP_GRACE_SECONDS - _SPARE_SECONDS, values["call_timeout_seconds"]
    if call_seconds > most:
        yield (
            f"{_named('call_timeout_seconds', call_seconds)} is too long, {most:g} s is the most:"
            f" a stopped worker is killed after {STOP_GRACE_SECONDS:g} s, and its last call must end before; lower it"
        )
    redis_url, broker_url = values["redis_url"], values["broker_url"]
    if redis_url and not broker_url:
        yield (
            f"COLETA_REDIS_URL is {urls.without_password(redis_url)} and COLETA_BROKER_URL is not set: a Redis Cluster"
            " cannot carry messages; set COLETA_BROKER_URL to a server of its own, one behind Sentinel, or RabbitMQ"
        )
    if redis_url and broker_url and _one_database(redis_url, broker_url):
        yield (
            f"COLETA_REDIS_URL and COLETA_BROKER_URL are both {urls.without_password(redis_url)}:"
            " state and messages must not share a database; give the broker another one, or leave"
            " COLETA_BROKER_URL unset"
        )


def _named(field: str, value: float) -> str:
    return f"COLETA_{field.upper()}={value:g}"


def _one_database(redis_url: str, broker_url: str) -> bool:
    if groups.is_cluster(redis_url):
        return False
    if groups.is_sentinel(redis_url) or groups.is_sentinel(broker_url):
        return urls.same_database(redis_url, broker_url)
    brokers = (url for url in broker_url.split(";") if urls.scheme(url) in urls.REDIS_SCHEMES)
    return any(urls.same_database(redis_url, broker) for broker in brokers)
