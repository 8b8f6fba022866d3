"""Counts in memory what happens in this process, and writes it down now and then (`ports.Tally`)."""

from collections import defaultdict
from collections.abc import Mapping
from threading import Event, Lock, Thread
from uuid import uuid4

import structlog
from redis.exceptions import RedisError

from worker.adapters.redis_ledger.keys import NO_STORE
from worker.ports import Counts, Meters
from worker.telemetry import Log

log = structlog.get_logger()

_SECONDS_BETWEEN_WRITES = 2.0


class GatheringTally:
    """Counts for all threads of a process. `start` lets a thread write them down, `close` does it once more.

    What Redis did not confirm is written again under the same id, so that it is counted once; meanwhile the next counts
    of its store gather. A process that is killed loses what it has not written.
    """

    def __init__(self, meters: Meters, seconds: float = _SECONDS_BETWEEN_WRITES) -> None:
        self._meters = meters
        self._seconds = seconds
        self._gathered: defaultdict[str, defaultdict[str, int]] = _nothing()
        self._unconfirmed: dict[str, Counts] = {}
        self._lock = Lock()
        self._writing = Lock()
        self._closed = Event()
        self._refused = False

    def add(self, store: str, field: str, times: int = 1) -> None:
        """See `ports.Tally.add`."""
        with self._lock:
            self._gathered[store][field] += times

    def start(self) -> None:
        """Write down now and then, from a thread that never keeps the process alive."""
        Thread(target=self._run, name="tally", daemon=True).start()

    def close(self, seconds: float) -> None:
        """Write down what is left, for so long at most, and nothing more."""
        self._closed.set()
        last = Thread(target=self.flush, name="last-tally", daemon=True)
        last.start()
        last.join(seconds)

    def flush(self) -> None:
        """Write down what was gathered; what Redis does not take waits for the next time."""
        with self._writing:
            try:
                self._write(self._unconfirmed)
                with self._lock:
                    free = self._gathered.keys() - self._unconfirmed.keys()
                    gathered = {store: self._gathered.pop(store) for store in free}
                fresh = {store: Counts(uuid4().hex[:12], fields) for store, fields in gathered.items()}
                self._unconfirmed |= fresh
                self._write(fresh)
            except RedisError as error:
                self._tell(str(error))
            else:
                away = ", ".join(sorted(store or NO_STORE for store in self._unconfirmed))
                self._tell(f"away is the node of the cluster that has {away}" if away else "")

    def _write(self, counts: Mapping[str, Counts]) -> None:
        for store in self._meters.count(counts) if counts else ():
            del self._unconfirmed[store]

    def _tell(self, reason: str) -> None:
        """Say that something is not written, once a trouble."""
        if reason and not self._refused:
            log.warning(Log.COUNTS_NOT_SAVED, reason=reason)
        self._refused = bool(reason)

    def _run(self) -> None:
        while not self._closed.wait(self._seconds):
            self.flush()


def _nothing() -> defaultdict[str, defaultdict[str, int]]:
    return defaultdict(lambda: defaultdict(int))
