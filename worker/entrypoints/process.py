"""What one process of the service holds: its settings and stores, the parts built from them, and whether it stops."""

import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import NoReturn

import structlog
from redis.exceptions import AuthenticationError, RedisError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from config.doubts import doubts
from config.logging import configure_logging
from config.settings import Settings, SettingsError, doubted_variables, load_settings, read_environment
from config.stores import Stores, StoresError
from config.urls import redis_named, without_password
from config.watched_stores import WatchedStores
from worker.bootstrap import Service, UnsafeRedisError, build
from worker.entrypoints.embedded import is_silent, running_url
from worker.entrypoints.sandbox_home import running_sandbox
from worker.entrypoints.tracing import spans
from worker.telemetry import Log

log = structlog.get_logger()

_SECONDS_BETWEEN_TRIES = 2.0

stopping = threading.Event()


class Process:
    """Its settings, stores and service: each is read or built when it is first asked for, and kept."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._settings: Settings | None = None
        self._in_sandbox = False
        self._stores: WatchedStores | None = None
        self._service: Service | None = None

    def settings(self) -> Settings:
        """Return the settings, on the embedded server if none is named and one runs; wrong ones end the process."""
        if self._settings is None:
            try:
                loaded = load_settings()
            except SettingsError as error:
                leave(str(error))
            url = running_url(loaded) if loaded.redis_url is None else None
            self._settings = loaded if url is None else loaded.with_redis_url(url)
        return self._settings

    def look_into_sandbox(self) -> bool:
        """Let the settings be those of a `coleta up --sandbox` that runs, if they name no server and find none.

        Returns whether they are now. Only what a person types may look there: a worker is never to serve the wrong
        stores.
        """
        own = self.settings()
        found = running_sandbox(own) if own.redis_url is None and not self._in_sandbox else None
        if found is not None:
            self._settings, self._in_sandbox = found, True
        return self._in_sandbox

    def check_stores(self) -> None:
        """Read the stores file; raises `StoresError` if it, `.env` or a secret's file cannot be used."""
        self._watched()

    def stores(self) -> Stores:
        """Return the stores as their file says now; ends the process if it is wrong at the start."""
        try:
            return self._watched().current()
        except StoresError as error:
            leave(str(error))

    def service(self) -> Service:
        """Return the service, with the stores as their file says now; a wrong file at the start ends the process.

        Built when it is first used (after a fork, so that no connection is shared).
        """
        with self._lock:
            stores = self.stores()
            if self._service is None:
                self._service = build(_with_redis(self.settings()), stores, http=spans.client())
            elif self._service.stores is not stores:
                self._service = replace(self._service, stores=stores)
            return self._service

    def _watched(self) -> WatchedStores:
        if self._stores is None:
            file = self.settings().stores_file
            self._stores = WatchedStores(file, read_environment, changed=_say_changed, refused=_say_refused)
        return self._stores


_this = Process()
settings, look_into_sandbox = _this.settings, _this.look_into_sandbox
check_stores, service = _this.check_stores, _this.service


def set_up_logging() -> None:
    """Let every line of this process be written as the settings say."""
    configure_logging(settings().log_format, stream=sys.stderr)


def warn_about_settings() -> None:
    """Log what in the settings works but is likely a mistake."""
    for sentence in (*doubted_variables(), *doubts(settings()), *_this.stores().warnings):
        log.warning("settings.doubted", reason=sentence)


def wait_for_redis() -> None:
    """Wait until the state's server answers, saying so; ends the process if it would forget orders.

    From then on a step of its clock is noticed, whichever store this process works for first.
    """
    address = without_password(settings().redis_url or "")
    while not stopping.is_set():
        try:
            findings = service().examine_redis()
            service().fleet.meet(list(service().stores))
        except UnsafeRedisError as error:
            leave(str(error))
        except (RedisConnectionError, RedisTimeoutError) as error:
            log.warning("redis.not_reached", address=address, reason=str(error), mend=how_to_mend(error))
            time.sleep(_SECONDS_BETWEEN_TRIES)
        except RedisError as error:
            leave(f"{redis_named(settings().redis_url or '')} refuses this service: {error}")
        else:
            for sentence in (*findings.unsafe, *findings.worth_saying):
                log.warning("redis.doubted", reason=sentence)
            return


def how_to_mend(error: RedisError) -> str:
    """Say what to do about a server that is not reached."""
    if isinstance(error, AuthenticationError):
        return "correct the user and the password in COLETA_REDIS_URL"
    if "certificate verify failed" in str(error):
        return (
            "name the host in COLETA_REDIS_URL as the server's certificate does, and an authority of your own as"
            " ?ssl_ca_certs=/path/ca.pem"
        )
    return "start the server there, or name another one in COLETA_REDIS_URL"


def until(seconds: float) -> Callable[[], bool]:
    """Return whether that much time has passed or the process stops."""
    end = time.monotonic() + seconds
    return lambda: stopping.is_set() or time.monotonic() >= end


def leave(reason: str) -> NoReturn:
    """End the process with a sentence a person can act on."""
    raise SystemExit(f"coleta: {reason}")


def _say_changed(before: Stores, after: Stores) -> None:
    log.info(
        Log.STORES_CHANGED,
        added=sorted(after.keys() - before.keys()),
        taken_out=sorted(before.keys() - after.keys()),
        changed=sorted(name for name in before.keys() & after.keys() if before[name] != after[name]),
    )
    for sentence in after.warnings:
        log.warning("settings.doubted", reason=sentence)


def _say_refused(error: StoresError) -> None:
    for problem in error.problems:
        log.error(Log.STORES_REFUSED, reason=problem, mend="mend the file; until then the stores stay as they were")


def _with_redis(known: Settings) -> Settings:
    if known.redis_url is None and is_silent(known):
        mend = "wait for it, or look at what holds it up in its server.log"
        leave(f"the embedded Redis server in {known.data_dir} (COLETA_DATA_DIR) runs, and does not answer: {mend}")
    if known.redis_url is None:
        mend = "start one with `coleta up`, or set COLETA_REDIS_URL, for instance redis://localhost:6379/0"
        leave(f"no Redis server is named, and no embedded one runs in {known.data_dir} (COLETA_DATA_DIR): {mend}")
    return known
