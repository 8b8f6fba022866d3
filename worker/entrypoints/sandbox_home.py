"""Where `coleta up --sandbox` lives: a directory of its own in DATA_DIR, with a stores file of its own."""

import fcntl
import os
from pathlib import Path

from config.settings import PREFIX, Settings
from worker.entrypoints.embedded import running_url

UP_LOCK = "up.lock"
"""The file in its directory that a `coleta up` holds while it lives."""

# Where nobody has set them: what is found by the clock is found while somebody watches.
_BRISK = {"reconcile_seconds": 20.0, "feed_seconds": 5.0}


def in_sandbox(settings: Settings) -> Settings:
    """Return the settings of the sandbox that belongs to these; a broker that they name is the real orders'."""
    home = settings.data_dir / "sandbox"
    kept = {name: getattr(settings, name) for name in settings.model_fields_set - {"broker_url"}}
    return Settings(**{**_BRISK, **kept, "data_dir": home, "stores_file": home / "stores.toml"})


def brisk_variables(settings: Settings) -> dict[str, str]:
    """Return the variables that let another process be as quick as these settings of a sandbox."""
    return {f"{PREFIX}{name.upper()}": f"{getattr(settings, name):g}" for name in _BRISK}


def running_sandbox(settings: Settings) -> Settings | None:
    """Return the settings of the sandbox that belongs to these, on its server; None unless its `up` lives.

    A killed `up` may leave its server behind, which holds a trial that is over.
    """
    place = in_sandbox(settings)
    url = running_url(place)
    return place.with_redis_url(url) if url is not None and up_runs(place) else None


def up_runs(settings: Settings) -> bool:
    """Return whether a `coleta up` lives in DATA_DIR: it starts again whatever ends, and a second one is refused."""
    return _held(settings.data_dir / UP_LOCK)


def _held(path: Path) -> bool:
    """Return whether another process holds a lock file; two that ask at once do not take each other for it."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
