"""Lets drains of a kind use at most so many of a process's threads, and tells who has waited for a place."""

import threading
from collections.abc import Hashable
from typing import Generic, TypeVar

Name = TypeVar("Name", bound=Hashable)


class Turnstile(Generic[Name]):
    """Admits so many at once; who finds no place is remembered, and named when a place is free again.

    The line lives in memory only: what stands in it are hints, and the sweep hints again.
    """

    def __init__(self, places: int) -> None:
        self._lock = threading.Lock()
        self._free = self._places = places
        self._line: dict[Name, None] = {}

    def enter(self, name: Name) -> bool:
        """Take a place; False if there is none and `name` stands in line now (once, however often it comes)."""
        with self._lock:
            if self._free == 0:
                self._line[name] = None
                return False
            self._free -= 1
            return True

    @property
    def waited_for(self) -> bool:
        """Whether anybody stands in line."""
        return bool(self._line)

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
