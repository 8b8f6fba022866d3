"""What one process of the service holds: its settings and stores, the parts built from them, and whether it stops."""

import sys
import threading
import time
from collections.abc import Callable
from functools import cache
from typing import NoReturn

import structlog
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

from config.logging import configure_logging
from config.settings import Settings, SettingsError, load_settings, read_environment, unknown_variables
from config.stores import Stores, StoresError, load_stores
from config.urls import without_password
from worker.bootstrap import Service, UnsafeRedisError, build
from worker.entrypoints.embedded import running_url

log = structlog.get_logger()

_SECONDS_BETWEEN_TRIES = 2.0
_lock = threading.Lock()
_built: list[Service] = []

stopping = threading.Event()


@cache
def settings() -> Settings:
    """Return the settings, on the embedded server if none is named and it runs; ends the process if they are wrong."""
    try:
        loaded = load_settings()
    except SettingsError as error:
        leave(str(error))
    if loaded.redis_url is None and (url := running_url(loaded)) is not None:
        return loaded.with_redis_url(url)
    return loaded


@cache
def stores() -> Stores:
    """Return the configured stores; ends the process if the file is wrong."""
    try:
        return load_stores(settings().stores_file, read_environment())
    except StoresError as error:
        leave(str(error))


def service() -> Service:
    """Return this process's service, built when it is first used (after a fork, so that no connection is shared)."""
    with _lock:
        if not _built:
            _built.append(build(_with_redis(settings()), stores()))
        return _built[0]


def set_up_logging() -> None:
    """Let every line of this process be written as the settings say."""
    configure_logging(settings().log_format, stream=sys.stderr)


def warn_about_settings() -> None:
    """Log what in the settings works but is likely a mistake."""
    for sentence in (*unknown_variables(), *stores().warnings):
        log.warning("settings.doubted", reason=sentence)


def wait_for_redis() -> None:
    """Wait until the state's server answers, saying so; ends the process if it would forget orders."""
    address = without_password(settings().redis_url or "")
    while not stopping.is_set():
        try:
            findings = service().examine_redis()
        except UnsafeRedisError as error:
            leave(str(error))
        except (RedisConnectionError, RedisTimeoutError) as error:
            mend = "start the server there, or name another one in COLETA_REDIS_URL"
            log.warning("redis.not_reached", address=address, reason=str(error), mend=mend)
            time.sleep(_SECONDS_BETWEEN_TRIES)
        except RedisError as error:
            leave(f"the Redis server at {address} (COLETA_REDIS_URL) refuses this service: {error}")
        else:
            for sentence in (*findings.unsafe, *findings.worth_saying):
                log.warning("redis.doubted", reason=sentence)
            return


def until(seconds: float) -> Callable[[], bool]:
    """Return whether that much time has passed or the process stops."""
    end = time.monotonic() + seconds
    return lambda: stopping.is_set() or time.monotonic() >= end


def leave(reason: str) -> NoReturn:
    """End the process with a sentence a person can act on."""
    raise SystemExit(f"coleta: {reason}")


def _with_redis(known: Settings) -> Settings:
    if known.redis_url is None:
        leave("no Redis server is named: set COLETA_REDIS_URL, for instance redis://localhost:6379/0")
    return known
