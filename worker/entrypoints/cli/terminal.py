"""The terminal: what may move on it, and what may be coloured. Elsewhere, and where NO_COLOR says so, text is plain."""

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text


def console(*, stderr: bool = False) -> Console:
    """Return a console of the terminal's width, without a single escape where no colours are wanted or possible."""
    made = Console(stderr=stderr)
    if made.is_dumb_terminal:  # rich takes it for 80 columns wide
        width, height = shutil.get_terminal_size()
        return Console(stderr=stderr, color_system=None, width=width, height=height)
    return Console(stderr=stderr, color_system=None) if made.no_color else made


def moving(*, stderr: bool = True) -> Console | None:
    """Return standard error (or output) if pictures may move there: a terminal that obeys, whose user wants them."""
    if not (sys.stderr if stderr else sys.stdout).isatty():
        return None
    found = console(stderr=stderr)
    return None if found.is_dumb_terminal or found.no_color else found


@dataclass(frozen=True, slots=True)
class Shown:
    """What a person sees while something takes its time: `advance` moves it, `say` prints a line beside it."""

    advance: Callable[[], None]
    say: Callable[[str], None]


def silent() -> Shown:
    """Return what moves nothing, and says its lines on standard error."""
    return Shown(lambda: None, complain)


@contextmanager
def showing(words: str, total: int | None = None, *, still: bool = False) -> Iterator[Shown]:
    """Show on a terminal that something goes on, and how far of `total`; elsewhere, or `still`, only say lines."""
    errors = None if still else moving()
    if errors is None:
        yield silent()
        return
    columns: list[ProgressColumn] = [SpinnerColumn(), TextColumn("{task.description}", markup=False)]
    if total is not None:
        columns += [BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()]
    # Standard output may be a file, which is not to lose a line to the terminal.
    with Progress(*columns, console=errors, transient=True, redirect_stdout=False) as progress:
        task = progress.add_task(words, total=total)
        yield Shown(
            lambda: progress.advance(task),
            lambda line: errors.print(Text(printable(line))),
        )


def tell(line: str) -> None:
    """Print a line on standard output; a terminal breaks it between words."""
    if sys.stdout.isatty():
        console().print(Text(printable(line)))
    else:
        typer.echo(printable(line))


def complain(line: str) -> None:
    """Print a line on standard error; a terminal breaks it between words."""
    if sys.stderr.isatty():
        console(stderr=True).print(Text(printable(line)))
    else:
        typer.echo(printable(line), err=True)


def printable(text: str) -> str:
    """Return a text with what could steer a terminal made visible: events and lists come from strangers."""
    return text if text.isprintable() else "".join(map(_visible, text))


def _visible(char: str) -> str:
    return char if char.isprintable() or char == "\n" else ascii(char)[1:-1]
