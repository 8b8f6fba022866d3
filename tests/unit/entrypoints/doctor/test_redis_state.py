"""What is said of a Redis server, by what was read of it: those that cannot be had here among them."""

from dataclasses import replace
from typing import Any

import pytest
from redis.exceptions import AuthenticationError, NoPermissionError, RedisError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from config.urls import redis_named
from worker.adapters.redis_safety import Durability
from worker.entrypoints.doctor.findings import Check, Level
from worker.entrypoints.doctor.redis_state import ServerLook, judge, unreached

URL = "redis://user:secret-word@redis.example:6379/0"
GIB = 2**30
INFO = {"role": "master", "used_memory": GIB, "total_system_memory": 8 * GIB, "aof_enabled": 1}
SOUND = ServerLook(Durability("7.2.4"), INFO, round_trip_ms=0.4, ahead_seconds=0.01)


def _found(seen: ServerLook) -> dict[Check, str]:
    return {finding.check: finding.found for finding in judge(seen, redis_named(URL))}


def test_a_sound_server_is_summed_up_in_a_line() -> None:
    """Program, what it keeps, how quick it is, how much it holds; never its password."""
    assert _found(SOUND) == {
        Check.REDIS_OK: "Redis 7.2.4, appendfsync always, noeviction, 0.4 ms a round trip, 1.0 GiB used:"
        " the Redis server at redis://redis.example:6379/0 (COLETA_REDIS_URL)"
    }
    valkey = replace(SOUND, info={**INFO, "valkey_version": "9.1.2"})
    assert _found(valkey)[Check.REDIS_OK].startswith("Valkey 9.1.2, ")


@pytest.mark.parametrize(
    ("seen", "check", "words"),
    [
        (replace(SOUND, durable=Durability("6.0.16")), Check.REDIS_OLD, "is version 6.0.16; 6.2 is the oldest"),
        (replace(SOUND, durable=Durability("7.2", appendonly="no")), Check.REDIS_FORGETS, "appendonly no"),
        (replace(SOUND, durable=Durability("7.2", appendfsync="everysec")), Check.REDIS_WRITES_LATE, "everysec"),
        (replace(SOUND, durable=Durability("7.2", policy="allkeys-lru")), Check.REDIS_EVICTS, "allkeys-lru"),
        (replace(SOUND, durable=Durability("7.2", readable=False)), Check.REDIS_HIDDEN, "CONFIG"),
        (replace(SOUND, round_trip_ms=48.2), Check.REDIS_SLOW, "a round trip takes 48 ms"),
        (replace(SOUND, ahead_seconds=-3.25), Check.REDIS_CLOCK, "its clock is 3.2 s behind this machine's"),
        (replace(SOUND, ahead_seconds=90.0), Check.REDIS_CLOCK, "its clock is 90.0 s ahead of this machine's"),
    ],
)
def test_a_fault_is_named_as_it_was_found(seen: ServerLook, check: Check, words: str) -> None:
    """One finding, and what to do stands with it."""
    found = _found(seen)
    found.pop(Check.REDIS_OK, None)

    assert [*found] == [check]
    assert words in found[check]
    assert check.advice != ""


@pytest.mark.parametrize(
    ("info", "check", "words"),
    [
        ({"evicted_keys": 1200}, Check.REDIS_HAS_EVICTED, "1,200 keys were thrown away"),
        ({"aof_last_write_status": "err"}, Check.REDIS_WRITE_FAILED, "aof_last_write_status is err"),
        ({"rdb_last_bgsave_status": "err"}, Check.REDIS_SNAPSHOT_FAILED, "rdb_last_bgsave_status is err"),
        ({"role": "slave", "master_host": "10.0.0.7"}, Check.REDIS_REPLICA, "its role is slave, of 10.0.0.7"),
        ({"maxmemory": GIB}, Check.REDIS_MEMORY_FULL, "1.0 GiB are used of 1.0 GiB (maxmemory): 100%"),
        ({"used_memory": 7 * GIB}, Check.REDIS_MEMORY_SHORT, "7.0 GiB are used of 8.0 GiB (the machine's memory): 88%"),
    ],
)
def test_what_info_tells_is_told(info: dict[str, Any], check: Check, words: str) -> None:
    """Errors of its disk, a full memory, a role that takes no writes."""
    found = _found(replace(SOUND, info={**INFO, **info}))

    assert [*found] == [check]
    assert words in found[check]


def test_what_config_hides_info_may_tell() -> None:
    """A server that forgets is named also where its CONFIG may not be read."""
    hidden = replace(SOUND, durable=Durability("7.2", readable=False), info={**INFO, "aof_enabled": 0})

    assert _found(hidden) == {Check.REDIS_FORGETS: "INFO says aof_enabled:0"}


def test_every_fault_is_named_at_once() -> None:
    """One look is enough to mend all of it."""
    bad = replace(SOUND, durable=Durability("6.0", appendonly="no", policy="allkeys-lru"), round_trip_ms=99.0)

    assert [check.level for check in _found(bad)] == [Level.PROBLEM, Level.PROBLEM, Level.PROBLEM, Level.WARNING]


@pytest.mark.parametrize(
    ("error", "check"),
    [
        (RedisConnectionError("Error 111 connecting to redis.example:6379"), Check.REDIS_UNREACHABLE),
        (RedisTimeoutError("Timeout reading from socket"), Check.REDIS_UNREACHABLE),
        (AuthenticationError("invalid username-password pair"), Check.REDIS_WRONG_PASSWORD),
        (NoPermissionError("User producer has no permissions to run the 'info' command"), Check.REDIS_REFUSES),
    ],
)
def test_a_server_that_is_of_no_use_says_why(error: RedisError, check: Check) -> None:
    """Away, locked or too strict: each has another mend."""
    finding = unreached(error, redis_named(URL))

    assert finding.check is check
    assert "secret-word" not in finding.found
