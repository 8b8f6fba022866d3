"""The directory of `coleta up --sandbox`: emptied at each start, with a stores file that points at its own world."""

import os
import shutil
from pathlib import Path

from config.settings import Settings
from worker.entrypoints.embedded import EmbeddedServerError
from worker.entrypoints.embedded.folder import Folder
from worker.entrypoints.embedded.leftovers import server_lock
from worker.entrypoints.listening import LOOPBACK, free_port, http_url
from worker.entrypoints.up.locks import UpError
from worker.entrypoints.up.sandbox_stores import SANDBOX_STORES, write_stores
from worker.entrypoints.up.stop import Stop

STORES = tuple(store.name for store in SANDBOX_STORES)
"""The names of the sandbox's stores; no real one is called so, and no real event can land there."""

# Says that a directory is ours to empty; it is the first file there, and stays.
_MARKER = "made-by-coleta-up-sandbox"
_KEPT = frozenset({_MARKER, "up.lock", "children.lock", "owner.lock", "server.lock"})  # the locks are held

_MEND = "move it away, or name another directory in COLETA_DATA_DIR"


def check_home(settings: Settings) -> None:
    """Refuse a directory that the sandbox did not make: it would be emptied."""
    home = settings.data_dir
    try:
        found = {entry.name for entry in home.iterdir()} if home.is_dir() else set()
    except OSError as error:
        raise UpError(f"{home} cannot be read ({error.strerror}): {_MEND}") from None
    if _MARKER not in found and found - _KEPT:
        raise UpError(f"{home} holds files that `coleta up --sandbox` did not make, and would delete: {_MEND}")


def made_anew(settings: Settings, stop: Stop) -> int:
    """Empty the sandbox's DATA_DIR, which its caller has checked and locked, and write a stores file there.

    Returns the port that the file gives the simulated world. Raises `UpError`, `StoppedError`, and
    `EmbeddedServerError` for a server of an earlier start that does not stop.
    """
    port = free_port()
    if port is None:
        raise UpError(f"no port is free on {LOOPBACK} for the simulated world: close what uses them")
    folder = settings.data_dir.absolute()
    try:
        os.close(server_lock(Folder(folder), stop.asked))
    except EmbeddedServerError:
        stop.check()
        raise
    (folder / _MARKER).touch(mode=0o600)
    _empty(folder)
    write_stores(settings.stores_file, http_url(LOOPBACK, port))
    return port


def _empty(folder: Path) -> None:
    for entry in folder.iterdir():
        if entry.name in _KEPT:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
