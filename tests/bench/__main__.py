"""`python -m tests.bench`: measure the rows that are named, all without a name."""

import sys
import tempfile
from pathlib import Path

from tests.bench import doors, drain, http_doors, size
from tests.bench.rows import Plan

_ROWS = {row.name: row for module in (drain, doors, http_doors, size) for row in module.ROWS}


def main() -> int:
    """Measure; return the exit code."""
    for name in sys.argv[1:]:
        with tempfile.TemporaryDirectory() as folder:
            for readings in _ROWS[name].measure(Plan(folder=Path(folder) / name, runs=3)):
                for figure, reading in readings.items():
                    print(
                        name, figure, round(reading.value), round(reading.reference), f"{reading.ratio:.2f}", flush=True
                    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
