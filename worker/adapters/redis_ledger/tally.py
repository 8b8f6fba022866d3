"""Counts in memory what happens in this process, and writes it down now and then (`ports.Tally`)."""

from collections import defaultdict
from threading import Event, Lock, Thread
from uuid import uuid4

import structlog
from redis.exceptions import RedisError

from worker.ports import Meters
from worker.telemetry import Log

log = structlog.get_logger()

_SECONDS_BETWEEN_WRITES = 2.0

_Counts = dict[str, dict[str, int]]


class GatheringTally:
    """Counts for all threads of a process. `start` lets a thread write them down, `close` does it once more.

    What Redis did not confirm is written again under the same id, so that it is counted once; meanwhile the next counts
    gather. A process that is killed loses what it has not written.
    """

    def __init__(self, meters: Meters, seconds: float = _SECONDS_BETWEEN_WRITES) -> None:
        self._meters = meters
        self._seconds = seconds
        self._gathered: defaultdict[str, defaultdict[str, int]] = _nothing()
        self._unconfirmed: tuple[str, _Counts] | None = None
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
                self._write_unconfirmed()
                with self._lock:
                    gathered, self._gathered = self._gathered, _nothing()
                if gathered:
                    self._unconfirmed = uuid4().hex[:12], {store: dict(counts) for store, counts in gathered.items()}
                    self._write_unconfirmed()
            except RedisError as error:
                if not self._refused:  # once a trouble
                    log.warning(Log.COUNTS_NOT_SAVED, reason=str(error))
                self._refused = True
            else:
                self._refused = False

    def _write_unconfirmed(self) -> None:
        if self._unconfirmed is not None:
            self._meters.count(*self._unconfirmed)
            self._unconfirmed = None

    def _run(self) -> None:
        while not self._closed.wait(self._seconds):
            self.flush()


def _nothing() -> defaultdict[str, defaultdict[str, int]]:
    return defaultdict(lambda: defaultdict(int))
