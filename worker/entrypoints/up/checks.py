"""What must hold before anything is started; each check raises `UpError` with a sentence on what to mend."""

from pathlib import Path

from redis.exceptions import AuthenticationError, RedisError

from config.celeryconfig import celery_settings
from config.settings import Settings, SettingsError, load_settings, read_environment
from config.stores import Stores, StoresError, load_stores
from config.urls import without_password
from worker.bootstrap import UnsafeRedisError, build
from worker.entrypoints.embedded_leftovers import brief_client
from worker.entrypoints.listening import listen
from worker.entrypoints.up.locks import UpError
from worker.entrypoints.up.stop import Stop
from worker.entrypoints.web.server import cannot_listen

# A predecessor's web process ends within this.
_PORT_SECONDS = 10.0


def checked_settings() -> Settings:
    """Return the settings, with which the workers can start, too."""
    try:
        settings = load_settings()
        if settings.broker_url is not None:
            celery_settings(settings)
    except SettingsError as error:
        raise UpError(str(error)) from None
    return settings


def checked_stores(settings: Settings) -> Stores:
    """Return the stores."""
    if not settings.stores_file.exists():
        raise UpError(_first_steps(settings.stores_file))
    try:
        return load_stores(settings.stores_file, read_environment())
    except StoresError as error:
        raise UpError(str(error)) from None


def check_web_port(settings: Settings, stop: Stop) -> None:
    """Wait until the address of the HTTP process is free."""
    found: list[OSError] = []

    def free() -> bool:
        try:
            listen(settings.web_host, settings.web_port).close()
        except OSError as error:
            found[:] = [error]
            return False
        return True

    if not stop.wait_for(free, _PORT_SECONDS):
        raise UpError(cannot_listen(settings.web_host, settings.web_port, found[0]))


def check_redis(settings: Settings, stores: Stores) -> None:
    """Refuse a named server that would forget orders, or refuses us; the workers wait for one that is away."""
    if settings.redis_url is None:
        return
    address = f"the Redis server at {without_password(settings.redis_url)} (COLETA_REDIS_URL)"
    with brief_client(settings.redis_url) as client:
        try:
            build(settings, stores, redis=client).examine_redis()
        except UnsafeRedisError as error:
            raise UpError(str(error)) from None
        except AuthenticationError as error:
            raise UpError(f"{address} refuses this service: {error}") from None
        except RedisError:
            return


def check_sandbox_alone(settings: Settings, stores: Stores) -> None:
    """Refuse a named server that holds other stores' orders: without their file they would be paused."""
    if settings.redis_url is None:
        return
    with brief_client(settings.redis_url) as client:
        try:
            others = sorted(build(settings, stores, redis=client).fleet.remember(()) - set(stores))
        except RedisError as error:
            address = without_password(settings.redis_url)
            raise UpError(f"the Redis server at {address} (COLETA_REDIS_URL) does not answer: {error}") from None
    if others:
        mend = "name another server or database for a trial, or leave it unset"
        raise UpError(f"COLETA_REDIS_URL names a server that serves other stores ({', '.join(others[:5])}): {mend}")


def _first_steps(stores_file: Path) -> str:
    where = f"{stores_file} (COLETA_STORES_FILE) does not exist. Your stores go there, their secrets into .env"
    lines = [
        f"{where}; copy the examples and fill them in:",
        f"  cp config/stores.example.toml {stores_file}",
        *([] if Path(".env").exists() else ["  cp .env.example .env"]),
        "To try it without either: coleta up --sandbox",
    ]
    return "\n".join(lines)
