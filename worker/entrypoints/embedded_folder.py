"""The embedded server's directory: private, one server at a time, and the place where its address is found.

Two locks: `owner.lock` is held by the process that started the server, `server.lock` by the server itself, which
inherits it. So a server whose owner was killed is noticed before another one writes the same files.
"""

import fcntl
import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from config.urls import REDIS_SCHEMES, problem


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server answers (with its password), and its process."""

    url: str
    pid: int


@dataclass(frozen=True, slots=True)
class Folder:
    """The files of one embedded server."""

    path: Path

    @property
    def log(self) -> Path:
        """What the server said."""
        return self.path / "server.log"

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
        try:
            found = json.loads((self.path / "server.json").read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return None
        match found:
            case {"url": str(url), "pid": int(pid)} if problem(url, REDIS_SCHEMES) is None:
                return Address(url, pid)
        return None

    def write_address(self, address: Address) -> None:
        """Keep the address for the other commands: whole or not at all, for the owner alone."""
        draft = self.path / f"server.json.{secrets.token_hex(4)}"
        draft.touch(mode=0o600, exist_ok=False)
        try:
            draft.write_text(json.dumps(asdict(address)), encoding="utf-8")
            draft.replace(self.path / "server.json")
        except OSError:
            draft.unlink(missing_ok=True)
            raise

    def forget_address(self) -> None:
        """Remove the address."""
        (self.path / "server.json").unlink(missing_ok=True)


def take_lock(path: Path) -> int | None:
    """Return a descriptor that holds a lock file until it and all its heirs are closed; None where another one does."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor
