"""The command: what it calls a failure, and what it keeps."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from tests.bench.__main__ import main
from tests.bench.figures import BrokenPromiseError, Figure, Reading
from tests.bench.outcomes import BARE
from tests.bench.rows import Plan, Row

BAR = Figure(what="events", unit="/s", at_least=10)


def row(name: str, *values: float, error: Exception | None = None, figure: Figure = BAR, reference: float = 1.0) -> Row:
    """Return a row that brings these readings, a run each, and raises the error at its end."""

    def measure(plan: Plan) -> Iterator[Mapping[str, Reading]]:
        for value in values:
            yield {"rate": Reading(value * plan.share, reference)}
        if error is not None:
            raise error

    return Row(name=name, about=f"about {name}", figures={"rate": figure}, measure=measure)


class Bench:
    """The command in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.kept = folder / "build" / "bench.json"
        self.docs = folder / "docs"

    def __call__(self, *arguments: str, rows: Sequence[Row]) -> int:
        return main(arguments, rows, self.kept, self.docs)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """Give the command."""
    return Bench(tmp_path)


def test_a_bar_that_is_reached_is_shown_and_kept(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    """The page too."""
    assert bench(rows=[row("fast", 11, 12, 13)]) == 0
    told = capsys.readouterr()
    assert "12 (11–13)/s; bar ≥ 10/s: reached" in told.err
    assert "bars not reached: none" in told.out
    assert json.loads(bench.kept.read_text())["rows"][0]["name"] == "fast"
    assert "| fast | events | 12 (11–13)/s |" in (bench.docs / "performance.md").read_text()


def test_a_bar_that_is_not_reached_is_said_and_fails_nothing(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    """A figure is no promise."""
    assert bench(rows=[row("slow", 9)]) == 0
    told = capsys.readouterr()
    assert "NOT reached" in told.err
    assert "bars not reached: slow (rate)" in told.out


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (BrokenPromiseError("2 orders are lost"), "a promise broke: 2 orders are lost"),
        (OSError("[/no] port is free"), "OSError: [/no] port is free"),
    ],
)
def test_a_broken_promise_or_an_error_fails_its_row_and_the_command(
    bench: Bench, capsys: pytest.CaptureFixture[str], error: Exception, reason: str
) -> None:
    """Its readings are void; the rows behind it are measured all the same."""
    assert bench(rows=[row("broken", 99, error=error), row("fast", 11)]) == 1
    told = capsys.readouterr()
    assert f"broken (0 s): FAILED, {reason}" in told.err
    assert "failed: broken" in told.out
    kept = json.loads(bench.kept.read_text())["rows"]
    assert [(each["failed"], len(each["results"])) for each in kept] == [(reason, 0), ("", 1)]


def test_a_server_that_the_machine_lacks_fails_the_row_that_needs_it(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    """What pytest would skip is no reason to end the command."""

    def measure(plan: Plan) -> Iterator[Mapping[str, Reading]]:
        yield {"rate": Reading(11 * plan.runs)}
        pytest.skip("redis-server is not on PATH")

    lacking = Row(name="lacking", about="-", figures={"rate": BAR}, measure=measure)
    assert bench(rows=[lacking, row("fast", 11)]) == 1
    assert "redis-server is not on PATH" in capsys.readouterr().err


@pytest.mark.parametrize(("values", "reason"), [((), "it brought no readings"), ((1.0,), "it has no figure rate")])
def test_a_row_must_bring_its_own_figures(
    bench: Bench, capsys: pytest.CaptureFixture[str], values: Sequence[float], reason: str
) -> None:
    """One that brings none, or others, has failed."""
    nameless = Row(name="odd", about="-", figures={}, measure=row("", *values).measure)
    assert bench(rows=[nameless]) == 1
    assert reason in capsys.readouterr().err


def test_a_run_beside_a_bare_celery_that_is_too_slow_is_shown_as_void(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither reached nor missed, whatever its ratio."""
    figure = Figure(what="events", unit="/s", against=BARE, at_least=2)
    assert bench(rows=[row("busy", 9_000, figure=figure, reference=799)]) == 0
    told = capsys.readouterr()
    assert "void, bare Celery was too slow: busy" in told.out
    assert "bars not reached: none" in told.out
    assert "| void |" in (bench.docs / "performance.md").read_text()


@pytest.mark.parametrize("arguments", [("fast",), ("--quick",)])
def test_only_a_whole_run_is_kept(bench: Bench, arguments: Sequence[str]) -> None:
    """Rows that are named, and quick ones, say too little."""
    assert bench(*arguments, rows=[row("fast", 11), row("slow", 9)]) == 0
    assert not bench.kept.exists()
    assert not bench.docs.exists()


def test_what_was_measured_is_written_where_it_is_asked_for(bench: Bench, tmp_path: Path) -> None:
    """Of any run."""
    file = tmp_path / "mine.json"
    assert bench("fast", "--quick", "--runs", "1", "--json", str(file), rows=[row("fast", 110), row("slow", 9)]) == 0
    kept = json.loads(file.read_text())
    assert (kept["runs"], kept["share"]) == (1, 0.1)
    assert kept["rows"][0]["results"]["rate"]["readings"] == [[11.0, 1.0]]


def test_named_rows_can_take_the_place_of_what_was_kept(bench: Bench) -> None:
    """In their place, and the page says when."""
    bench(rows=[row("fast", 11), row("slow", 9)])
    assert bench("fast", "--keep", rows=[row("fast", 15), row("slow", 1)]) == 0
    kept = json.loads(bench.kept.read_text())
    assert [(each["name"], each["results"]["rate"]["readings"][0][0]) for each in kept["rows"]] == [
        ("fast", 15.0), ("slow", 9.0),
    ]  # fmt: skip
    page = (bench.docs / "performance.md").read_text()
    assert "in place of what it showed: fast (commit " in page


@pytest.mark.parametrize("arguments", [("none",), ("--runs", "0"), ("--keep",), ("fast", "--keep")])
def test_what_makes_no_sense_is_refused(bench: Bench, arguments: Sequence[str]) -> None:
    """A row that there is not, no run at all, and nothing that could be replaced."""
    with pytest.raises(SystemExit) as ended:
        bench(*arguments, rows=[row("fast", 11)])
    assert ended.value.code == 2
