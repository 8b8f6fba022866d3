"""What the bench calls measured, reached and void."""

import json
from collections.abc import Sequence

import pytest

from tests.bench import table
from tests.bench.bare import LEAST_RATE
from tests.bench.figures import Figure, Reading, Result, Spread
from tests.bench.outcomes import BARE, Outcome, Reached, missed, reached, void_runs

FAST = 2 * LEAST_RATE
SLOW = LEAST_RATE / 2


def result(readings: Sequence[Reading], **bar: float) -> Result:
    """Return readings of a figure against bare Celery."""
    return Result(Figure(what="events", unit="/s", against=BARE, **bar), readings)


def test_a_spread_has_the_median_in_its_middle() -> None:
    """However its numbers come."""
    assert Spread.of([3.0, 1.0, 10.0]) == Spread(1.0, 3.0, 10.0)
    assert Spread.of([4.0]) == Spread(4.0, 4.0, 4.0)


def test_a_ratio_is_taken_run_by_run() -> None:
    """A run that was slow as a whole has the ratio of a fast one."""
    found = result([Reading(10 * FAST, FAST), Reading(40 * FAST, 4 * FAST), Reading(30 * FAST, 3 * FAST)])
    assert found.ratio == Spread(10.0, 10.0, 10.0)


@pytest.mark.parametrize(("bar", "verdict"), [(9.0, Reached.YES), (10.0, Reached.YES), (11.0, Reached.NO)])
def test_the_median_of_the_ratios_is_held_against_the_bar(bar: float, verdict: Reached) -> None:
    """What is exactly as much is enough."""
    readings = [Reading(times * FAST, FAST) for times in (10.0, 1.0, 100.0)]
    assert reached(result(readings, at_least=bar)) is verdict


def test_without_a_reference_the_readings_themselves_are_held_against_the_bar() -> None:
    """And without a bar nothing is."""
    readings = [Reading(1.4), Reading(1.6), Reading(1.3)]
    assert reached(Result(Figure(what="start", unit="s", at_most=1.5), readings)) is Reached.YES
    assert reached(Result(Figure(what="start", unit="s", at_most=1.3), readings)) is Reached.NO
    assert reached(Result(Figure(what="start", unit="s"), readings)) is Reached.NONE


def test_a_run_in_which_bare_celery_was_too_slow_does_not_count() -> None:
    """Its ratio would flatter."""
    flattered = Reading(100 * SLOW, SLOW)
    found = result([flattered, Reading(2 * FAST, FAST), Reading(2 * FAST, FAST)], at_least=12)
    assert void_runs(found) == 1
    assert reached(found) is Reached.NO
    assert "1 of 3 void" in table.sentence(found)
    assert "2 ×" in table.sentence(found)


@pytest.mark.parametrize("count", [1, 2])
def test_a_figure_is_void_unless_most_of_its_runs_count(count: int) -> None:
    """One that has none, too."""
    found = result([Reading(100 * SLOW, SLOW)] * count + [Reading(2 * FAST, FAST)] * (count - 1), at_least=1)
    assert reached(found) is Reached.VOID
    assert "void, the machine was too busy" in table.sentence(found)


def test_no_other_reference_makes_a_run_void() -> None:
    """Only bare Celery tells how busy the machine is."""
    figure = Figure(what="events", unit="/s", against="one worker", at_least=1.6)
    assert reached(Result(figure, [Reading(18.0, 10.0)])) is Reached.YES


def test_json_holds_all_of_an_outcome() -> None:
    """Nothing is lost between a run and the page."""
    outcome = Outcome(
        name="drain", about="events", seconds=3.0, results={"rate": result([Reading(2.5, 2.0)], at_least=2)}
    )
    assert Outcome.from_json(json.loads(json.dumps(outcome.as_json()))) == outcome
    failed = Outcome(name="send", about="events", failed="no server")
    assert Outcome.from_json(json.loads(json.dumps(failed.as_json()))) == failed


def test_the_table_has_a_line_a_figure() -> None:
    """With its unit, its spread, its reference, its bar; and one a row that failed."""
    readings = [Reading(9_000.0, 1_000.0), Reading(11_000.0, 1_000.0), Reading(10_000.0, 1_000.0)]
    outcome = Outcome(name="drain", about="-", results={"rate": result(readings, at_least=12)})
    failed = Outcome(name="send", about="-", failed="a | b\nc")
    assert list(table.lines([outcome, failed])) == [
        ("drain", "events", "10,000 (9,000–11,000)/s", "bare Celery: 1,000/s", "10 (9–11) ×", "≥ 12 ×", "no"),
        ("send", "a | b", "", "", "", "", "failed"),
    ]
    assert missed(outcome) == ["rate"]
    assert table.markdown([failed])[-1] == "| send | a \\| b |  |  |  |  | failed |"


@pytest.mark.parametrize(
    ("value", "text"),
    [(1234.5, "1,234"), (100.4, "100"), (12.34, "12.3"), (1.285, "1.28"), (0.189, "0.189"), (12.0, "12")],
)
def test_a_number_has_three_digits_that_say_something(value: float, text: str) -> None:
    """More of them would pretend."""
    assert table.number(value) == text


def test_every_row_has_a_name_of_its_own() -> None:
    """It is what the command line and the JSON know it by."""
    assert list(table.known()) == [row.name for row in table.ROWS]
    with pytest.raises(ValueError, match="two rows are called drain"):
        table.known([table.ROWS[0], table.ROWS[0]])
