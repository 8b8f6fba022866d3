"""The one log, on a real pipe whose reader comes late, stops reading, or goes."""

import json
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import Any

import pytest

from tests.fixtures.running_parts import until
from worker.entrypoints.up.log_lines import Record, as_json
from worker.entrypoints.up.merged_log import MergedLog

# More than a pipe holds.
LINES, LINE = 3_000, "x" * 200


@dataclass(slots=True)
class Pipe:
    """A pipe, and what is left to be read from it."""

    reader: int
    writer: int

    def read(self) -> list[dict[str, Any]]:
        """Return the lines that are written until the writing end is closed."""
        reader, self.reader = self.reader, -1
        with os.fdopen(reader) as stream:
            return [json.loads(line) for line in stream]

    def fill(self) -> None:
        """Write until no more fits."""
        os.set_blocking(self.writer, False)
        with suppress(BlockingIOError):
            while os.write(self.writer, b"x"):
                pass
        os.set_blocking(self.writer, True)

    def close_reader(self) -> None:
        if self.reader >= 0:
            os.close(self.reader)
            self.reader = -1

    def close_writer(self) -> None:
        if self.writer >= 0:
            os.close(self.writer)
            self.writer = -1


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    """Give a pipe."""
    with ExitStack() as stack:
        pipe = Pipe(*os.pipe())
        stack.callback(pipe.close_reader)
        stack.callback(pipe.close_writer)
        yield pipe


def _log(pipe: Pipe, on_closed: Callable[[], None] = lambda: None, **options: int) -> MergedLog:
    return MergedLog(pipe.writer, as_json, on_closed, **options)


def test_what_was_said_is_there_in_its_order(pipe: Pipe) -> None:
    """The children's lines and the supervisor's own, all of it written when the log is closed."""
    log = _log(pipe)
    log.line("web", '{"event": "web.started", "level": "info", "timestamp": "t"}')
    log.say("process.started", "web is ready", name="web", pid=4711)
    log.line("beat", "beat: Starting")
    log.close()
    pipe.close_writer()

    lines = pipe.read()
    assert [(line["process"], line["event"]) for line in lines] == [
        ("web", "web.started"),
        ("up", "process.started"),
        ("beat", "beat: Starting"),
    ]
    assert lines[1]["message"] == "web is ready"
    assert lines[1]["pid"] == 4711


def test_a_pipe_that_somebody_made_non_blocking_is_waited_for(pipe: Pipe) -> None:
    """Node and others do so to the pipe that they share: a reader who is only slow gets every line."""
    os.set_blocking(pipe.writer, False)
    log = _log(pipe)
    with ThreadPoolExecutor(1) as pool:
        for _ in range(LINES):
            log.line("worker-1", LINE)
        lines = pool.submit(pipe.read)
        log.close()
        pipe.close_writer()

        assert [line["event"] for line in lines.result(30)] == [LINE] * LINES


def test_a_line_that_cannot_be_shown_costs_no_other(pipe: Pipe) -> None:
    """What follows it is written."""

    def form(record: Record) -> str:
        if record["event"] == "odd":
            raise RecursionError
        return as_json(record)

    log = MergedLog(pipe.writer, form, lambda: None)
    log.line("beat", "odd")
    log.line("beat", "even")
    log.close()
    pipe.close_writer()

    left_out, even = pipe.read()
    assert left_out["message"] == "a line of beat was left out: it cannot be shown (RecursionError)"
    assert even["event"] == "even"


def test_nobody_waits_for_a_reader_that_pauses(pipe: Pipe) -> None:
    """`less`, Ctrl-S: the service goes on. What does not fit is left out, and the log says how much that was."""
    log = _log(pipe, most_waiting=100)
    for _ in range(LINES):
        log.line("worker-1", LINE)

    with ThreadPoolExecutor(1) as reader:
        read = reader.submit(pipe.read)
        log.close()
        pipe.close_writer()
        lines = read.result(30)

    left_out = [line for line in lines if line["event"] == "lines.left_out"]
    assert {line["level"] for line in left_out} == {"warning"}
    assert sum(line["count"] for line in left_out) + sum(line["event"] == LINE for line in lines) == LINES


def test_a_reader_that_goes_is_told_once(pipe: Pipe) -> None:
    """`coleta up | head` ends; what is said after that goes nowhere, and nobody waits or fails."""
    told: list[str] = []
    log = _log(pipe, lambda: told.append("gone"), most_waiting=10)
    pipe.close_reader()

    log.line("web", "the first")
    until(lambda: told, "it is told")
    for _ in range(LINES):
        log.line("web", LINE)
    log.close()

    assert len(told) == 1


def test_a_reader_that_never_reads_does_not_hold_up_the_end(pipe: Pipe, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a few seconds the rest of the log is given up, though its reader is there still."""
    monkeypatch.setattr("worker.entrypoints.up.merged_log._FLUSH_SECONDS", 0.1)
    closed = threading.Event()
    pipe.fill()
    log = _log(pipe, closed.set, most_waiting=10)
    for _ in range(LINES):
        log.line("worker-1", LINE)

    log.close()

    assert not closed.is_set()
    pipe.close_reader()
    assert closed.wait(10)


def test_a_full_disk_does_not_stop_the_service() -> None:
    """The log loses lines; what it is about goes on."""
    closed = threading.Event()
    full = os.open("/dev/full", os.O_WRONLY)
    try:
        log = MergedLog(full, as_json, closed.set)
        for _ in range(10):
            log.line("web", LINE)
        log.close()
    finally:
        os.close(full)

    assert not closed.is_set()
