"""The stores file, read again when it changes: a store comes, goes or gets another key without a restart."""

import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from config.stores import Stores, StoresError, load_stores

# A look costs a few system calls; between two looks the last answer holds.
_SECONDS_BETWEEN_LOOKS = 1.0
# A file that was refused may be mended elsewhere, for instance by a secret's file that appears.
_SECONDS_BETWEEN_TRIES = 10.0

Looks = tuple[tuple[int, ...] | None, ...]


class WatchedStores:
    """The stores as their file says now, with `.env` and the secrets' files, whose changes count as well.

    A changed file that cannot be used is told once to `refused`; the stores that were good before stay. `changed` is
    told the stores before and after. For one thread at a time.
    """

    def __init__(
        self,
        path: Path,
        environ: Callable[[], Mapping[str, str]],
        *,
        changed: Callable[[Stores, Stores], None],
        refused: Callable[[StoresError], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Read the file; raises `StoresError` if it cannot be used."""
        self._path = path
        self._dotenv = Path(".env").absolute()
        self._environ = environ
        self._changed = changed
        self._refused = refused
        self._clock = clock
        self._next_look = self._next_try = 0.0
        self._problem = ""
        # Looked at before it is read: what changes meanwhile is read again.
        seen = _look(self._watched(frozenset()))
        self._stores = load_stores(path, environ())
        self._seen = seen + _look(sorted(self._stores.files))

    def current(self) -> Stores:
        """Return the stores; never raises."""
        now = self._clock()
        if now < self._next_look:
            return self._stores
        self._next_look = now + _SECONDS_BETWEEN_LOOKS
        seen = _look(self._watched(self._stores.files))
        if seen != self._seen or (self._problem and now >= self._next_try):
            self._seen = seen
            self._next_try = now + _SECONDS_BETWEEN_TRIES
            self._read()
        return self._stores

    def _read(self) -> None:
        try:
            stores = load_stores(self._path, self._environ())
        except StoresError as error:
            if str(error) != self._problem:
                self._problem = str(error)
                self._refused(error)
            return
        self._problem = ""
        before, self._stores = self._stores, stores
        if stores.files != before.files:
            self._seen = _look(self._watched(stores.files))
        if stores != before:
            self._changed(before, stores)

    def _watched(self, secrets: frozenset[Path]) -> list[Path]:
        return [self._path, self._dotenv, *sorted(secrets)]


def _look(paths: Iterable[Path]) -> Looks:
    return tuple(map(_stamp, paths))


def _stamp(path: Path) -> tuple[int, ...] | None:
    try:
        known = path.stat()
    except OSError:
        return None
    return (known.st_mtime_ns, known.st_size, known.st_ino)
