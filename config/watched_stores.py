"""The stores file, read again when it changes: a store comes, goes or gets another key without a restart."""

import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from config.settings import SettingsError
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
        self._stores, self._seen = self._load(frozenset())

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

    @property
    def problem(self) -> str:
        """Why the file as `current` saw it last was refused; empty where it was not."""
        return self._problem

    def _load(self, secrets: frozenset[Path]) -> tuple[Stores, Looks]:
        """Read the file, and again if it names other secrets' files than were thought.

        Each file was looked at before it was read: what changed meanwhile is seen with the next look.
        """
        while True:
            seen = _look(self._watched(secrets))
            try:
                environ = self._environ()
            except SettingsError as error:  # `.env`
                raise StoresError(list(error.problems)) from None
            stores = load_stores(self._path, environ)
            if stores.files == secrets:
                return stores, seen
            secrets = stores.files

    def _read(self) -> None:
        try:
            stores, seen = self._load(self._stores.files)
        except StoresError as error:
            if str(error) != self._problem:
                self._problem = str(error)
                self._refused(error)
            return
        self._problem, self._seen = "", seen
        before, self._stores = self._stores, stores
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
