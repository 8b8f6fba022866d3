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
        self._free = places
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

    def leave(self) -> Name | None:
        """Give the place back; returns who has waited longest and should come again."""
        with self._lock:
            self._free += 1
            name = next(iter(self._line), None)
            if name is not None:
                del self._line[name]
            return name
