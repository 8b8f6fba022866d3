"""build/bench.json, and docs/performance.md from it: what was measured, the plots, the capacity plan.

The page's generated part stands between two marks; what people wrote around it stays when the page is written anew.
"""

import json
import os
import platform
import shutil
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.bench import capacity, plots, table
from tests.bench.outcomes import Outcome
from tests.fixtures.running_parts import ROOT

DOCS = ROOT / "docs"
_PAGE = "performance.md"
_BEGIN = "<!-- From here on written by `make bench`; do not edit. -->"
_END = "<!-- Until here written by `make bench`. -->"
_NEW = f"""# How fast it is

{_BEGIN}
{_END}

## What profiles taught
"""
_ABOUT = """\
Each figure is the median of its runs, with the least and the most of them. Its reference was measured beside it, in the
same run; the bar is for the ratio where there is one. A run in which bare Celery took fewer than 800 tasks/s is void.
The four promises were checked in every row. Everything ran on the one machine: the service's processes, Redis with
`appendfsync always`, the simulated SkyHub, and the bench itself."""


def run(outcomes: Sequence[Outcome], *, runs: int, share: float, seconds: float) -> dict[str, Any]:
    """Return what a run came to, as JSON holds it: the machine, the commit, its rows."""
    return {
        "commit": _said("git", "describe", "--always", "--dirty", "--abbrev=10") or "unknown",
        "at": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "machine": machine(),
        "runs": runs,
        "share": share,
        "seconds": round(seconds),
        "again": [],
        "rows": [outcome.as_json() for outcome in outcomes],
    }


def machine() -> dict[str, Any]:
    """Return what it was measured on."""
    return {
        "cores": os.cpu_count(),
        "processor": _processor(),
        "python": platform.python_version(),
        "redis": _redis_version(),
    }


def merged(kept: Mapping[str, Any], this: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a whole run kept, with the rows of a later run in the place of its own, and when that was."""
    new = {row["name"]: row for row in this["rows"]}
    old = [row["name"] for row in kept["rows"]]
    rows = [new.get(row["name"], row) for row in kept["rows"]] + [new[name] for name in new if name not in old]
    again = {name: this[name] for name in ("commit", "at", "runs", "seconds")} | {"names": list(new)}
    return {**kept, "rows": rows, "again": [*kept["again"], again]}


def write(file: Path, kept: Mapping[str, Any]) -> None:
    """Write what was measured."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(kept, indent=1) + "\n")


def write_page(docs: Path, kept: Mapping[str, Any]) -> None:
    """Write docs/performance.md and the plots that it shows."""
    docs.mkdir(parents=True, exist_ok=True)
    outcomes = [Outcome.from_json(row) for row in kept["rows"]]
    drawn = plots.drawn(outcomes)
    for name, svg in drawn.items():
        (docs / name).write_text(svg)
    page = docs / _PAGE
    page.write_text(with_measured(page.read_text() if page.exists() else _NEW, "\n".join(measured(kept, drawn))))


def with_measured(page: str, text: str) -> str:
    """Return the page with this text as its generated part; raises `ValueError` where its marks are gone."""
    before, begin, rest = page.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not begin or not end:
        raise ValueError(f"docs/{_PAGE} lacks the mark {_BEGIN!r} or, after it, {_END!r}")
    return f"{before}{_BEGIN}\n\n{text}\n\n{_END}{after}"


def measured(kept: Mapping[str, Any], drawn: Iterable[str]) -> list[str]:
    """Return the lines of the page that come from what was measured; `drawn` names the plots."""
    outcomes = [Outcome.from_json(row) for row in kept["rows"]]
    on, runs = kept["machine"], kept["runs"]
    processor = f" ({on['processor']})" if on["processor"] else ""
    about = (
        f"Commit {kept['commit']}, {kept['at']}: {on['cores']} cores{processor}, Python {on['python']}, Redis"
        f" {on['redis']}."
        f" Rows: {len(outcomes)}, runs: {runs}, in {kept['seconds']} s."
    )
    again = [
        f"Measured again since, in place of what it showed: {', '.join(each['names'])} (commit {each['commit']},"
        f" {each['at']}, {each['runs']} runs, {each['seconds']} s)."
        for each in kept["again"]
    ]
    parts = [about, *again, _ABOUT, "\n".join(table.markdown(outcomes)), _glossary(outcomes)]
    parts += [f"![{plots.TITLES[name]}]({name})" for name in drawn]
    costs = capacity.costs_of(outcomes, on["cores"])
    parts += ["\n".join(capacity.plan(costs))] if costs is not None else []
    return "\n\n".join(parts).splitlines()


def _glossary(outcomes: Iterable[Outcome]) -> str:
    return "\n".join(f"- **{each.name}**: {each.about}." for each in outcomes)


def _redis_version() -> str:
    if shutil.which("redis-server") is None:
        return "none"
    words = _said("redis-server", "--version").split()
    return next((word.removeprefix("v=") for word in words if word.startswith("v=")), "unknown")


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    named = [line for line in info.read_text().splitlines() if line.startswith("model name")] if info.exists() else []
    return named[0].partition(":")[2].strip() if named else ""


def _said(*command: str) -> str:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
