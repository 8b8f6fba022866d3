"""Whether and when a process that ended is started again. Pure: how long it worked comes in as an argument."""

import signal
from dataclasses import dataclass

EARLY_SECONDS = 10.0
"""A process that ends by itself sooner after it was ready is broken; one that worked for longer had an accident."""

MOST_EARLY_ENDS = 5
"""So many early ends in a row, and another start would end the same way."""

_FIRST_WAIT_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Broken:
    """It is not started again: it ended early so many times in a row."""

    early_ends: int


@dataclass(frozen=True, slots=True)
class Restarts:
    """How often in a row a process ended early."""

    early_ends: int = 0

    def ended(self, worked_seconds: float | None, exit_code: int | None) -> "Again | Broken":
        """Return what follows on its end: at once the first time, then later and later, in the end never.

        `worked_seconds`: since it was ready, None if it never was. SIGKILL comes from outside (a person, or the kernel
        where memory is short): an accident, however soon. `exit_code` is None where there was no process at all.
        """
        killed = exit_code == -signal.SIGKILL
        if worked_seconds is not None and (killed or worked_seconds >= EARLY_SECONDS):
            return Again(0.0, Restarts())
        ends = self.early_ends + 1
        if ends >= MOST_EARLY_ENDS:
            return Broken(ends)
        wait = _FIRST_WAIT_SECONDS * 2 ** (ends - 2) if ends > 1 else 0.0
        return Again(wait, Restarts(ends))


@dataclass(frozen=True, slots=True)
class Again:
    """It is started again after a wait, in seconds; `restarts` is what to remember of it."""

    wait_seconds: float
    restarts: Restarts


def how_it_ended(exit_code: int) -> str:
    """Return what is to be said of a process's end, after its name; a negative code is a signal."""
    return f"was killed by {signal.Signals(-exit_code).name}" if exit_code < 0 else f"ended with exit code {exit_code}"


def when(again: Again) -> str:
    """Return what is to be said of its start."""
    return f"started again in {again.wait_seconds:g} s" if again.wait_seconds else "started again"
