"""Lets drains of a kind use at most so many of a process's threads, and tells who has waited for a place."""

import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from worker.entrypoints.tracing.context import Trace
from worker.ports import Drain

Name = TypeVar("Name", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Asking:
    """A store's drain that asks for a place, the same one whoever told of it; `trace` is where it was told of first."""

    store: str
    drain: Drain
    trace: Trace | None = field(default=None, compare=False)


# Above what a sweep's hints are good for, and below what a store should wait while another process is idle.
_LONG_SECONDS = 30.0


class Turnstile(Generic[Name]):
    """Admits so many at once; who finds no place is remembered, and named when a place is free again.

    The line lives in memory only: what stands in it are hints, and the sweep hints again.
    """

    def __init__(self, places: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._lock = threading.Lock()
        self._free = self._places = places
        self._line: dict[Name, float] = {}  # since when each stands there
        self._clock = clock

    def enter(self, name: Name) -> bool:
        """Take a place; False if there is none and `name` stands in line now (once, however often it comes)."""
        with self._lock:
            if self._free == 0:
                self._line.setdefault(name, self._clock())
                return False
            self._free -= 1
            return True

    @property
    def waited_for(self) -> bool:
        """Whether anybody stands in line."""
        return bool(self._line)

    def expects(self, name: Name) -> bool:
        """Whether `name` stands in line, and not for long yet: its turn comes without another hint.

        Who has stood there for longer had better be hinted at again: another process may have a free place.
        """
        since = self._line.get(name)
        return since is not None and self._clock() - since < _LONG_SECONDS

    def follow(self) -> Name | None:
        """Hand the place on to the one that waited longest, which this caller is to run; None if nobody waits."""
        with self._lock:
            name = next(iter(self._line), None)
            if name is not None:
                del self._line[name]
            return name

    def leave(self) -> list[Name]:
        """Give the place back; returns who should come again: the one that waited longest.

        All of them where nobody else has a place: who comes again may do so in another process, and nobody would be
        left here to name the next.
        """
        with self._lock:
            self._free += 1
            names = list(self._line) if self._free == self._places else list(self._line)[:1]
            for name in names:
                del self._line[name]
            return names
