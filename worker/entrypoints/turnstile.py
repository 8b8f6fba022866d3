"""Lets slow drains use at most a share of a process's threads, so that slow calls never stop recording."""

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

    def leave(self) -> Name | None:
        """Give the place back; returns who has waited longest and should come again."""
        with self._lock:
            self._free += 1
            name = next(iter(self._line), None)
            if name is not None:
                del self._line[name]
            return name
