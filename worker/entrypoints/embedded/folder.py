"""The embedded server's directory: private, one server at a time, and the place where its address is found.

It remembers the program that wrote it, which can read it for sure.

Two locks: `owner.lock` is held by the process that started the server, `server.lock` by the server itself, which
inherits it. So a server whose owner was killed is noticed before another one writes the same files.
"""

import fcntl
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO

from config.urls import REDIS_SCHEMES, problem
from worker.entrypoints.embedded.program import Program

_ADDRESS, _WRITER = "server.json", "written-by.json"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server answers (with its password), and its process."""

    url: str = field(repr=False)
    pid: int


@dataclass(frozen=True, slots=True)
class Folder:
    """The files of one embedded server."""

    path: Path

    @property
    def log(self) -> Path:
        """What the server said."""
        return self.path / "server.log"

    def open_log(self) -> IO[bytes]:
        """Open the log to write to its end, for its owner alone."""
        return open(self.log, "ab", opener=lambda path, flags: os.open(path, flags, 0o600))

    def make_private(self) -> None:
        """Create the directory for its owner alone: all orders are in there, and the password."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path.chmod(0o700)

    def lock_owner(self) -> int | None:
        """Return a descriptor that holds the owner's lock until it is closed; None where another one holds it."""
        return take_lock(self.path / "owner.lock")

    def lock_server(self) -> int | None:
        """Return a descriptor that holds the server's lock, to be inherited; None where a server lives."""
        return take_lock(self.path / "server.lock")

    def server_lives(self) -> bool:
        """Return whether some server holds this directory."""
        if not (self.path / "server.lock").exists():
            return False
        lock = self.lock_server()
        if lock is None:
            return True
        os.close(lock)
        return False

    def read_address(self) -> Address | None:
        """Return the address of the server that lives or died here; None where one stopped in order, or none was.

        A file that nobody could have written here is as good as none.
        """
        match self._read(_ADDRESS):
            case {"url": str(url), "pid": int(pid)} if problem(url, REDIS_SCHEMES) is None:
                return Address(url, pid)
        return None

    def write_address(self, address: Address) -> None:
        """Keep the address for the other commands: whole or not at all, for the owner alone."""
        self._write(_ADDRESS, asdict(address))

    def forget_address(self) -> None:
        """Remove the address."""
        (self.path / _ADDRESS).unlink(missing_ok=True)

    def holds_data(self) -> bool:
        """Return whether some server has written here."""
        files = ("appendonly.aof", "dump.rdb")  # of servers before Redis 7
        return self.holds_parts() or any((self.path / name).exists() for name in files)

    def holds_parts(self) -> bool:
        """Return whether a server has written its append-only file here in parts, as Redis does from 7 on."""
        return any(self.path.glob("appendonlydir/*"))

    def read_writer(self) -> Program | None:
        """Return the program that wrote here last; None where nobody noted it."""
        match self._read(_WRITER):
            case {"path": str(path), "packaged": bool(packaged), "version": str(version)}:
                return Program(path, packaged, version)
        return None

    def write_writer(self, program: Program) -> None:
        """Note the program that writes here from now on."""
        if program != self.read_writer():
            self._write(_WRITER, asdict(program))

    def _read(self, name: str) -> object:
        try:
            return json.loads((self.path / name).read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return None

    def _write(self, name: str, fields: Mapping[str, object]) -> None:
        draft = self.path / f"{name}.{secrets.token_hex(4)}"
        draft.touch(mode=0o600, exist_ok=False)
        try:
            draft.write_text(json.dumps(fields), encoding="utf-8")
            draft.replace(self.path / name)
        except OSError:
            draft.unlink(missing_ok=True)
            raise


def take_lock(path: Path) -> int | None:
    """Return a descriptor that holds a lock file until it and all its heirs are closed; None where another one does."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor
