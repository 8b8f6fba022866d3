"""Events that several threads of a worker have to record at the same moment share their round trips to Redis."""

import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field

import structlog
from redis.exceptions import RedisError

from worker.domain.policy import Policy
from worker.ports import Ledger
from worker.telemetry import Log
from worker.usecases.record_invoices import Recorded, Told, record_together

log = structlog.get_logger()

# Where events come closer than this, one waits a moment for those that are just behind it: one by one they would take
# three round trips each, and a third of the processor.
_BUSY_SECONDS = 0.05
_MOMENT_SECONDS = 0.01


@dataclass(slots=True)
class _Waiting:
    """An event on its way; what became of it, once it was tried, is `done` or `error`."""

    told: Told
    tried: bool = False
    done: Recorded | None = None
    error: Exception | None = None


@dataclass(slots=True)
class _Store:
    """What waits to be recorded in a store, and the turn to do it."""

    waiting: list[_Waiting] = field(default_factory=list)
    turn: threading.Lock = field(default_factory=threading.Lock)
    recorded_at: float = -_BUSY_SECONDS


class SharedRecording:
    """Records for many threads: who gets a store's turn records all that waits by then, the others find it done."""

    def __init__(self) -> None:
        self._stores: defaultdict[str, _Store] = defaultdict(_Store)
        self._lock = threading.Lock()

    def record(self, ledger: Ledger, policy: Policy, told: Told) -> Recorded:
        """Return when the event is recorded; what became of several is told to one of their threads.

        Raises what recording it raised: redis-py's errors, for all that went together, or those of this event.
        """
        mine = _Waiting(told)
        with self._lock:
            store = self._stores[ledger.store]
            store.waiting.append(mine)
        with store.turn:
            if not mine.tried:
                if time.monotonic() - store.recorded_at < _BUSY_SECONDS:
                    time.sleep(_MOMENT_SECONDS)
                with self._lock:
                    batch, store.waiting = store.waiting, []
                for each in batch:
                    each.tried = True
                _record(ledger, policy, batch)
                store.recorded_at = time.monotonic()
        if mine.done is None:
            raise mine.error if mine.error is not None else RuntimeError("the thread that recorded it ended")
        return mine.done


def _record(ledger: Ledger, policy: Policy, batch: list[_Waiting]) -> None:
    """Record a batch, each alone where one of them breaks it."""
    try:
        done = record_together(ledger, policy, [each.told for each in batch])
    except Exception as error:  # noqa: BLE001 - it is raised in the thread whose event it is
        if isinstance(error, RedisError) or len(batch) == 1:
            for each in batch:
                each.error = error
        else:
            for each in batch:
                _record(ledger, policy, [each])
    else:
        log.info(Log.EVENTS_RECORDED, store=ledger.store, events=done.events, due=done.due, **done.told)
        for each, its in zip(batch, [done, *[Recorded()] * (len(batch) - 1)], strict=True):
            each.done = its
