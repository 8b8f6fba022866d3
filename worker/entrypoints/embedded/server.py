"""Starts the embedded server, stops it, and finds the one that runs."""

import os
import secrets
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from redis.exceptions import RedisError

from config.settings import Settings
from worker.adapters.redis_clients import brief_client
from worker.entrypoints.embedded.advice import advice
from worker.entrypoints.embedded.folder import Address, Folder
from worker.entrypoints.embedded.leftovers import server_lock
from worker.entrypoints.embedded.program import EmbeddedServerError, examined, server_binary, spawned
from worker.entrypoints.listening import LOOPBACK, free_port

_START_SECONDS = 120.0  # a long append-only file is replayed first
_STOP_SECONDS = 30.0
_ANSWER_SECONDS = 10.0  # a living server's silence
_POLL_SECONDS = 0.02
_PORTS_TRIED = 5  # another process can take a free port before the server does
_LOG_SHOWN = 2000  # characters of the server's log in an error


class EmbeddedServer:
    """A running server; a context manager that stops it."""

    def __init__(self, process: subprocess.Popen[bytes], url: str, folder: Folder, owner: int) -> None:
        self.url = url
        self.pid = process.pid
        self._process = process
        self._folder = folder
        self._owner: int | None = owner

    def running(self) -> bool:
        """Return whether the server's process is alive."""
        return self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        """The exit code of a server that ended, negative the signal that killed it."""
        return self._process.poll()

    def stop(self) -> None:
        """Shut the server down and wait for its end; may be called again.

        The address of a server that died by itself is kept: the next one here takes it over, and clients find it.
        """
        if self._owner is None:
            return
        _end(self._process)
        if self._process.returncode == 0:
            self._folder.forget_address()
        os.close(self._owner)
        self._owner = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start_embedded(settings: Settings, *, canceled: Callable[[], bool] = lambda: False) -> EmbeddedServer:
    """Start the server in DATA_DIR and return it once it answers; it holds what the last one there held.

    Raises `EmbeddedServerError`: no binary, a server that runs there already, a server that does not come up; or
    `canceled` became true, which is looked at while a long file is replayed.
    """
    folder = Folder(settings.data_dir.absolute())
    try:
        folder.make_private()
        owner = folder.lock_owner()
    except OSError as error:
        raise EmbeddedServerError(_unusable(folder, error)) from error
    if owner is None:
        msg = f"a server runs in {settings.data_dir} already: stop the other one, or name another COLETA_DATA_DIR"
        raise EmbeddedServerError(msg)
    try:
        binary = server_binary(settings.redis_server, last=folder.read_writer())
        process, url = _started(binary, folder, canceled)
    except OSError as error:
        os.close(owner)
        raise EmbeddedServerError(_unusable(folder, error)) from error
    except BaseException:
        os.close(owner)
        raise
    return EmbeddedServer(process, url, folder, owner)


def running_url(settings: Settings) -> str | None:
    """Return the URL of the server that lives in DATA_DIR; None where none does, or it does not answer for seconds.

    It may be about to come up again, or a slow disk may hold it up for a moment.
    """
    folder = Folder(settings.data_dir.absolute())
    deadline = time.monotonic() + _ANSWER_SECONDS
    while True:
        address = folder.read_address()
        # The password is sent only while our server holds its lock: else the port may be a stranger's by now.
        if address is None or not folder.server_lives():
            return None
        if _answers(address.url):
            return address.url
        if time.monotonic() > deadline:
            return None
        time.sleep(_POLL_SECONDS)


def is_silent(settings: Settings) -> bool:
    """Return whether a server lives in DATA_DIR, whether or not it answers."""
    return Folder(settings.data_dir.absolute()).server_lives()


def _started(binary: Path, folder: Folder, canceled: Callable[[], bool]) -> tuple[subprocess.Popen[bytes], str]:
    lock = server_lock(folder, canceled)
    try:
        _refuse_to_begin_anew(binary, folder)
        for _ in range(_PORTS_TRIED):
            url = _url(folder.read_address())
            process = _come_up(binary, folder, url, lock, canceled)
            if process:
                return process, url
    finally:
        os.close(lock)  # the server has inherited it
    msg = f"{binary} found no free port on {LOOPBACK} in {_PORTS_TRIED} attempts: start it again"
    raise EmbeddedServerError(msg)


def _refuse_to_begin_anew(binary: Path, folder: Folder) -> None:
    """Refuse a server that would not see the orders here, and come up without them."""
    if not folder.holds_parts():
        return
    tried = examined(binary)
    if not tried.reads_parts:
        what = f"{tried} is too old for the files in {folder.path}, and would begin an empty one beside them"
        raise EmbeddedServerError(f"{what}.{advice(tried, folder.read_writer(), '')}")


def _come_up(
    binary: Path, folder: Folder, url: str, lock: int, canceled: Callable[[], bool]
) -> subprocess.Popen[bytes] | None:
    """Return the server's process once it answers, None where its port was taken."""
    held_data = folder.holds_data()
    with folder.open_log() as log:
        already_said = log.tell()
        process = spawned(binary, folder.path, lock, log, url)
    try:
        folder.write_address(Address(url, process.pid))
        deadline = time.monotonic() + _START_SECONDS
        while process.poll() is None and time.monotonic() < deadline and not canceled():
            if _answers(url):
                folder.write_writer(examined(binary))
                return process
            time.sleep(_POLL_SECONDS)
    except BaseException:  # nobody would know of it, nor stop it
        process.kill()
        process.wait()
        raise
    _end(process)
    said = folder.log.read_bytes()[already_said:].decode(errors="replace")
    if "Address already in use" in said:
        folder.forget_address()
        return None
    shown = said[-_LOG_SHOWN:].rstrip()
    mend = advice(examined(binary), folder.read_writer(), shown) if held_data else ""
    msg = f"{binary} did not come up in {folder.path} (exit {process.returncode}); it said:\n{shown}{mend}"
    raise EmbeddedServerError(msg)


def _unusable(folder: Folder, error: OSError) -> str:
    mend = "make room, mend its owner, or name another directory in COLETA_DATA_DIR"
    return f"{folder.path} cannot be used ({error.strerror}): {mend}"


def _url(last: Address | None) -> str:
    """Return where the next server shall answer: as the last one, when that died by itself and its port is free."""
    parts = urlsplit(last.url) if last else None
    port = free_port(parts.port if parts else None)
    if port is None:
        msg = f"no port is free on {LOOPBACK}: close what uses them"
        raise EmbeddedServerError(msg)
    if parts and port == parts.port:
        return parts.geturl()
    return f"redis://:{secrets.token_hex(24)}@{LOOPBACK}:{port}/0"


def _answers(url: str) -> bool:
    try:
        with brief_client(url) as client:
            client.ping()
    except RedisError:  # also while it replays its file
        return False
    return True


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()  # Redis takes it as SHUTDOWN
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
