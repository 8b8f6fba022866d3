"""Ends processes in their order: those of a turn all at once, those of the next when all of them are gone."""

import time
from collections.abc import Sequence

from config.contradictions import STOP_GRACE_SECONDS
from worker.entrypoints.up.merged_log import MergedLog
from worker.entrypoints.up.running_child import RunningChild
from worker.entrypoints.up.stop import Stop

# More than a worker needs to end by itself, where its settings are sound.
GRACE_SECONDS = STOP_GRACE_SECONDS + 5.0
_SILENT_SECONDS = 2.0


def end_all(
    children: Sequence[RunningChild], log: MergedLog, stop: Stop, *, grace_seconds: float = GRACE_SECONDS
) -> list[str]:
    """End the processes, and return the names of those that had to be killed; a second request kills at once."""
    killed: list[str] = []
    for turn in sorted({child.plan.turn for child in children}):
        killed += _end([child for child in children if child.plan.turn == turn], log, stop, grace_seconds)
    if killed:
        names = ", ".join(killed)
        log.say("processes.killed", f"killed before it had ended in order: {names}", level="warning", names=killed)
    return killed


def _end(children: Sequence[RunningChild], log: MergedLog, stop: Stop, grace_seconds: float) -> list[str]:
    for child in children:
        child.ask_to_end()
    began = time.monotonic()
    said = False
    while running := [child for child in children if child.exit_code() is None]:
        waited = time.monotonic() - began
        if stop.hurried or waited > grace_seconds:
            break
        if waited > _SILENT_SECONDS and not said:
            said = True
            names = ", ".join(child.plan.name for child in running)
            mend = "Ctrl-C once more kills at once"
            message = f"waiting for {names} to end what it does, {grace_seconds:g} s at most; {mend}"
            log.say("processes.waited_for", message, names=[child.plan.name for child in running])
        stop.pause()
    for child in running:
        child.kill()
    for child in children:
        child.bury()
    return [child.plan.name for child in running]
