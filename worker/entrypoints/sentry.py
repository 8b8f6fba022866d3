"""Errors of the service, reported to Sentry: what is logged with a traceback, and of that where it happened.

The text of an exception may quote what it stumbled over, a customer's data among it: it stays in the log, where the
report's tags lead to. The SDK's integrations are off; they would add requests, headers, arguments and queries.
"""

import atexit
import logging
import sys
import time
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

import sentry_sdk
import structlog
from sentry_sdk.types import Event, Hint

from config.scrub import scrub

_IN_THE_LOG = "the text is in the service's log"
_TAGS = ("store", "order_id", "task", "task_id", "trace_id")
# All that a report says; what the SDK adds one day is left out until somebody has looked at it.
_KEPT = ("event_id", "timestamp", "platform", "level", "logger", "release", "environment", "server_name", "sdk", "tags")
_KEPT_OF_A_FRAME = (
    *("filename", "abs_path", "module", "function", "lineno", "in_app"),
    *("pre_context", "context_line", "post_context"),
)
# What Sentry or a collector that is away makes libraries say is no error of the service.
_OTHERS = ("opentelemetry", "sentry_sdk", "urllib3")
# One fault in a place that runs a thousand times a second is one report in so many seconds.
_SECONDS_BETWEEN = 10.0
_STOP_SECONDS = 1.0


def start(dsn: str, process: str) -> logging.Handler:
    """Set the SDK up for this process; returns what reports each error that is logged with a traceback."""
    sentry_sdk.init(
        dsn=dsn,
        release=f"coleta@{version('coleta')}",
        default_integrations=False,
        auto_enabling_integrations=False,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        send_client_reports=False,
        auto_session_tracking=False,
        before_send=reduced,
    )
    atexit.register(sentry_sdk.flush, _STOP_SECONDS)
    return Reporter(process)


class Reporter(logging.Handler):
    """Reports errors that are logged with a traceback; one of a kind in ten seconds."""

    def __init__(self, process: str) -> None:
        super().__init__(logging.ERROR)
        self._process = process
        self._next: dict[tuple[object, ...], float] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Report it, unless the same was just reported; the SDK sends it from a thread of its own."""
        error = _error(record)
        if error is None or record.name.startswith(_OTHERS) or not self._is_new(error):
            return
        said = record.msg if isinstance(record.msg, dict) else {}
        with sentry_sdk.new_scope() as scope:
            scope.set_tag("process", self._process)
            scope.set_tag("event", str(said.get("event", record.name)))
            for name, value in {**structlog.contextvars.get_contextvars(), **said}.items():
                if name in _TAGS:
                    scope.set_tag(name, str(value))
            scope.capture_exception(error)

    def _is_new(self, error: BaseException) -> bool:
        at = error.__traceback__
        while at is not None and at.tb_next is not None:
            at = at.tb_next
        kind = (type(error), at.tb_frame.f_code if at is not None else None, at.tb_lineno if at is not None else 0)
        now = time.monotonic()
        if now < self._next.get(kind, now):
            return False
        self._next[kind] = now + _SECONDS_BETWEEN
        return True


def reduced(event: Event, _hint: Hint) -> Event | None:
    """Return what may leave of a report."""
    report: dict[str, Any] = {name: value for name, value in event.items() if name in _KEPT}
    report["tags"] = scrub(None, "", dict(report.get("tags") or {}))
    errors = [_error_kept(error) for error in (event.get("exception") or {}).get("values", ())]
    return {**report, "exception": {"values": errors}}  # type: ignore[return-value] # built by name


def _error_kept(error: Mapping[str, Any]) -> dict[str, Any]:
    frames = (error.get("stacktrace") or {}).get("frames", ())
    kept = [{name: frame[name] for name in _KEPT_OF_A_FRAME if name in frame} for frame in frames]
    told = {"type": error.get("type"), "module": error.get("module"), "value": _IN_THE_LOG}
    return {**told, "stacktrace": {"frames": kept}} if kept else told


def _error(record: logging.LogRecord) -> BaseException | None:
    """Return the exception of a record; structlog's `exception` leaves it to whoever writes the line to look."""
    given = record.exc_info or (record.msg.get("exc_info") if isinstance(record.msg, dict) else None)
    if isinstance(given, BaseException):
        return given
    found = given if isinstance(given, tuple) else sys.exc_info() if given else None
    return found[1] if found else None
