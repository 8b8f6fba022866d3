"""What must hold before anything is started; each check raises `UpError` with a sentence on what to mend."""

from pathlib import Path

from redis.exceptions import AuthenticationError, RedisError

from config.celeryconfig import celery_settings
from config.settings import Settings, SettingsError, load_settings, read_environment
from config.stores import Stores, StoresError
from config.urls import redis_named
from config.watched_stores import WatchedStores
from worker.adapters.redis_clients import brief_client
from worker.bootstrap import UnsafeRedisError, build
from worker.entrypoints.broker.rabbitmq_start import rabbitmq_refusal
from worker.entrypoints.listening import cannot_listen, http_url, listen
from worker.entrypoints.up.locks import UpError
from worker.entrypoints.up.merged_log import MergedLog
from worker.entrypoints.up.sandbox_folder import STORES
from worker.entrypoints.up.stop import Stop
from worker.entrypoints.up.supervisor import Refusal

# A predecessor's web process ends within this; a wait for longer than a moment is said.
_PORT_SECONDS = 10.0
_SILENT_SECONDS = 1.0


def checked_settings() -> Settings:
    """Return the settings, with which the workers can start, too."""
    try:
        settings = load_settings()
        if settings.broker_url is not None:
            celery_settings(settings)
    except SettingsError as error:
        raise UpError(str(error)) from None
    return settings


def checked_stores(settings: Settings) -> WatchedStores:
    """Return the stores, to be followed: the processes that use them say what changes."""
    if not settings.stores_file.exists():
        raise UpError(_first_steps(settings.stores_file))
    try:
        return WatchedStores(
            settings.stores_file, read_environment, changed=lambda *_: None, refused=lambda _error: None
        )
    except (StoresError, SettingsError) as error:
        raise UpError(str(error)) from None


def refusal(settings: Settings, stores: WatchedStores) -> Refusal | None:
    """Return which file no process can be started with now; None where both are sound."""
    stores.current()
    if stores.problem:
        return Refusal(str(settings.stores_file), stores.problem)
    try:
        checked_settings()
    except UpError as error:
        return Refusal(".env", str(error))
    return None


def check_web_port(settings: Settings, log: MergedLog, stop: Stop) -> None:
    """Wait until the address of the HTTP process is free."""
    found: list[OSError] = []

    def free() -> bool:
        try:
            listen(settings.web_host, settings.web_port).close()
        except OSError as error:
            found[:] = [error]
            return False
        return True

    if stop.wait_for(free, _SILENT_SECONDS):
        return
    address = http_url(settings.web_host, settings.web_port)
    log.say("port.waited_for", f"waiting for {address}, which is in use, {_PORT_SECONDS:g} s at most", address=address)
    if not stop.wait_for(free, _PORT_SECONDS):
        raise UpError(cannot_listen(settings.web_host, settings.web_port, found[0]))


def check_redis(settings: Settings, stores: Stores) -> None:
    """Refuse a named server that would forget orders, or refuses us; the workers wait for one that is away."""
    if settings.redis_url is None:
        return
    with brief_client(settings.redis_url) as client:
        try:
            build(settings, stores, redis=client).examine_redis()
        except UnsafeRedisError as error:
            raise UpError(str(error)) from None
        except AuthenticationError as error:
            raise UpError(f"{redis_named(settings.redis_url)} refuses this service: {error}") from None
        except RedisError:
            return


def check_rabbitmq(settings: Settings) -> None:
    """Refuse a RabbitMQ that refuses us, or has other queues of our names; the workers wait for one that is away."""
    reason = rabbitmq_refusal(settings)
    if reason is not None:
        raise UpError(reason)


def check_sandbox_alone(settings: Settings, stores: Stores) -> None:
    """Refuse a named server that holds orders of any store but the sandbox's: without their file it would be paused."""
    if settings.redis_url is None:
        return
    with brief_client(settings.redis_url) as client:
        try:
            others = sorted(build(settings, stores, redis=client).fleet.remember(()).difference(STORES))
        except RedisError as error:
            raise UpError(f"{redis_named(settings.redis_url)} does not answer: {error}") from None
    if others:
        mend = "name another server or database for a trial, or leave it unset"
        raise UpError(f"COLETA_REDIS_URL names a server that serves other stores ({', '.join(others[:5])}): {mend}")


def _first_steps(stores_file: Path) -> str:
    where = f"{stores_file} (COLETA_STORES_FILE) does not exist. Your stores go there, their secrets into .env"
    lines = [
        f"{where}; copy the examples and fill them in:",
        f"  cp config/stores.example.toml {stores_file}",
        *([] if Path(".env").exists() else ["  cp .env.example .env; chmod 600 .env"]),
        "To try it without either: coleta up --sandbox",
    ]
    return "\n".join(lines)
