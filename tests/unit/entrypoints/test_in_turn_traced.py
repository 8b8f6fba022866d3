"""One task may run the drains of several stores: what each does is told in the trace that led to it."""

import threading
from contextlib import suppress
from typing import Any

import pytest
import structlog

from tests.unit.entrypoints.test_in_turn import Worker, worker
from worker.entrypoints.tracing import context
from worker.entrypoints.tracing.context import Trace

__all__ = ["worker"]

_TASK = "coleta.request_pickups"


class Traced:
    """Two stores that come in traces of their own, the second while the first is at work; what each said of itself."""

    def __init__(self, worker: Worker) -> None:
        self.own: dict[str, Trace] = {}
        self.bound: dict[str, dict[str, Any]] = {}
        self._worker = worker
        self._run = worker.request_pickups
        worker.comes = {}

    def request_pickups(self, store: str, **how: object) -> Any:  # noqa: ANN401 - a run
        """Return a store's run, before which the other store comes."""
        self.bound[store] = structlog.contextvars.get_contextvars()
        if store == "one":
            self.come("two")
        return self._run(store, **how)

    def come(self, store: str) -> None:
        """Let a message about a store come, in a thread of its own."""
        thread = threading.Thread(target=self._come, args=(store,))
        thread.start()
        thread.join()

    def _come(self, store: str) -> None:
        self.own[store] = context.made()
        context.enter(self.own[store])
        structlog.contextvars.bind_contextvars(store=store, task=_TASK, task_id=f"of {store}")
        with suppress(ConnectionError):
            self._worker.come(store)
        self.bound[f"after {store}"] = structlog.contextvars.get_contextvars()


@pytest.fixture
def traced(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> Traced:
    """Give the two stores."""
    traced = Traced(worker)
    monkeypatch.setattr(worker, "request_pickups", traced.request_pickups)
    return traced


def test_a_store_from_the_line_works_in_the_trace_of_its_own_message(traced: Traced) -> None:
    """Its lines lead back to what told of it, in the task that runs it; then that task is what it was."""
    traced.come("one")
    of_two = {"store": "two", "task": _TASK, "task_id": "of one", "trace_id": traced.own["two"].trace_id}
    assert traced.bound["two"] == of_two
    assert traced.bound["after one"] == traced.bound["one"]
    assert traced.bound["one"]["trace_id"] == traced.own["one"].trace_id


def test_the_end_of_a_store_from_the_line_that_fails_is_told_of_that_store(worker: Worker, traced: Traced) -> None:
    """Whoever reads the error looks for that store's orders."""
    worker.broken.add("two")
    traced.come("one")
    assert traced.bound["after one"]["store"] == "two"
    assert traced.bound["after one"]["trace_id"] == traced.own["two"].trace_id


def test_a_store_that_is_called_by_a_message_keeps_its_trace(worker: Worker, traced: Traced) -> None:
    """Wherever it is run then."""
    worker.settings.drain_seconds = 0.0
    traced.come("one")
    [(store, how)] = worker.sent
    assert (store, how["headers"]) == ("two", {"traceparent": traced.own["two"].header})
