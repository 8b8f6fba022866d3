"""All rows of the bench, and its table: a line a figure, the same on a terminal, in plain text and in Markdown."""

from collections.abc import Iterable, Iterator

from rich.table import Table
from rich.text import Text

from tests.bench import backlog, costs, doors, drain, http_doors, pickups, raw, reads, size, start, sweeps
from tests.bench.figures import Figure, Result, Spread
from tests.bench.outcomes import Outcome, held, reached, void_runs
from tests.bench.rows import Row

_MODULES = (drain, doors, http_doors, pickups, size, backlog, start, raw, sweeps, costs, reads)
ROWS: tuple[Row, ...] = tuple(row for module in _MODULES for row in module.ROWS)
COLUMNS = ("row", "what", "measured", "reference", "ratio", "bar", "reached")

_FULL = 100
_WHOLE = 10


def known(rows: Iterable[Row] = ROWS) -> dict[str, Row]:
    """Return the rows by name; raises `ValueError` where two have the same."""
    named: dict[str, Row] = {}
    for row in rows:
        if row.name in named:
            raise ValueError(f"two rows are called {row.name}")
        named[row.name] = row
    return named


def lines(outcomes: Iterable[Outcome]) -> Iterator[tuple[str, ...]]:
    """Give the table's lines, a cell a column; a row that failed has one, with its reason's first line."""
    for outcome in outcomes:
        if outcome.failed:
            yield (outcome.name, outcome.failed.partition("\n")[0], "", "", "", "", "failed")
        for result in outcome.results.values():
            yield (outcome.name, *_cells(result))


def rich_table(outcomes: Iterable[Outcome]) -> Table:
    """Return the table as a terminal shows it."""
    table = Table(*COLUMNS)
    for cells in lines(outcomes):
        table.add_row(*map(Text, cells))  # a reason may look like markup
    return table


def markdown(outcomes: Iterable[Outcome]) -> list[str]:
    """Return the table as lines of Markdown."""
    rows = [COLUMNS, ("---",) * len(COLUMNS), *lines(outcomes)]
    return ["| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |" for cells in rows]


def sentence(result: Result) -> str:
    """Return one figure in a line, for where no table is."""
    what, measured, reference, ratio, bar, verdict = _cells(result)
    against = f", {ratio} against {reference}" if ratio else ""
    held_to = f"; bar {bar}: {_WORDS[verdict]}" if bar else ""
    return f"{what} {measured}{against}{held_to}"


_WORDS = {"yes": "reached", "no": "NOT reached", "void": "void, the machine was too busy", "": ""}


def _cells(result: Result) -> tuple[str, ...]:
    """Return what stands behind a row's name."""
    figure, counted = result.figure, held(result)
    void = void_runs(result)
    shown = counted if counted.readings else result
    reference = f"{figure.against}: {number(shown.reference.middle)}{_unit(figure)}" if figure.against else ""
    ratio = f"{_spread(shown.ratio)} ×" if figure.against else ""
    if void:
        ratio += f", {void} of {len(result.readings)} void"
    return (figure.what, f"{_spread(result.measured)}{_unit(figure)}", reference, ratio, bar(figure), reached(result))


def bar(figure: Figure) -> str:
    """Return what a figure must reach."""
    unit = " ×" if figure.against else _unit(figure)
    if figure.at_least is not None:
        return f"≥ {number(figure.at_least)}{unit}"
    return f"≤ {number(figure.at_most)}{unit}" if figure.at_most is not None else ""


def number(value: float) -> str:
    """Return a number as a person reads it: three digits that say something."""
    if abs(value) >= _FULL or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= _WHOLE else f"{value:.3g}"


def _spread(spread: Spread) -> str:
    middle = number(spread.middle)
    return middle if spread.least == spread.most else f"{middle} ({number(spread.least)}–{number(spread.most)})"


def _unit(figure: Figure) -> str:
    """Return the unit as it follows a number: `/s` and `%` stand close to it."""
    return figure.unit if figure.unit.startswith(("/", "%")) or not figure.unit else f" {figure.unit}"
