"""The processes that the demo starts: each with a log of its own, and ended by its handle."""

import re
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

_POLL_SECONDS = 0.05
_LINES_SHOWN = 15


class DemoError(Exception):
    """The demo cannot go on; the message says why."""


class Child:
    """A process; what it says goes to `log`."""

    def __init__(self, name: str, command: Sequence[str], folder: Path, environ: Mapping[str, str]) -> None:
        self.name = name
        self.log = folder / f"{name}.log"
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 - this project's own programs
                command,
                cwd=folder,
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C must reach the demo alone, which ends them in order
            )

    def check(self) -> None:
        """Raise `DemoError` with the last lines of its log if it has ended."""
        if self._process.poll() is not None:
            raise DemoError(f"{self.name} ended (exit {self._process.returncode}); it said last:\n{self._last_lines()}")

    def await_line(self, pattern: str, seconds: float) -> str:
        """Return the first group of `pattern` (or all it matches) once its log has it; raises `DemoError`."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = re.search(pattern, self._said())
            if found:
                return found[found.lastindex or 0]
            self.check()
            time.sleep(_POLL_SECONDS)
        raise DemoError(f"{self.name} was not ready after {seconds:g} s; it said last:\n{self._last_lines()}")

    def ask_to_end(self) -> None:
        """Send SIGTERM."""
        self._process.terminate()

    def end(self, seconds: float) -> bool:
        """Wait for its end; False if it had to be killed."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            return False
        return True

    def _said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def _last_lines(self) -> str:
        return "\n".join(self._said().splitlines()[-_LINES_SHOWN:]) or "(nothing)"
