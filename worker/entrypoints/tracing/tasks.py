"""A task's run as a span: its message's headers say what it follows."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import structlog
from celery import Task

from worker.entrypoints.tracing import context, spans
from worker.entrypoints.tracing.context import Trace
from worker.entrypoints.tracing.spans import Kind, Span

_running: ContextVar[Span | None] = ContextVar("task_span", default=None)
_FAILED = "FAILURE"
# Its first argument is an event, not a store: which store, its own lines say.
_DOOR = "coleta.order_invoiced"


def begun(task: Task, task_id: str, args: Any, kwargs: Any) -> None:  # noqa: ANN401 - whatever was sent
    """Bind store, task and trace for this thread's log lines."""
    structlog.contextvars.clear_contextvars()
    store = args[0] if args else (kwargs or {}).get("store")
    bound = {"store": store} if isinstance(store, str) and task.name != _DOOR else {}
    structlog.contextvars.bind_contextvars(task_id=task_id, task=task.name, **bound)
    given = context.read(task.request.get(context.HEADER))
    _running.set(spans.begin(task.name, Kind.TASK, given, **{"celery.task_id": task_id}, **_attributes(bound)))


def ended(state: str | None, result: object) -> None:
    """End what was begun in this thread."""
    span = _running.get()
    if span is not None:
        span.end(error=type(result).__name__ if state == _FAILED else "")
    _running.set(None)
    context.leave()
    structlog.contextvars.clear_contextvars()


@contextmanager
def beside(name: str, store: str, given: Trace | None) -> Iterator[None]:
    """Run another store's task within this one: in a span of its own, under the trace that its message came with.

    Where it fails the task fails, and what is said of that is said of this store.
    """
    bound, before = structlog.contextvars.get_contextvars(), context.current()
    structlog.contextvars.bind_contextvars(task=name, store=store)
    told = {"celery.task_id": str(bound.get("task_id", "")), **_attributes({"store": store})}
    span = spans.begin(name, Kind.TASK, given, **told)
    try:
        yield
    except BaseException as error:
        span.end(error=type(error).__name__)
        raise
    span.end()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(**bound)
    context.resume(before)


def _attributes(bound: dict[str, str]) -> dict[str, str]:
    return {f"coleta.{name}": value for name, value in bound.items()}
