"""Ctrl-C and SIGTERM while many things are done: what is begun is finished, and what was done can be said."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from worker.entrypoints.signals import ENDING, heeding

Thing = TypeVar("Thing")


class Interruption:
    """Whether this process was told to stop. Before the first thing is begun, and the second time, it ends at once."""

    def __init__(self) -> None:
        self.signal: int | None = None
        self._begun = False

    def until(self, things: Iterable[Thing]) -> Iterator[Thing]:
        """Yield the things until the process is told to stop."""
        for thing in things:
            if self.signal is not None:
                return
            self._begun = True
            yield thing

    def leave_if_told(self) -> None:
        """End the process the way a signal ends it, if one came."""
        if self.signal is not None:
            raise SystemExit(128 + self.signal)

    def hear(self, number: int, _frame: object) -> None:
        """Take a signal."""
        if not self._begun or self.signal is not None:
            raise SystemExit(128 + number)
        self.signal = number


@contextmanager
def interruptible() -> Iterator[Interruption]:
    """Take the signals that end a process as long as the block lasts."""
    interruption = Interruption()
    with heeding(ENDING, interruption.hear):
        yield interruption
