"""Keeps the embedded server running: in the same folder, at the same address where that is possible."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from config.settings import Settings
from worker.entrypoints.embedded import EmbeddedServer, EmbeddedServerError, start_embedded
from worker.entrypoints.up.merged_log import MergedLog
from worker.entrypoints.up.restarts import Broken, Restarts, how_it_ended, when
from worker.entrypoints.up.stop import Stop, StoppedError


@dataclass(frozen=True, slots=True)
class NamedServer:
    """A server that somebody else keeps: the settings name it."""

    url: str

    def look(self) -> str | None:
        """Return None: it is not ours to start again."""
        return None

    def stop(self) -> None:
        """Let it run."""


class ServerKeeper:
    """The server runs from the making of this on; raises `EmbeddedServerError` if it does not come up then.

    Raises `StoppedError` if a stop is asked for before it does. `started` is told the address each time it does.
    """

    def __init__(
        self,
        settings: Settings,
        log: MergedLog,
        stop: Stop,
        *,
        started: Callable[[str], None] = lambda _url: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._log = log
        self._stop = stop
        self._started = started
        self._clock = clock
        self._restarts = Restarts()
        self._start_at: float | None = None
        self._server = self._start()

    @property
    def url(self) -> str:
        """Where the other processes find it, with its password."""
        return self._server.url

    def look(self) -> str | None:
        """Start the server again if it has ended; returns why that is of no use any more.

        Waits while the server replays its file: nothing else has anything to do meanwhile.
        """
        if self._start_at is None:
            code = self._server.exit_code
            return None if code is None else self._ended(how_it_ended(code), code)
        if self._clock() < self._start_at:
            return None
        try:
            self._server = self._start()
        except StoppedError:
            return None
        except EmbeddedServerError as error:
            return self._ended(f"could not be started: {error}", None)
        return None

    def stop(self) -> None:
        """Shut the server down, and wait for its end."""
        self._server.stop()

    def _start(self) -> EmbeddedServer:
        self._ready_at: float | None = None
        self._start_at = None
        try:
            server = start_embedded(self._settings, canceled=self._stop.asked)
        except EmbeddedServerError:
            self._stop.check()
            raise
        self._ready_at = self._clock()
        self._log.say("server.started", f"server is ready (process {server.pid})", name="server", pid=server.pid)
        try:
            self._started(server.url)
        except BaseException:  # nobody would stop it
            server.stop()
            raise
        return server

    def _ended(self, how: str, exit_code: int | None) -> str | None:
        self._server.stop()
        worked = None if self._ready_at is None else self._clock() - self._ready_at
        decision = self._restarts.ended(worked, exit_code)
        if isinstance(decision, Broken):
            place = self._settings.data_dir / "server.log"
            return f"the embedded server ended {decision.early_ends} times in a row: it {how} (its log: {place})"
        self._restarts = decision.restarts
        self._start_at = self._clock() + decision.wait_seconds
        self._log.say("server.ended", f"server {how}; {when(decision)}", level="warning", name="server")
        return None
