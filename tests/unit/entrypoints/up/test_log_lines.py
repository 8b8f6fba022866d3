import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from worker.entrypoints.up.log_lines import Console, Record, as_json, read_line

NOON = "2026-11-20T12:00:00Z"
PLAIN = Console(colours=False)


@pytest.fixture(autouse=True)
def _in_sao_paulo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let local time be another than UTC."""
    monkeypatch.setenv("TZ", "America/Sao_Paulo")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def _event(process: str = "worker-1", **fields: Any) -> Record:  # noqa: ANN401 - a log event holds anything
    """Return the record of a line as a child of ours writes it."""
    return read_line(process, json.dumps({"timestamp": NOON, "level": "info", **fields}), "2026-11-20T12:00:01Z")


def test_a_json_line_keeps_what_it_says_and_gets_its_process() -> None:
    """Every field and the time of the event stay; the process that said it comes first."""
    line = json.dumps({"event": "inbox.drained", "level": "info", "timestamp": NOON, "store": "acme", "process": "x"})

    shown = as_json(read_line("worker-1", line, "later"))

    assert list(json.loads(shown).items()) == [
        ("process", "worker-1"),
        ("level", "info"),
        ("event", "inbox.drained"),
        ("timestamp", NOON),
        ("store", "acme"),
    ]


@pytest.mark.parametrize("line", ["worker: Warm shutdown", "5", "[1]", '{"cut off": ', "naïve ☃"])
def test_a_line_that_is_no_json_object_is_wrapped(line: str) -> None:
    """The one log stays JSON, whatever a library prints."""
    shown = json.loads(as_json(read_line("beat", line, NOON)))

    assert shown == {"process": "beat", "level": "info", "event": line, "timestamp": NOON}


def test_a_person_reads_local_time_the_process_the_event_and_its_fields() -> None:
    """Store and order come first, the reason last; what helps nobody is left out."""
    record = _event(
        event="pickups.confirmed",
        reason="found in the list",
        order_ids=["Submarino-1", "Submarino-2"],
        more=False,
        page=2,
        store="acme",
        logger="worker.usecases.request_pickups",
        task="coleta.request_pickups",
        task_id="0d866862",
    )

    assert PLAIN(record) == (
        "09:00:00 worker-1 pickups.confirmed store=acme order_ids=Submarino-1,Submarino-2 page=2"
        ' reason="found in the list"'
    )


def test_processes_of_different_names_start_their_text_in_one_column() -> None:
    """So that the events can be read downwards."""
    texts = [PLAIN(_event(name, event="here")) or "" for name in ("web", "worker-1")]

    assert {text.index("here") for text in texts} == {len("09:00:00 worker-1 ")}


def test_warnings_and_errors_stand_out() -> None:
    """The level is written before the event, and coloured on a terminal."""
    coloured = Console(colours=True)

    assert PLAIN(_event(event="store.troubled", level="warning")) == "09:00:00 worker-1 warning store.troubled"
    assert "\x1b[33mwarning\x1b[0m" in str(coloured(_event(event="store.troubled", level="warning")))
    assert "\x1b[1;31merror\x1b[0m" in str(coloured(_event(event="task.failed", level="error")))


def test_without_colours_there_is_no_escape() -> None:
    """A file and a pipe get plain text."""
    assert "\x1b" not in str(PLAIN(_event(event="store.troubled", level="error", store="acme")))
    assert "\x1b" in str(Console(colours=True)(_event(event="inbox.drained", store="acme")))


def test_what_comes_from_outside_cannot_steer_the_terminal() -> None:
    """An escape in an order's id or in a library's line is shown, not obeyed."""
    texts = [
        Console(colours=False)(_event(event="order.\x1b[2Jread", order_id="\x1b]0;gone\x07", reason="one\ntwo")),
        Console(colours=False)(read_line("web", "\x1b[31mred\r", NOON)),
    ]

    assert not any(char in str(text) for text in texts for char in "\x1b\x07\r\n")


def test_a_traceback_stays_readable() -> None:
    """Its lines stand below the event as Python wrote them."""
    record = _event(event="task.failed", level="error", exception="Traceback:\n  File x\nValueError: no")

    assert PLAIN(record) == "09:00:00 worker-1 error task.failed\n  Traceback:\n    File x\n  ValueError: no"
    assert PLAIN(read_line("web", "    raise ValueError", NOON)) == "09:00:00 web          raise ValueError"


def test_what_celery_says_of_every_message_is_left_to_the_json_form() -> None:
    """A person sees our own events; trouble is shown whoever tells it."""
    received = {"event": "Task coleta.sweep[1] received", "logger": "celery.worker.strategy"}

    assert PLAIN(_event(**received)) is None
    assert PLAIN(_event(**{**received, "level": "error"})) is not None
    assert "received" in as_json(_event(**received))


def test_the_supervisors_own_lines_are_sentences() -> None:
    """The fields are for programs; further lines of a sentence stand below it."""
    record = _event("up", event="up.started", message="all runs\nweb http://127.0.0.1:8000", pid=4711)

    assert PLAIN(record) == "09:00:00 up       all runs\n  web http://127.0.0.1:8000"
    assert PLAIN(_event("web", event="page.served", message="x")) == "09:00:00 web      page.served message=x"


@pytest.mark.parametrize("timestamp", ["yesterday", "0001-01-01T00:00:00Z", 5, None])
def test_a_time_that_is_none_does_not_stop_the_log(timestamp: object) -> None:
    """What a library calls a timestamp may be anything."""
    assert PLAIN(_event(event="here", timestamp=timestamp)) == "??:??:?? worker-1 here"


def test_nothing_that_a_terminal_obeys_gets_through() -> None:
    """C1 controls as well, in names, values and lists, for a person and as JSON; what it was can still be read."""
    record = _event(event="a\x9b2Jb", **{"na\x9bme": "x"}, reason="\x9b31m", stores=["\x7f"], level="war\x9bning")

    for text in (PLAIN(record), as_json(record)):
        assert text is not None
        assert text.isprintable()
    assert json.loads(as_json(record))["reason"] == "\x9b31m"
    assert r"\u009b31m" in str(PLAIN(record))


@pytest.mark.parametrize("line", ["[" * 100_000, '{"event":' * 100_000])
def test_a_line_that_is_nested_too_deeply_is_a_line(line: str) -> None:
    """No reader of it may end."""
    assert read_line("beat", line, NOON)["event"] == line
