"""A process that runs: what it says is read by a thread of its own, so that it never waits for anybody."""

import re
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import IO

from worker.entrypoints.up.merged_log import MergedLog
from worker.entrypoints.up.plan import Plan

_PYTHON = (
    sys.executable,
    "-P",  # a folder named `worker` where somebody calls this is not ours
    # Celery warns root, in five lines a worker, of pickled messages: this service takes none.
    "-Wignore:You're running the worker with superuser privileges",
)
_LAST_LINES = 15
_MOST_BYTES_A_LINE = 64 * 1024
_LAST_WORDS_SECONDS = 2.0  # what inherited the pipe of a process that ended could hold it open


class RunningChild:
    """Started when it is made, in `folder` or where its starter is; it inherits the lock."""

    def __init__(
        self,
        plan: Plan,
        environ: Mapping[str, str],
        log: MergedLog,
        *,
        wake: Callable[[], None],
        lock: int | None = None,
        folder: Path | None = None,
    ) -> None:
        self.plan = plan
        self.ready_at: float | None = None
        """When it did its work, in seconds of the monotonic clock; None if it did not yet."""
        self._log = log
        self._wake = wake
        self._last: deque[str] = deque(maxlen=_LAST_LINES)
        self._process = subprocess.Popen(  # noqa: S603 - this project's own programs
            [*_PYTHON, "-m", "worker.entrypoints.up.child", plan.module, *plan.arguments],
            cwd=folder,
            env=environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=() if lock is None else (lock,),
            start_new_session=True,  # Ctrl-C must reach their starter alone, which stops them in order
        )
        self.pid = self._process.pid
        self._reader = threading.Thread(target=self._read, args=[self._process.stdout], name=plan.name, daemon=True)
        self._reader.start()

    def exit_code(self) -> int | None:
        """Return its exit code, negative the signal that killed it; None while it runs."""
        return self._process.poll()

    def last_lines(self) -> str:
        """Return what it said last."""
        return "\n".join(self._last) or "(nothing)"

    def ask_to_end(self) -> None:
        """Send SIGTERM."""
        self._process.terminate()

    def kill(self) -> None:
        """Send SIGKILL."""
        self._process.kill()

    def bury(self) -> None:
        """Read the last it said, and let go of its pipes; it has ended."""
        self._process.wait()
        self._reader.join(_LAST_WORDS_SECONDS)
        if self._process.stdin is not None:
            self._process.stdin.close()

    def _read(self, pipe: IO[bytes]) -> None:
        with pipe:
            for raw in iter(partial(pipe.readline, _MOST_BYTES_A_LINE), b""):
                line = raw.decode(errors="replace").rstrip("\r\n")
                try:
                    self._take(line)
                except Exception as error:  # noqa: BLE001 - without this thread its process would stand still
                    message = f"a line of {self.plan.name} was left out: it cannot be read ({type(error).__name__})"
                    self._log.say("line.left_out", message, level="warning", name=self.plan.name)
        self._wake()

    def _take(self, line: str) -> None:
        if not line:
            return
        record = self._log.line(self.plan.name, line)
        event = str(record["event"])
        self._last.extend(filter(None, [event, str(record.get("exception", ""))]))
        if self.ready_at is None and re.search(self.plan.ready, event):
            self.ready_at = time.monotonic()
            self._wake()
