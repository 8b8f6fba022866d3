"""`python -m tests.faults`: every failure, three at a time; writes what came of them as JSON, and docs/reliability.md.

Exits with 1 if a promise broke, or a fault did not land. Where scenarios are named, only these are run, and with
`--keep` their rows take the place of those that the last whole run brought.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.faults import report
from tests.faults.outcome import Row, Run
from tests.faults.scenarios import Scenario, scenarios
from tests.fixtures.running_parts import ROOT
from tests.fixtures.terminal import hear_signals

_REPORT = ROOT / "docs" / "reliability.md"
_JSON = ROOT / "build" / "faults.json"
_MOST_SECONDS = 900.0


@dataclass(frozen=True, slots=True)
class Ended:
    """What a scenario's process came to; `complaint` is what it said if it brought no rows."""

    name: str
    rows: list[Row]
    seconds: float
    complaint: str = ""

    @property
    def kept(self) -> bool:
        """Whether it brought rows, each of which kept the promises."""
        return bool(self.rows) and all(row.kept for row in self.rows)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the command line asks for; return the exit code."""
    hear_signals()
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=(__doc__ or "").partition("\n")[0])
    known = {scenario.name: scenario for scenario in scenarios()}
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(known)}; none: all of them")
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))  # noqa: S311 - printed, to run it again
    parser.add_argument("--keep", action="store_true", help="let named scenarios replace what the last whole run kept")
    parser.add_argument("--short", action="store_true", help="the cut that `make test` runs")
    parser.add_argument("--side-by-side", type=int, default=3, metavar="N", help="most of a scenario is waiting")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    unknown = [name for name in options.names if name not in known]
    if unknown:
        parser.error(f"no scenario {', '.join(unknown)}; there are {', '.join(known)}")
    if options.keep and not (options.names and _JSON.exists()):
        parser.error("--keep needs the names of scenarios, and what a whole run kept before")
    if options.one:
        return _one(known[options.names[0]], options.seed, short=options.short)
    print(f"seed {options.seed}", flush=True)
    begun = time.monotonic()
    ended = _all([known[name] for name in options.names or known], options.seed, options.side_by_side, options.short)
    seconds = time.monotonic() - begun
    failed = [each.name for each in ended if not each.kept]
    print(f"{len(ended)} scenarios in {seconds:.0f} s; failed: {', '.join(failed) or 'none'}", flush=True)
    whole = not options.names and not options.short
    if whole or options.keep:
        rows = {each.name: each.rows for each in ended}
        report.keep(_JSON, rows, seed=options.seed, seconds=seconds, failed=failed, whole=whole)
        _REPORT.write_text(report.page(json.loads(_JSON.read_text())))
    return 1 if failed else 0


def _all(chosen: Sequence[Scenario], seed: int, side_by_side: int, short: bool) -> list[Ended]:  # noqa: FBT001
    """Run each in a process of its own, the longest first; return what came of them in their own order."""
    by_length = sorted(chosen, key=lambda scenario: -scenario.seconds)
    with ThreadPoolExecutor(side_by_side) as pool:
        ended = dict(zip(by_length, pool.map(lambda scenario: _apart(scenario, seed, short), by_length), strict=True))
    return [ended[scenario] for scenario in chosen]


def _apart(scenario: Scenario, seed: int, short: bool) -> Ended:  # noqa: FBT001
    command = [sys.executable, "-m", "tests.faults", "--one", "--seed", str(seed), scenario.name]
    begun = time.monotonic()
    try:
        process = subprocess.run(
            [*command, *(["--short"] if short else [])],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=_MOST_SECONDS,
            check=False,
        )
        text, complaint = process.stdout, process.stderr
    except subprocess.TimeoutExpired:
        text, complaint = "", f"it did not end within {_MOST_SECONDS:g} s"
    seconds = time.monotonic() - begun
    rows = [Row.from_json(json.loads(line)) for line in text.splitlines() if line.startswith("{")]
    ended = Ended(scenario.name, rows, seconds, complaint if not rows else "")
    print(report.line(ended.name, rows, seconds, ended.complaint), flush=True)
    return ended


def _one(scenario: Scenario, seed: int, *, short: bool) -> int:
    """Run one in this very process: a row a line of JSON."""
    with tempfile.TemporaryDirectory(prefix=f"faults-{scenario.name}-") as folder:
        for row in scenario.perform(Run(folder=Path(folder), seed=seed, short=short)):
            print(json.dumps(row.as_json()), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
