"""Sends hints from a thread of its own: a broker that is slow or away delays no door, and a store is hinted at once."""

from collections.abc import Callable, Mapping
from threading import Condition, Thread

import structlog

from worker.entrypoints.tracing.context import Trace, carrying
from worker.telemetry import Log

log = structlog.get_logger()


class Hinter:
    """Calls `send` with each store it was told, once however often it was told meanwhile. Losing a hint loses nothing.

    Its thread starts with the first hint and never keeps the process alive.
    """

    def __init__(self, send: Callable[[str], None]) -> None:
        self._send = send
        self._stores: dict[str, Trace | None] = {}
        self._sending = self._closed = False
        self._changed = Condition()
        self._thread: Thread | None = None

    def hint(self, stores: Mapping[str, Trace | None]) -> None:
        """Let hints be sent, each in the trace of what it is about; returns at once."""
        with self._changed:
            self._stores.update(stores)
            if self._stores and self._thread is None:
                self._thread = Thread(target=self._run, name="hints", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def close(self, seconds: float) -> None:
        """Send what waits, for so long at most."""
        with self._changed:
            self._changed.wait_for(lambda: not self._stores and not self._sending, seconds)
            self._stores.clear()
            self._closed = True
            self._changed.notify_all()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._sending = False
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._stores or self._closed)
                if self._closed:
                    return
                store = next(iter(self._stores))
                trace = self._stores.pop(store)
                self._sending = True
            try:
                with carrying(store, trace):
                    self._send(store)
            except Exception as error:  # noqa: BLE001 - the thread must live; the sweep hints again
                log.warning(Log.HINTS_FAILED, store=store, reason=str(error))
