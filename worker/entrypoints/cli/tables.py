"""Tables and fields for people: coloured and fitted on a terminal; in a pipe plain, whole and without an escape."""

import sys
from collections.abc import Mapping, Sequence

import typer
from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

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


def show_table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, folded: str, heading: int = 1) -> None:
    """Print a table; on a narrow terminal the column `folded` wraps, on a narrower one each row becomes a few lines.

    The first cells of a row, `heading` of them, are the heading of its lines.
    """
    if not sys.stdout.isatty():
        for line in plain_lines([columns, *rows]):
            typer.echo(line)
        return
    console = Console()
    table = fitted_table(columns, rows, folded, console.width)
    if table is not None:
        console.print(table)
        return
    for row in rows:
        console.print(Text("  ".join(row[:heading]), style="bold"))
        fields = list(zip(columns, row, strict=True))[heading:]
        show_fields([(name, cell) for name, cell in fields if cell])


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
    Console().print(grid)


def plain_lines(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows as lines with their columns aligned; what would break a line is a blank."""
    cells = [[" ".join(cell.split()) for cell in row] for row in rows]
    widths = [max(cell_len(cell) for cell in column) for column in zip(*cells, strict=True)]
    return [
        "".join(_padded(cell, width + _GAP) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells
    ]


def fitted_table(
    columns: Sequence[str], rows: Sequence[Sequence[str]], folded: str, width: int, *, cut: bool = False
) -> Table | None:
    """Return the table for a terminal of this width, None if it would be unreadable; `cut`: a line a row."""
    widths = {
        name: max(cell_len(cell) for cell in column) for name, *column in zip(columns, columns, *rows, strict=True)
    }
    room = width - (sum(widths.values()) - widths[folded] + (_GAP + 1) * len(columns))
    if room < min(_LEAST_FOLDED, widths[folded]):
        return None
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in columns:
        table.add_column(name, no_wrap=name != folded, overflow="fold")
    for row in rows:
        texts = [_styled(cell) for cell in row]
        if cut:
            texts[columns.index(folded)].truncate(room, overflow="ellipsis")
        table.add_row(*texts)
    return table


def _styled(cell: str) -> Text:
    return Text(cell, style=STYLES.get(cell, ""))


def _padded(cell: str, width: int) -> str:
    return cell + " " * (width - cell_len(cell))
