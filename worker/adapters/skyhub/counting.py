"""Counts a store's calls to SkyHub and its waits for their pace, around the parts that call and wait."""

import time
from collections.abc import Callable

from worker.adapters.http import Answer, Call, Caller, CallFailed, CallHeld
from worker.adapters.limits import RateLimit
from worker.metrics import CALLS, PACE, field_of
from worker.ports import Tally

# What is shorter is the answer of Redis.
_LEAST_WAIT_MS = 10


class CountedCaller:
    """A `Caller` that counts how each call ended; 4xx by status, since each of them means something else here."""

    def __init__(self, caller: Caller, tally: Tally, store: str) -> None:
        self._caller = caller
        self._tally = tally
        self._store = store

    def start(self) -> None:
        """See `HttpClient.start`."""
        self._caller.start()

    def call(self, request: Call, *, timeout: float, may_send: Callable[[], bool] | None = None) -> Answer:
        """See `HttpClient.call`."""
        try:
            answer = self._caller.call(request, timeout=timeout, may_send=may_send)
        except CallFailed as failure:
            self._count(request, _failed(failure))
            raise
        self._count(request, _answered(answer.status))
        return answer

    def _count(self, request: Call, outcome: str) -> None:
        self._tally.add(self._store, field_of(CALLS, request.name, outcome))


class CountedLimit:
    """A `RateLimit` that counts who had to wait, and how long."""

    def __init__(self, limit: RateLimit, tally: Tally, store: str) -> None:
        self._limit = limit
        self._tally = tally
        self._store = store

    def wait(self, key: str, *, interval: float, deadline: float) -> bool:
        """See `RateLimit.wait`."""
        began = time.monotonic()
        granted = self._limit.wait(key, interval=interval, deadline=deadline)
        waited = round((time.monotonic() - began) * 1000)
        if waited >= _LEAST_WAIT_MS:
            self._tally.add(self._store, PACE.field)
            self._tally.add(self._store, PACE.sum_field, waited)
        return granted


def _answered(status: int) -> str:
    return str(status) if 400 <= status < 500 else f"{status // 100}xx"  # noqa: PLR2004 - the definition


def _failed(failure: CallFailed) -> str:
    if isinstance(failure, CallHeld):
        return "held"
    if not failure.sent:
        return "not_connected"
    return "timeout" if failure.reason.startswith(("timed out", "given up")) else "broken"
