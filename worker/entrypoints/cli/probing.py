"""`coleta probe`: the probe's verdict as an exit code and a line."""

import typer

from worker.entrypoints.probe import probe
from worker.ports.processes import Kind


def say(kind: Kind, name: str) -> None:
    """Print what was found; ends the process with 1 where a restart would help."""
    verdict = probe(kind, name)
    typer.echo(" ".join(verdict.said.split()), err=not verdict.well)
    if not verdict.well:
        raise SystemExit(1)
