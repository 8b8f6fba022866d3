"""One log of many processes, on standard output."""

import errno
import os
import queue
import select
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from worker.entrypoints.up.log_lines import UP, Form, Record, read_line
from worker.entrypoints.words import counted

# A reader that pauses (less, Ctrl-S) must not hold up the processes: so many lines wait for it, what follows is left
# out and counted.
_MOST_WAITING = 10_000
_FLUSH_SECONDS = 5.0
# The pipe's reader or the terminal has gone for good.
_GONE = frozenset({errno.EPIPE, errno.EIO, errno.ENXIO, errno.EBADF})


class MergedLog:
    """Writes lines to a descriptor from a thread of its own; `on_closed` is called if nobody reads it any more."""

    def __init__(
        self, descriptor: int, form: Form, on_closed: Callable[[], None], *, most_waiting: int = _MOST_WAITING
    ) -> None:
        self._descriptor = descriptor
        self._form = form
        self._on_closed = on_closed
        self._lines: queue.Queue[Record | None] = queue.Queue(most_waiting)
        self._gone = False
        self._left_out = 0
        self._counting = threading.Lock()
        self._thread = threading.Thread(target=self._write_all, name="merged-log", daemon=True)
        self._thread.start()

    def line(self, process: str, line: str) -> Record:
        """Write a line that a process said; returns how it was understood. Never waits."""
        record = read_line(process, line, _now())
        self._put(record)
        return record

    def say(self, event: str, message: str, *, level: str = "info", **fields: object) -> None:
        """Write a line of the supervisor's own: a person reads `message`, a program the event and its fields."""
        self._put(_own(event, message, level, fields))

    def close(self) -> None:
        """Write what waits, if it is read within seconds."""
        try:
            self._lines.put(None, timeout=_FLUSH_SECONDS)
        except queue.Full:
            return
        self._thread.join(_FLUSH_SECONDS)

    def _put(self, record: Record) -> None:
        try:
            self._lines.put_nowait(record)
        except queue.Full:
            self._leave_out(1)

    def _leave_out(self, count: int) -> None:
        with self._counting:
            self._left_out += count

    def _write_all(self) -> None:
        while (record := self._lines.get()) is not None:
            if not self._written(record):
                self._leave_out(1)
            if self._lines.empty():
                self._say_left_out()
        self._say_left_out()

    def _say_left_out(self) -> None:
        count = self._left_out
        lines = f"{counted(count, 'line')} {'was' if count == 1 else 'were'}"
        message = f"{lines} left out: this log was not read in time, or could not be written"
        if count and self._written(_own("lines.left_out", message, "warning", {"count": count})):
            self._leave_out(-count)

    def _written(self, record: Record) -> bool:
        """Write a record, unless it helps nobody; False if it could not be."""
        text = self._formed(record)
        rest = b"" if text is None else f"{text}\n".encode(errors="replace")
        try:
            while rest and not self._gone:
                # Not sys.stdout, whose lock would be held for as long as nobody reads.
                rest = rest[self._write(rest) :]
        except OSError as error:
            # Any other is no reason to stop the service: a disk that is full may have room again.
            if error.errno in _GONE:
                self._gone = True
                self._on_closed()
            return False
        return not rest

    def _formed(self, record: Record) -> str | None:
        try:
            return self._form(record)
        except Exception as error:  # noqa: BLE001 - a line that cannot be shown must not end the log of all
            message = f"a line of {record['process']} was left out: it cannot be shown ({type(error).__name__})"
            return self._form(_own("line.left_out", message, "warning", {"name": record["process"]}))

    def _write(self, data: bytes) -> int:
        """Write what the descriptor takes now, and return how much that was; wait where it takes nothing."""
        try:
            return os.write(self._descriptor, data)
        except BlockingIOError:  # whoever shares it made it non-blocking
            writable = select.poll()
            writable.register(self._descriptor, select.POLLOUT)
            writable.poll()
            return 0


def _own(event: str, message: str, level: str, fields: Mapping[str, object]) -> Record:
    return {"process": UP, "level": level, "event": event, "timestamp": _now(), "message": message, **fields}


def _now() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")
