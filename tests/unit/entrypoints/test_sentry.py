"""What may leave of an error's report, and how often."""

import logging
import sys
import time
from typing import Any, cast

import pytest
import sentry_sdk
import structlog
from sentry_sdk.types import Event

from worker.entrypoints.sentry import Reporter, reduced

_NAME = "Ana Maria de Souza"
_KEY = "secret-key-of-acme"
# As the SDK makes events, with a customer or a key in every place that it has for something of ours.
_EVENT: dict[str, Any] = {
    "event_id": "e1",
    "level": "error",
    "platform": "python",
    "tags": {"store": "acme", "order_id": "Submarino-1", "api_key": _KEY, "event": f"token={_KEY}"},
    "message": _NAME,
    "logentry": {"message": "%s", "params": [_NAME]},
    "request": {"url": f"https://h/?token={_KEY}", "data": _NAME, "headers": {"Authorization": _KEY}},
    "user": {"email": _NAME},
    "extra": {"args": [_NAME], "sys.argv": [_KEY]},
    "breadcrumbs": {"values": [{"message": _NAME}]},
    "contexts": {"trace": {"data": _KEY}},
    "what comes with the next version": _NAME,
    "exception": {
        "values": [
            {
                "type": "ValueError",
                "module": "builtins",
                "value": f"cannot read {_NAME}",
                "mechanism": {"data": {"args": _NAME}},
                "stacktrace": {
                    "frames": [{"function": "read", "lineno": 7, "vars": {"body": _NAME, "key": _KEY}, "new": _NAME}],
                    "registers": _NAME,
                },
            },
            {"type": "KeyError", "value": _KEY, "__notes__": [_NAME]},
        ]
    },
}


def test_a_report_has_types_places_and_ids_and_nothing_else() -> None:
    """Whatever the SDK gathered, a later version's finds included."""
    report = reduced(cast("Event", _EVENT), {})

    assert _NAME not in str(report)
    assert _KEY not in str(report)
    assert report is not None
    assert report["tags"] == {"store": "acme", "order_id": "Submarino-1", "api_key": "***", "event": "token=***"}
    first, second = report["exception"]["values"]
    assert first["stacktrace"] == {"frames": [{"function": "read", "lineno": 7}]}
    assert [first["type"], second["type"]] == ["ValueError", "KeyError"]


@pytest.fixture
def reported(monkeypatch: pytest.MonkeyPatch) -> list[BaseException]:
    """Give the exceptions that reach the SDK."""
    taken: list[BaseException] = []
    monkeypatch.setattr(sentry_sdk.Scope, "capture_exception", lambda _, error: taken.append(error))
    return taken


def _logged(reporter: Reporter, name: str = "worker", level: int = logging.ERROR, text: str = "x") -> None:
    try:
        int(text)
    except ValueError:
        reporter.handle(logging.LogRecord(name, level, "", 1, text, (), sys.exc_info()))


def test_the_same_error_in_the_same_place_is_reported_once(reported: list[BaseException]) -> None:
    """A fault that strikes a thousand times a second costs one report."""
    reporter = Reporter("worker")
    for number in range(100):
        _logged(reporter, text=f"x{number}")

    assert [str(error) for error in reported] == ["invalid literal for int() with base 10: 'x0'"]


def test_it_is_reported_again_after_a_while(reported: list[BaseException], monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not over, then."""
    now = 0.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    reporter = Reporter("worker")
    for now in (0.0, 9.9, 10.0):
        _logged(reporter, text=f"x{now}")

    assert [str(error)[-5:-1] for error in reported] == ["x0.0", "10.0"]


def test_what_a_library_says_of_a_collector_is_no_error_of_ours(reported: list[BaseException]) -> None:
    """Nor is a line without a traceback: what to do about those, the alerts say."""
    _logged(Reporter("worker"), "opentelemetry.exporter.otlp")
    _logged(Reporter("worker"), "urllib3.connectionpool")
    Reporter("worker").handle(logging.LogRecord("worker", logging.ERROR, "", 1, "store.paused", (), None))

    assert reported == []


def test_structlogs_exceptions_are_found(reported: list[BaseException]) -> None:
    """They come as a mark in the event; what writes the line looks for the exception itself."""
    record = logging.LogRecord("worker", logging.ERROR, "", 1, "", (), None)
    record.msg = {"event": "door.broke", "exc_info": True}  # as structlog does
    with structlog.contextvars.bound_contextvars(store="acme"):
        try:
            dict[str, str]()[_NAME]
        except KeyError:
            Reporter("web").handle(record)

    assert [type(error) for error in reported] == [KeyError]
