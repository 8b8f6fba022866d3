"""Log lines of what the doors took: each at once while they are few, ten a second and store where there are many."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextvars import Context
from dataclasses import dataclass, field

import structlog

from worker.entrypoints.tracing.context import Trace
from worker.entrypoints.web.inbox_writer import Delivery
from worker.telemetry import Log, Names

log = structlog.get_logger()

# A line takes a twentieth of the time that a request does.
_SECONDS_BETWEEN_LINES = 0.1
_MOST_TRACES = 20


@dataclass(slots=True)
class _Taken:
    """What a line will say of a store."""

    events: int = 0
    orders: Names = field(default_factory=Names)
    traces: dict[str, None] = field(default_factory=dict)
    next_line: float = 0.0
    timer: asyncio.TimerHandle | None = None


class TakenLog:
    """Says which orders events were taken for, and in which traces; for one event loop."""

    def __init__(self) -> None:
        self._stores: defaultdict[str, _Taken] = defaultdict(_Taken)
        self._nobody = Context()  # a line tells of many requests, and is bound to none

    def note(self, saved: Sequence[Delivery]) -> None:
        """Write a line a store, now or a little later."""
        for each in saved:
            taken = self._stores[each.store]
            taken.events += len(each.events)
            for event in each.events:
                taken.orders.add(event.order_id)
            if each.trace is not None and len(taken.traces) < _MOST_TRACES:
                taken.traces[each.trace.trace_id] = None
        loop = asyncio.get_running_loop()
        for store in {each.store: None for each in saved}:
            taken = self._stores[store]
            if loop.time() >= taken.next_line:
                self._nobody.run(self._tell, store, loop.time())
            elif taken.timer is None:
                taken.timer = loop.call_at(taken.next_line, self._tell, store, taken.next_line, context=self._nobody)

    def close(self) -> None:
        """Write what waits."""
        for store, taken in self._stores.items():
            if taken.events:
                self._nobody.run(self._tell, store, taken.next_line)

    def _tell(self, store: str, now: float) -> None:
        taken = self._stores[store]
        self._stores[store] = _Taken(next_line=now + _SECONDS_BETWEEN_LINES)
        log.info(
            Log.EVENTS_TAKEN, store=store, events=taken.events, **taken.orders.fields(), **_traces(list(taken.traces))
        )


def traces_of(saved: Iterable[Delivery]) -> dict[str, Trace | None]:
    """Return the stores that got events, each with the trace of one of them."""
    return {each.store: each.trace for each in saved}


def _traces(ids: Sequence[str]) -> dict[str, object]:
    return {"trace_ids": ids} if len(ids) > 1 else {"trace_id": ids[0]} if ids else {}
