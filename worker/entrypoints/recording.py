"""Events that several threads of a worker have to record at the same moment share their round trips to Redis."""

import threading
from collections import defaultdict
from dataclasses import dataclass, field

from redis.exceptions import RedisError

from worker.domain.policy import Policy
from worker.ports import Ledger
from worker.usecases.record_invoices import Recorded, Told, record_together


@dataclass(slots=True)
class _Waiting:
    """An event on its way; `done` or `error` is set when it was tried."""

    told: Told
    done: Recorded | None = None
    error: Exception | None = None


@dataclass(slots=True)
class _Store:
    """What waits to be recorded in a store, and the turn to do it."""

    waiting: list[_Waiting] = field(default_factory=list)
    turn: threading.Lock = field(default_factory=threading.Lock)


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
            if mine.done is None and mine.error is None:
                with self._lock:
                    batch, store.waiting = store.waiting, []
                _record(ledger, policy, batch)
        if mine.error is not None:
            raise mine.error
        return mine.done if mine.done is not None else Recorded()


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
        for each, its in zip(batch, [done, *[Recorded()] * (len(batch) - 1)], strict=True):
            each.done = its
