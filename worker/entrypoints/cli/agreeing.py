"""The question before something is done to several at once."""

import sys

import typer

from worker.entrypoints.cli.terminal import complain

_WRONG_USE = 2


def agree(question: str, *, yes: bool) -> None:
    """Ask on a terminal, and end the process with 1 unless the answer is yes; elsewhere `yes` must have been said."""
    if yes:
        return
    if not sys.stdin.isatty():
        complain(
            f"coleta: {question} Nobody can be asked here: add --yes to do it, or --dry-run to see what it would do"
        )
        raise SystemExit(_WRONG_USE)
    typer.echo(f"{question} [y/N] ", nl=False, err=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        complain("nothing was changed")
        raise SystemExit(1)
