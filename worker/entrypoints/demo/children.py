"""The processes that the demo starts, as `coleta up` does: one log of all, and they end when the demo is gone."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from worker.entrypoints.up.log_lines import as_json
from worker.entrypoints.up.merged_log import MergedLog
from worker.entrypoints.up.plan import Plan
from worker.entrypoints.up.running_child import RunningChild
from worker.entrypoints.up.stop import Stop
from worker.entrypoints.up.stopping import end_all

LOG = "demo.log"
_START_SECONDS = 60.0
_END_SECONDS = 30.0


class DemoError(Exception):
    """The demo cannot go on; the message says why."""


class Children:
    """The processes that run, in the order of their starts."""

    def __init__(self, folder: Path, environ: Mapping[str, str], log: MergedLog) -> None:
        self.running: list[RunningChild] = []
        self._folder = folder
        self._environ = environ
        self._log = log
        self._stop = Stop()

    def start(self, plan: Plan) -> RunningChild:
        """Start a process in the demo's directory."""
        child = RunningChild(plan, self._environ, self._log, wake=self._stop.wake, folder=self._folder)
        self.running.append(child)
        return child

    def await_ready(self, child: RunningChild, seconds: float = _START_SECONDS) -> None:
        """Return once it does its work; raises `DemoError`."""
        settled = self._stop.wait_for(lambda: child.ready_at is not None or child.exit_code() is not None, seconds)
        if not settled:
            said = child.last_lines()
            raise DemoError(f"{child.plan.name} was not ready after {seconds:g} s; it said last:\n{said}")
        if child.ready_at is None:
            self.check()

    def check(self) -> None:
        """Raise `DemoError` with the last words of a process that has ended."""
        for child in self.running:
            code = child.exit_code()
            if code is not None:
                child.bury()
                raise DemoError(f"{child.plan.name} ended (exit {code}); it said last:\n{child.last_lines()}")

    def end(self, seconds: float = _END_SECONDS) -> None:
        """End them in their turns; raises `DemoError` where one had to be killed."""
        killed = end_all(self.running, self._log, self._stop, grace_seconds=seconds)
        if killed:
            names = " and ".join(killed)
            raise DemoError(f"{names} did not end within {seconds:g} s of SIGTERM, and was killed")


@contextmanager
def started_children(folder: Path, environ: Mapping[str, str]) -> Iterator[Children]:
    """Give what starts processes; those that it started end with the block."""
    descriptor = os.open(folder / LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    log = MergedLog(descriptor, as_json, on_closed=lambda: None)
    children = Children(folder, environ, log)
    try:
        yield children
    finally:
        try:
            children.end()
        finally:
            log.close()
            os.close(descriptor)
