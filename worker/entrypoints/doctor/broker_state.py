"""The broker: whether it answers, and what waits there."""

from collections.abc import Iterator
from urllib.parse import quote, urlsplit

from redis.exceptions import RedisError

from config import groups
from config.celeryconfig import TASK_QUEUES, VISIBILITY_SECONDS
from config.settings import Settings, SettingsError
from config.urls import REDIS_SCHEMES, scheme, without_password
from worker.adapters.redis_clients import brief_client
from worker.adapters.redis_safety import durability
from worker.entrypoints.broker.look import BrokerLook, look
from worker.entrypoints.broker.rabbitmq_start import mend_of
from worker.entrypoints.doctor.findings import Check, Finding

# A sweep sends at most a hint a drain and store; a worker takes some hundred messages a second.
_MANY = 5_000
_LOGIN = ("WRONGPASS", "NOAUTH", "NOPERM", "invalid username-password", "ACCESS_REFUSED", "Authentication")


def check_broker(settings: Settings) -> list[Finding]:
    """Look at the broker that these settings name, or lead to; nothing where there is no server at all."""
    if settings.broker_url is None:
        return []
    try:
        seen = look(settings, sorted(set(TASK_QUEUES.values())))
    except SettingsError as error:
        return [Finding(Check.SETTINGS_REFUSED, problem) for problem in error.problems]
    kept = [] if seen.problem else _own_server(settings.broker_url, settings.redis_url)
    return [*kept, *judge(seen, settings.broker_url, settings.redis_url)]


def _own_server(url: str, redis_url: str | None) -> list[Finding]:
    """Say what a Redis that is the broker's alone would lose."""
    if scheme(url).startswith("amqp") or _same_server(url, redis_url):
        return []
    with brief_client(url) as client:
        try:
            found = durability(client)
        except RedisError:
            return []
    said = ((Check.BROKER_EVICTS, found.evicts), (Check.BROKER_FORGETS, found.forgets))
    return [Finding(check, f"{sentence}: {without_password(url)}") for check, sentence in said if sentence]


def judge(seen: BrokerLook, url: str, redis_url: str | None) -> Iterator[Finding]:
    """Say what is wrong with the broker, or that nothing is."""
    rabbit = scheme(url).startswith("amqp")
    where = f"{'RabbitMQ' if rabbit else 'Redis'} at {without_password(url)}"
    if seen.problem:
        yield _unreached(seen, url, where, rabbit=rabbit)
        return
    if seen.missing:
        yield Finding(Check.BROKER_QUEUES_MISSING, f"{where} has no queue {', '.join(seen.missing)}")
    full = {queue: size for queue, size in seen.waiting.items() if size > _MANY}
    if full:
        yield Finding(Check.BROKER_PILED_UP, f"{where}: {_counted(full)}")
    if not seen.missing and not full:
        shared = ", the state's own server" if _same_server(url, redis_url) else ""
        again = f"a message that nobody acknowledged for {VISIBILITY_SECONDS} s runs again"
        yield Finding(
            Check.BROKER_OK, f"{where}{shared}: {_counted(seen.waiting)}; {'' if rabbit else again}".rstrip("; ")
        )


def _unreached(seen: BrokerLook, url: str, where: str, *, rabbit: bool) -> Finding:
    said = f"{where}: {seen.problem}"
    mend = mend_of(seen.code, seen.problem, "", quote(urlsplit(url).path.strip("/") or "/")) if rabbit else None
    refused = mend is not None or any(word in seen.problem for word in _LOGIN)
    return Finding(Check.BROKER_REFUSES if refused else Check.BROKER_UNREACHABLE, said, own_advice=mend or "")


def _counted(waiting: "dict[str, int]") -> str:
    return "waiting " + ", ".join(f"{queue} {size:,}" for queue, size in sorted(waiting.items()))


def _same_server(url: str, redis_url: str | None) -> bool:
    if redis_url is None:
        return False
    if groups.is_sentinel(url) and groups.is_sentinel(redis_url):
        return groups.same_group(url, redis_url)
    if not {scheme(url), scheme(redis_url)} <= {*REDIS_SCHEMES}:
        return False
    one, other = urlsplit(url), urlsplit(redis_url)
    return (one.hostname, one.port) == (other.hostname, other.port)
