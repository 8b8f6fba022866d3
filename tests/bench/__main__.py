"""`python -m tests.bench`: measure every row, or those that are named, and hold each figure against its bar.

A whole run is kept as build/bench.json, and docs/performance.md is written from it; with `--keep`, rows that are named
take the place of what the last whole run kept of them. Exits with 1 if a promise broke or a row failed. A bar that is
not reached is said, and fails nothing.
"""

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path

import pytest
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from tests.bench import report, table
from tests.bench.figures import BrokenPromiseError, Reading
from tests.bench.outcomes import Outcome, Reached, missed, reached
from tests.bench.rows import Plan, Row
from tests.fixtures.running_parts import ROOT
from worker.entrypoints.cli.terminal import console, moving

_JSON = ROOT / "build" / "bench.json"
_RUNS = 5
# A look at whether all still works: too few runs, too little work to say how fast.
_QUICK_RUNS, _QUICK_SHARE = 2, 0.1
_PLAIN_WIDTH = 220


def main(
    arguments: Sequence[str] | None = None,
    rows: Sequence[Row] = table.ROWS,
    kept: Path = _JSON,
    docs: Path = report.DOCS,
) -> int:
    """Measure what the command line asks for, of these rows; return the exit code."""
    known = table.known(rows)
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(known)}; none: all of them")
    parser.add_argument("--quick", action="store_true", help="a tenth of the work, two runs: whether it works")
    parser.add_argument("--runs", type=int, metavar="N", help=f"readings a figure; {_RUNS} if nothing is said")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write what was measured there, whatever was run")
    parser.add_argument("--keep", action="store_true", help="let named rows replace what the last whole run kept")
    options = parser.parse_args(arguments)
    if unknown := [name for name in options.names if name not in known]:
        parser.error(f"no row {', '.join(unknown)}; there are {', '.join(known)}")
    if options.runs is not None and options.runs < 1:
        parser.error("--runs takes 1 or more")
    if options.keep and (options.quick or not options.names or not kept.exists()):
        parser.error("--keep needs the names of rows, all of their work, and what a whole run kept before")
    runs = options.runs or (_QUICK_RUNS if options.quick else _RUNS)
    share = _QUICK_SHARE if options.quick else 1.0
    begun = time.monotonic()
    outcomes = _all([known[name] for name in options.names or known], runs, share)
    seconds = time.monotonic() - begun
    this = report.run(outcomes, runs=runs, share=share, seconds=seconds)
    if options.json is not None:
        report.write(options.json, this)
    if options.keep:
        this = report.merged(json.loads(kept.read_text()), this)
    if options.keep or not (options.names or options.quick):
        report.write(kept, this)
        report.write_page(docs, this)
    _tell(outcomes, seconds)
    return 1 if any(each.failed for each in outcomes) else 0


def _all(chosen: Sequence[Row], runs: int, share: float) -> list[Outcome]:
    """Measure one row after the other; show how far it is, and say what each brought."""
    screen = moving()
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    bar = Progress(*columns, console=screen, transient=True) if screen is not None else None
    outcomes: list[Outcome] = []
    with bar if bar is not None else nullcontext():
        task = bar.add_task("", total=len(chosen)) if bar is not None else None
        for row in chosen:
            if bar is not None and task is not None:
                bar.update(task, description=row.name)
            outcomes.append(measured(row, runs, share))
            _say(outcomes[-1], screen)
            if bar is not None and task is not None:
                bar.advance(task)
    return outcomes


def measured(row: Row, runs: int, share: float, clock: Callable[[], float] = time.monotonic) -> Outcome:
    """Measure one row; what it raises is its outcome, and the others go on."""
    readings: dict[str, list[Reading]] = {}
    begun, failed = clock(), ""
    folder = Path(tempfile.mkdtemp(prefix=f"bench-{row.name}-"))
    try:
        for each in row.measure(Plan(folder=folder / row.name, runs=runs, share=share)):
            _collect(row, readings, each)
        if not readings:
            failed = "it brought no readings"
    except BrokenPromiseError as error:
        failed = f"a promise broke: {error}"
    except (Exception, pytest.skip.Exception, pytest.fail.Exception) as error:  # noqa: BLE001 - told as the row's outcome
        failed = f"{type(error).__name__}: {error}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return Outcome.of(row, readings, clock() - begun, failed)


def _collect(row: Row, readings: dict[str, list[Reading]], each: Mapping[str, Reading]) -> None:
    if strange := each.keys() - row.figures.keys():
        raise ValueError(f"it has no figure {', '.join(sorted(strange))}")
    for name, reading in each.items():
        readings.setdefault(name, []).append(reading)


def _say(outcome: Outcome, screen: Console | None) -> None:
    """Say what a row brought as soon as it has, on standard error."""
    head = f"{outcome.name} ({outcome.seconds:.0f} s)"
    told = [f"{head}: FAILED, {outcome.failed}"] if outcome.failed else [head]
    told += [f"    {table.sentence(result)}" for result in outcome.results.values()]
    if screen is None:
        print("\n".join(told), file=sys.stderr, flush=True)
    else:
        screen.print(Text("\n".join(told)))


def _tell(outcomes: Sequence[Outcome], seconds: float) -> None:
    """Show the table on standard output, and in words what did not go as it should."""
    shown = console() if sys.stdout.isatty() else Console(color_system=None, width=_PLAIN_WIDTH)
    shown.print(table.rich_table(outcomes))
    void = [each.name for each in outcomes if any(reached(result) is Reached.VOID for result in each.results.values())]
    said = {
        "failed": [each.name for each in outcomes if each.failed],
        "bars not reached": [f"{each.name} ({', '.join(missed(each))})" for each in outcomes if missed(each)],
        "void, bare Celery was too slow": void,
    }
    print(f"{len(outcomes)} rows in {seconds:.0f} s", flush=True)
    for what, names in said.items():
        print(f"{what}: {'; '.join(names) or 'none'}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
