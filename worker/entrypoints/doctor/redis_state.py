"""The state's Redis server: what it keeps, how quick it is, how much room it has."""

import statistics
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from redis import Redis
from redis.exceptions import AuthenticationError, RedisError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from config.scrub import scrub_text
from worker.adapters.redis_cluster import ClusterClient
from worker.adapters.redis_safety import Durability, covering, durability
from worker.entrypoints.doctor.findings import Check, Finding, Level

_PINGS = 7
# A drain needs a few round trips for hundreds of events; at ten times a local network's time they begin to count.
_SLOW_MS = 10.0
_SKEW_SECONDS = 2.0
_SHORT, _FULL = 0.8, 0.95
_AWAY = (RedisConnectionError, RedisTimeoutError)


@dataclass(frozen=True, slots=True)
class ServerLook:
    """What was read of a server: its INFO, its quickest round trip, and by how much its clock is ahead of ours."""

    durable: Durability
    info: Mapping[str, Any]
    round_trip_ms: float
    ahead_seconds: float


def look(client: Redis) -> ServerLook:
    """Read a server, changing nothing; raises redis-py's errors."""
    client.ping()  # connects
    taken, ahead = zip(*(_timed(client) for _ in range(_PINGS)), strict=True)
    return ServerLook(durability(client), client.info(), min(taken), statistics.median(ahead))


def check_server(client: Redis, where: str) -> list[Finding]:
    """Look at the server, which `where` names, or at each node of the cluster; raises redis-py's errors."""
    if isinstance(client, ClusterClient):
        return [finding for name, node in client.nodes().items() for finding in _check_node(name, node)]
    return judge(look(client), where)


def _check_node(name: str, node: Redis) -> Iterator[Finding]:
    """Look at one node; each may come to hold any store."""
    try:
        seen = look(node)
        # Here a replica is as it should be: nobody writes to it, and it may be a primary soon.
        found = judge(replace(seen, info={**seen.info, "role": "master"}), name)
        covers = covering(node)
    except RedisError as error:
        away = isinstance(error, _AWAY) and not isinstance(error, AuthenticationError)
        check = Check.REDIS_NODE_AWAY if away else unreached(error, "").check
        yield Finding(check, f"{name}: {scrub_text(str(error)).rstrip('.')}")
        return
    yield from (each if each.level is Level.OK else replace(each, found=f"{name}: {each.found}") for each in found)
    if covers:
        yield Finding(Check.REDIS_FULL_COVERAGE, f"{name}: {covers}")


def unreached(error: RedisError, where: str) -> Finding:
    """Say why the server that `where` names is of no use."""
    said = f"{where}: {scrub_text(str(error)).rstrip('.')}"
    if isinstance(error, AuthenticationError) or "WRONGPASS" in said:
        return Finding(Check.REDIS_WRONG_PASSWORD, said)
    if isinstance(error, _AWAY):
        return Finding(Check.REDIS_UNREACHABLE, said)
    return Finding(Check.REDIS_REFUSES, said)


def judge(seen: ServerLook, where: str) -> list[Finding]:
    """Say what is wrong with a server that answers, or that nothing is; `where` names it."""
    found = [*_durable(seen), *_room(seen.info), *_measured(seen)]
    if all(finding.level is Level.NOTE for finding in found):
        found.insert(0, Finding(Check.REDIS_OK, _summary(seen, where)))
    return found


def _timed(client: Redis) -> tuple[float, float]:
    """Return a round trip in milliseconds, and by how many seconds the server's clock is ahead of ours."""
    before = time.time()
    seconds, micros = client.time()
    after = time.time()
    return (after - before) * 1000, int(seconds) + int(micros) / 1e6 - (before + after) / 2


def _durable(seen: ServerLook) -> Iterator[Finding]:
    said = (
        (Check.REDIS_OLD, seen.durable.too_old),
        (Check.REDIS_FORGETS, seen.durable.forgets),
        (Check.REDIS_WRITES_LATE, seen.durable.writes_late),
        (Check.REDIS_EVICTS, seen.durable.evicts),
        (Check.REDIS_HIDDEN, "" if _told_by_info(seen) else seen.durable.hidden),
    )
    yield from (Finding(check, sentence) for check, sentence in said if sentence)
    info = seen.info
    if not seen.durable.readable and int(info.get("aof_enabled", 1)) == 0:
        yield Finding(Check.REDIS_FORGETS, "INFO says aof_enabled:0")
    if not seen.durable.readable and str(info.get("maxmemory_policy", "noeviction")) != "noeviction":
        yield Finding(Check.REDIS_EVICTS, f"INFO says maxmemory_policy:{info['maxmemory_policy']}")
    if int(info.get("evicted_keys", 0)):
        yield Finding(Check.REDIS_HAS_EVICTED, f"{info['evicted_keys']:,} keys were thrown away since its start")
    if str(info.get("aof_last_write_status", "ok")) != "ok":
        yield Finding(Check.REDIS_WRITE_FAILED, f"aof_last_write_status is {info['aof_last_write_status']}")
    for name in ("rdb_last_bgsave_status", "aof_last_bgrewrite_status"):
        if str(info.get(name, "ok")) != "ok":
            yield Finding(Check.REDIS_SNAPSHOT_FAILED, f"{name} is {info[name]}")
    if str(info.get("role", "master")) != "master":
        yield Finding(
            Check.REDIS_REPLICA, f"its role is {info['role']}, of {info.get('master_host', 'another server')}"
        )


def _told_by_info(seen: ServerLook) -> bool:
    """Whether INFO already says that something hidden is wrong."""
    return int(seen.info.get("aof_enabled", 1)) == 0


def _room(info: Mapping[str, Any]) -> Iterator[Finding]:
    used, most = int(info.get("used_memory", 0)), int(info.get("maxmemory", 0))
    whose = "maxmemory"
    if not most:
        most, whose = int(info.get("total_system_memory", 0)), "the machine's memory"
    if most and used > _SHORT * most:
        check = Check.REDIS_MEMORY_FULL if used > _FULL * most else Check.REDIS_MEMORY_SHORT
        yield Finding(check, f"{_size(used)} are used of {_size(most)} ({whose}): {used / most:.0%}")


def _measured(seen: ServerLook) -> Iterator[Finding]:
    if seen.round_trip_ms > _SLOW_MS:
        yield Finding(Check.REDIS_SLOW, f"a round trip takes {seen.round_trip_ms:.0f} ms")
    if abs(seen.ahead_seconds) > _SKEW_SECONDS:
        where = "ahead of" if seen.ahead_seconds > 0 else "behind"
        yield Finding(Check.REDIS_CLOCK, f"its clock is {abs(seen.ahead_seconds):.1f} s {where} this machine's")


def _summary(seen: ServerLook, where: str) -> str:
    info = seen.info
    valkey = info.get("valkey_version")
    program = f"Valkey {valkey}" if valkey else f"Redis {seen.durable.version}"
    kept = (
        f"appendfsync {seen.durable.appendfsync}, {seen.durable.policy}" if seen.durable.readable else "CONFIG hidden"
    )
    used = _size(int(info.get("used_memory", 0)))
    return f"{program}, {kept}, {seen.round_trip_ms:.1f} ms a round trip, {used} used: {where}"


def _size(count: int) -> str:
    return f"{count / 2**30:.1f} GiB" if count >= 2**30 else f"{count / 2**20:.0f} MiB"
