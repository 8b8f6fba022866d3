"""docs/reliability.md from the suite's JSON."""

import json
import platform
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from tests.faults.outcome import Broken, Row
from tests.fixtures.running_parts import ROOT

_HEAD = """# What failures do to the four promises

Written by `make faults` from what it saw; do not edit. Each row is a failure that was made to happen to real processes:
a real Redis, real Celery workers, a simulated SkyHub over HTTP that counts by itself what it accepted.

**lost**: complete Direct orders that SkyHub never accepted. **early**: accepted before the last invoice. **twice**:
accepted more than once. **Correios**: accepted though Direct does not carry it. **landed**: faults that struck; a
row where none did has failed. **requesting**: orders whose request was on its way when they struck. **recovery**: the
longest time from the end of a fault until everything was settled, with the suite's short settings (leases of seconds).
"""
_COLUMNS = (
    "failure", "how it is made", "orders", "landed", "requesting", "lost", "early", "twice", "Correios", "recovery",
)  # fmt: skip


def keep(
    file: Path, rows: Mapping[str, Sequence[Row]], *, seed: int, seconds: float, failed: Sequence[str], whole: bool
) -> None:
    """Write what a whole run came to, by scenario; of another run, what takes the place of its scenarios' rows."""
    this = {
        "seed": seed,
        "commit": _commit(),
        "at": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "seconds": round(seconds),
    }
    if whole:
        kept: dict[str, Any] = {**this, "python": platform.python_version(), "failed": [], "again": [], "rows": {}}
    else:
        kept = json.loads(file.read_text())
        kept["again"].append({**this, "scenarios": list(rows)})
    kept["failed"] = [*(name for name in kept["failed"] if name not in rows), *failed]
    kept["rows"] |= {name: [row.as_json() for row in its] for name, its in rows.items()}
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(kept, indent=1))


def page(kept: Mapping[str, Any]) -> str:
    """Return docs/reliability.md."""
    rows = [Row.from_json(row) for its in kept["rows"].values() for row in its]
    about = (
        f"Commit {kept['commit']}, {kept['at']}, seed {kept['seed']}, Python {kept['python']}, {len(rows)} failures,"
        f" {sum(row.runs for row in rows):,} runs in {kept['seconds']} s."
    )
    again = [
        f"\nRun again since, in place of what it showed: {', '.join(each['scenarios'])} (commit {each['commit']},"
        f" {each['at']}, seed {each['seed']}, {each['seconds']} s)."
        for each in kept["again"]
    ]
    failed = [f"\nFailed: {', '.join(kept['failed'])}."] if kept["failed"] else []
    parts = [text for name, group in groupby(rows, lambda row: row.part) for text in _part(name, list(group))]
    return "\n".join([_HEAD, about, *again, *failed, *parts]) + "\n"


def line(name: str, rows: Sequence[Row], seconds: float, complaint: str = "") -> str:
    """Return what a person reads when a scenario has ended."""
    if not rows:
        return f"FAILED {name} ({seconds:.0f} s): it brought no rows\n{complaint}"
    landed, broken = sum(row.landed for row in rows), sum((row.broken for row in rows), Broken())
    bad = [f"\n       {row.failure}: {_why(row)}" for row in rows if not row.kept]
    word = "FAILED" if bad else "ok    "
    promises = f"lost {broken.lost}, early {broken.early}, twice {broken.twice}, Correios {broken.correios}"
    return f"{word} {name} ({seconds:.0f} s): {len(rows)} rows, {landed} faults, {promises}{''.join(bad)}"


def _why(row: Row) -> str:
    return f"{row.broken} {row.note}".rstrip() if row.landed else "no fault landed"


def _part(name: str, rows: Sequence[Row]) -> Iterable[str]:
    yield f"\n## {name}\n"
    yield f"| {' | '.join(_COLUMNS)} |"
    yield "|" + "---|" * len(_COLUMNS)
    for row in rows:
        broken = row.broken
        lost = f"{broken.lost}" + (f" ({row.named} shown as `collectable_but_unknown`)" if row.named else "")
        requesting = "-" if row.requesting is None else str(row.requesting)
        recovery = "-" if row.recovery is None else f"{row.recovery:.1f} s"
        cells = [row.failure, row.how, f"{row.orders:,}", f"{row.landed:,}", requesting, lost]
        cells += [str(broken.early), str(broken.twice), str(broken.correios), recovery]
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
    yield from (f"\n{row.failure}: {row.note}" for row in rows if row.note)


def _commit() -> str:
    command = ["git", "describe", "--always", "--dirty", "--abbrev=10"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip() or "unknown"
