"""The trace that a process works in: its id is bound for the log, and goes on in the headers of messages.

Its form outside is the header `traceparent` (W3C Trace Context, level 1, "traceparent Header").
"""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

import structlog

HEADER = "traceparent"

# Of a version to come only the first four parts are known, and taken; ff is none.
_FORM = re.compile(
    r"(?!ff)(?P<version>[0-9a-f]{2})-(?P<trace>[0-9a-f]{32})-(?P<span>[0-9a-f]{16})-(?P<flags>[0-9a-f]{2})"
)
_MOST_CHARS = 200
_SAMPLED = "01"


@dataclass(frozen=True, slots=True)
class Trace:
    """Where in a trace something happens: under which span of it. Hexadecimal: 32, 16 and 2 characters."""

    trace_id: str
    span_id: str
    flags: str = _SAMPLED

    @property
    def header(self) -> str:
        """The value of `traceparent` for what follows."""
        return f"00-{self.trace_id}-{self.span_id}-{self.flags}"


_here: ContextVar[Trace | None] = ContextVar("trace", default=None)


def read(header: object) -> Trace | None:
    """Return the place that a header names; None for anything else, whoever sent it."""
    if not isinstance(header, str) or len(header) > _MOST_CHARS:
        return None
    found = _FORM.match(header)
    rest = header[found.end() :] if found else ""
    if found is None or (rest and (found["version"] == "00" or not rest.startswith("-"))):
        return None
    if not int(found["trace"], 16) or not int(found["span"], 16):
        return None
    return Trace(found["trace"], found["span"], found["flags"])


def made() -> Trace:
    """Return a new trace."""
    return Trace(secrets.token_hex(16), secrets.token_hex(8))


def current() -> Trace | None:
    """Return the place where this thread or coroutine works."""
    return _here.get()


def enter(trace: Trace) -> None:
    """Work there from now on, in this thread or coroutine; its log lines say so."""
    _here.set(trace)
    structlog.contextvars.bind_contextvars(trace_id=trace.trace_id)


def resume(trace: Trace | None) -> None:
    """Work there again, where this thread or coroutine worked before; None: in no trace."""
    if trace is None:
        leave()
    else:
        enter(trace)


def leave() -> None:
    """Work in no trace any more."""
    _here.set(None)
    structlog.contextvars.unbind_contextvars("trace_id")


@contextmanager
def carrying(store: str, trace: Trace | None) -> Iterator[None]:
    """Send in the name of a store, and of what happened there."""
    with structlog.contextvars.bound_contextvars(store=store):
        before = _here.get()
        _here.set(trace)
        try:
            yield
        finally:
            _here.set(before)


@contextmanager
def passing_on(store: str, trace: Trace | None) -> Iterator[None]:
    """Send on what came for a store and was not done here: it goes on in the trace in which it came."""
    with carrying(store, trace), structlog.contextvars.bound_contextvars(task=""):
        yield


def headers_for(task: str, store: str) -> dict[str, str]:
    """Return the headers of a message that goes on with the present trace, none where that would tell nothing.

    A drain that hints at itself would go on for ever; and the sweep, or who leaves a place to others, sends on behalf
    of stores that it did no work for.
    """
    trace, bound = _here.get(), structlog.contextvars.get_contextvars()
    if trace is None or bound.get("store") != store or bound.get("task") == task:
        return {}
    return {HEADER: trace.header}
