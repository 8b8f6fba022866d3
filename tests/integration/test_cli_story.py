"""`coleta order STORE ORDER_ID --logs FILE|-`: a story out of a log of many, as a person and a program read it."""

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.coleta import run
from tests.fixtures.deployment import environment
from tests.fixtures.running_parts import ROOT
from worker.telemetry import Log

_PAGE = ROOT / "docs" / "logs-and-traces.md"
_ORDER = "Lojas_Americanas-285264647201"
_OTHERS = [f"Submarino-{number}" for number in range(3)]


def _line(second: int, event: str, store: str = "acme", **fields: Any) -> str:  # noqa: ANN401 - a log event's fields
    known = {"store": store, "event": event, "level": "info", "logger": "worker", **fields}
    return json.dumps({**known, "timestamp": f"2026-11-20T12:00:{second:02}.000001Z"})


# Two processes' lines, one after the other, as `cat web.log worker.log` gives them.
LOG = "\n".join(
    [
        _line(1, Log.EVENTS_TAKEN, order_ids=[_ORDER], events=1, trace_id="t1"),
        _line(7, Log.EVENTS_TAKEN, order_ids=_OTHERS, events=3, unnamed=8),
        "a library that prints",
        '{"broken": "acme"',
        _line(0, Log.STORE_PAUSED, reason="before its time"),
        _line(2, Log.INBOX_DRAINED, order_ids=[_ORDER, *_OTHERS], due_ids=[_ORDER], unnamed=1, task_id="a"),
        _line(3, Log.PICKUPS_CLAIMED, order_ids=[*_OTHERS, _ORDER], task_id="b"),
        _line(3, Log.PICKUPS_CLAIMED, order_ids=_OTHERS, task_id="c"),
        _line(4, Log.PICKUPS_UNCLEAR, order_ids=[*_OTHERS, _ORDER], task_id="b", level="warning", reason="timed out"),
        _line(4, Log.STORE_TROUBLED, task_id="b", seconds=1.0, level="warning"),
        _line(4, "Task succeeded", task_id="b", logger="celery.app.trace"),
        _line(4, Log.ROUND_FINISHED, task_id="c"),
        _line(5, Log.STORE_PAUSED, reason="SkyHub answered 401", level="error"),
        _line(5, Log.STORE_PAUSED, "brava", reason="another store"),
        _line(6, Log.ORDERS_MOVED, order_ids=[_ORDER], status="requested", reason="found in the list"),
        _line(6, Log.ORDERS_MOVED, "brava", order_ids=[_ORDER], status="due"),
        _line(8, Log.STORE_PAUSED, reason="it has ended by then"),
    ]
)
STORY = [
    Log.EVENTS_TAKEN,
    Log.INBOX_DRAINED,
    Log.PICKUPS_CLAIMED,
    Log.PICKUPS_UNCLEAR,
    Log.STORE_TROUBLED,
    Log.STORE_PAUSED,
    Log.ORDERS_MOVED,
]


def _coleta(folder: Path, *arguments: str, given: str = "") -> "subprocess.CompletedProcess[str]":
    return run(["order", *arguments], folder, environment({}), given)


def test_a_story_is_told_in_the_order_of_time(tmp_path: Path) -> None:
    """What names the order, what else its tasks said, and what was said of its store until it was settled."""
    done = _coleta(tmp_path, "acme", _ORDER, "--logs", "-", "--json", given=LOG)

    assert [line["event"] for line in json.loads(done.stdout)] == STORY


def test_a_row_says_what_concerns_the_order(tmp_path: Path) -> None:
    """With how many others it went, but not which; a line that is no matter of course says so first."""
    done = _coleta(tmp_path, "acme", _ORDER, "--logs", "-", given=LOG)

    rows = [re.split(r"\s{2,}", line) for line in done.stdout.splitlines()]
    assert rows[:1] == [["at", "event", "detail"]]
    assert [row[2] for row in rows[2:5]] == [
        "due with 4 other orders",
        "with 3 other orders",
        'warning with 3 other orders reason="timed out"',
    ]
    assert done.stderr == (
        f"1 line of this store had more orders than it names: coleta order acme {_ORDER} shows its history\n"
    )


@pytest.mark.parametrize("name", ["7", "Submarino-7", "BWW-Submarino-7"])
def test_an_order_that_its_sender_spelt_otherwise_is_one(tmp_path: Path, name: str) -> None:
    """The door's line has the code as it was sent, the others the ledger's id; they tell of the same order."""
    taken = _line(1, Log.EVENTS_TAKEN, order_ids=["Submarino-7"])
    log = "\n".join([taken, _line(2, Log.INBOX_DRAINED, order_ids=["BWW-Submarino-7"], due_ids=["BWW-Submarino-7"])])

    done = _coleta(tmp_path, "acme", name, "--logs", "-", given=f"{log}\n")

    assert [line.split()[1:] for line in done.stdout.splitlines()[1:]] == [["events.taken"], ["inbox.drained", "due"]]


@pytest.mark.parametrize("name", ["Lojas Americanas-285264647201", "285264647201", f"BWW-{_ORDER}"])
def test_an_order_is_found_by_any_form_of_its_code(tmp_path: Path, name: str) -> None:
    """As everywhere, and with other words before each line, as a supervisor may put them."""
    (tmp_path / "service.log").write_text("".join(f"worker-1  | {line}\n" for line in LOG.splitlines()))

    done = _coleta(tmp_path, "acme", name, "--logs", "service.log", "--json")

    assert len(json.loads(done.stdout)) == len(STORY)


@pytest.mark.parametrize(
    ("arguments", "given", "sentence"),
    [
        (("acme", "Submarino-9", "--logs", "-"), LOG, "2 lines of this store had more orders than they name"),
        (("nobody", _ORDER, "--logs", "-"), LOG, "it takes the service's JSON lines (COLETA_LOG_FORMAT=json)"),
        (("acme", _ORDER, "--logs", "none.log"), "", "none.log cannot be read: No such file or directory"),
        (
            ("acme", "1", "--logs", "-"),
            f"{_line(1, Log.INBOX_DRAINED, order_ids=['A-1', 'B-1'])}\n",
            "1 fits several orders of store acme, name one: A-1, B-1",
        ),
    ],
)
def test_what_cannot_be_told_is_said_in_a_sentence(
    tmp_path: Path, arguments: tuple[str, ...], given: str, sentence: str
) -> None:
    """What was looked for, what was found, and what may help; exit code 1."""
    done = _coleta(tmp_path, *arguments, given=given)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("coleta: ")
    assert sentence in done.stderr


def _documented() -> list[str]:
    return [line for line in _PAGE.read_text().splitlines() if "coleta order" in line and "--logs" in line]


@pytest.mark.parametrize("line", _documented())
def test_the_documented_commands_tell_the_story(tmp_path: Path, line: str) -> None:
    """Each as it stands on the page, what comes before a pipe being somebody else's."""
    (tmp_path / "service.log").write_text(LOG)
    words = shlex.split(line.rpartition("| ")[2])

    done = run(words[1:], tmp_path, environment({}), LOG)

    assert words[0] == "coleta"
    assert (done.returncode, "pickups.claimed" in done.stdout) == (0, True)


def test_the_documented_query_finds_the_lines_that_name_the_order(tmp_path: Path) -> None:
    """For whoever has jq and nothing of ours."""
    if shutil.which("jq") is None:
        pytest.skip("jq is not there (Debian's package jq)")
    (tmp_path / "service.log").write_text("\n".join(line for line in LOG.splitlines() if line.endswith("}")))
    (line,) = (line for line in _PAGE.read_text().splitlines() if "`jq " in line)
    command = line.split("`")[1].replace("ORDER_ID", _ORDER)

    done = subprocess.run(shlex.split(command), cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True)

    assert {json.loads(each)["event"] for each in done.stdout.splitlines()} == {
        *STORY[:4],
        Log.ORDERS_MOVED,
    }


def test_the_page_names_every_event_of_an_order() -> None:
    """So that whoever reads a story can look up what its words mean."""
    events = {event for event in Log if event.startswith(("pickups.", "events.", "orders."))}
    page = _PAGE.read_text()

    assert [event for event in events if f"`{event}`" not in page] == []
