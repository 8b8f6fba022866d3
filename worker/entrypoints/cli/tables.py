"""Tables and fields for people: coloured and fitted on a terminal; in a pipe plain, whole and without an escape."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import typer
from rich import box
from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from worker.entrypoints.cli.terminal import console, printable

STYLES: Mapping[str, str] = {
    "waiting": "yellow",
    "due": "cyan",
    "requesting": "cyan",
    "requested": "green",
    "skipped": "dim",
    "canceled": "dim",
    "failed": "bold red",
}
"""How a status looks; every cell that says one gets it."""

_GAP = 2
# A folded column narrower than this is harder to read than lines of their own.
_LEAST_FOLDED = 16


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table to be shown: on a narrow terminal the columns `folded` wrap."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    folded: tuple[str, ...]


def show_table(
    columns: Sequence[str], rows: Sequence[Sequence[str]], *, folded: tuple[str, ...], heading: int = 1
) -> None:
    """Print a table; on a narrow terminal the columns `folded` wrap, on a narrower one each row becomes a few lines.

    The first cells of a row, `heading` of them, are the heading of its lines.
    """
    show_first_that_fits(Sheet(columns, rows, folded), heading=heading)


def show_first_that_fits(*sheets: Sheet, heading: int = 1) -> None:
    """Print the first of these tables that the terminal is wide enough for, else the last one in lines.

    In a pipe the first one is printed, whole.
    """
    if not sys.stdout.isatty():
        for line in plain_lines([sheets[0].columns, *sheets[0].rows]):
            typer.echo(line)
        return
    screen = console()
    for sheet in sheets:
        table = fitted_table(sheet.columns, sheet.rows, sheet.folded, screen.width)
        if table is not None:
            screen.print(table)
            return
    for row in sheets[-1].rows:
        screen.print(Text(printable("  ".join(row[:heading])), style="bold"))
        fields = list(zip(sheets[-1].columns, row, strict=True))[heading:]
        show_fields([(name, cell) for name, cell in fields if cell])


def print_json_list(values: Iterable[object]) -> None:
    """Print a JSON list, each value when it comes."""
    empty = True
    for value in values:
        text = json.dumps(value, ensure_ascii=False, indent=2).replace("\n", "\n  ")
        typer.echo(f"{'[' if empty else ','}\n  {text}", nl=False)
        empty = False
    typer.echo("[]" if empty else "\n]")


def show_fields(fields: Sequence[tuple[str, str]]) -> None:
    """Print names and values, one a line; on a terminal a long value wraps beside its name."""
    if not sys.stdout.isatty():
        for line in plain_lines(fields):
            typer.echo(line)
        return
    grid = Table.grid(padding=(0, _GAP))
    grid.add_column(style="dim")
    grid.add_column(overflow="fold")
    for name, value in fields:
        grid.add_row(name, _styled(value))
    console().print(grid)


def plain_lines(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows as lines with their columns aligned; what would break a line is a blank."""
    cells = [[printable(" ".join(cell.split())) for cell in row] for row in rows]
    widths = [max(cell_len(cell) for cell in column) for column in zip(*cells, strict=True)]
    return [
        "".join(_padded(cell, width + _GAP) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells
    ]


def fitted_table(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    folded: tuple[str, ...],
    width: int,
    *,
    cut: bool = False,
) -> Table | None:
    """Return the table for a terminal of this width, None if it would be unreadable; `cut`: a line a row."""
    widths = {
        name: max(cell_len(cell) for cell in column) for name, *column in zip(columns, columns, *rows, strict=True)
    }
    room = width - (sum(widths[name] for name in columns if name not in folded) + (_GAP + 1) * len(columns))
    if room < sum(min(_LEAST_FOLDED, widths[name]) for name in folded):
        return None
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for index, name in enumerate(columns):
        counts = all(row[index].isdecimal() for row in rows)
        table.add_column(name, no_wrap=name not in folded, overflow="fold", justify="right" if counts else "left")
    for row in rows:
        texts = [_styled(cell) for cell in row]
        for name in folded if cut else ():
            texts[columns.index(name)].truncate(room // len(folded), overflow="ellipsis")
        table.add_row(*texts)
    return table


def _styled(cell: str) -> Text:
    return Text(printable(cell), style=STYLES.get(cell, ""))


def _padded(cell: str, width: int) -> str:
    return cell + " " * (width - cell_len(cell))
