"""Spans: what began when, under what, and how it ended. Without OpenTelemetry a span is its ids and nothing more."""

from collections.abc import Mapping
from enum import Enum, auto
from typing import Protocol

from worker.adapters.http import HttpClient
from worker.entrypoints.tracing import context
from worker.entrypoints.tracing.context import Trace


class Kind(Enum):
    """On which side of a call or a message a span is."""

    DOOR = auto()
    TASK = auto()
    CALL = auto()


class Span(Protocol):
    """Something that goes on."""

    @property
    def trace(self) -> Trace:
        """Where what happens within it belongs."""

    def end(self, name: str = "", error: str = "", **attributes: str | int) -> None:
        """End it, under a better name if there is one; `error` names what went wrong, without its text."""


class Tracer(Protocol):
    """Makes spans."""

    def begin(self, name: str, kind: Kind, parent: Trace | None, attributes: Mapping[str, str | int]) -> Span:
        """Begin a span under this place, or a new trace."""

    def client(self) -> HttpClient:
        """Return a client whose calls are spans."""


class _Ids:
    """A span that nobody is told of."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace

    def end(self, name: str = "", error: str = "", **attributes: str | int) -> None:
        """Nothing was begun."""


class _IdsOnly:
    def begin(self, _name: str, _kind: Kind, parent: Trace | None, _attributes: Mapping[str, str | int]) -> Span:
        return _Ids(parent or context.made())

    def client(self) -> HttpClient:
        return HttpClient()


_tracer: Tracer = _IdsOnly()


def use(tracer: Tracer) -> None:
    """Make spans of this kind from now on, in this process."""
    global _tracer  # noqa: PLW0603 - one process, one tracer
    _tracer = tracer


def begin(name: str, kind: Kind, parent: Trace | None, **attributes: str | int) -> Span:
    """Begin a span and work in it."""
    span = _tracer.begin(name, kind, parent, attributes)
    context.enter(span.trace)
    return span


def client() -> HttpClient:
    """Return a client for the calls of this process."""
    return _tracer.client()
