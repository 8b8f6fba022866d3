"""The short cut of what Redis may do to the service; tests/faults/redis_trouble.py has the rest."""

from pathlib import Path

import pytest

from tests.faults.outcome import Run
from tests.faults.redis_trouble import shortly


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_whatever_redis_does_no_promise_breaks(tmp_path: Path) -> None:
    """It forgets a second, stops, is full: none early, twice or Correios, and no loss that is not shown."""
    rows = shortly(Run(folder=tmp_path, seed=7))
    assert [row for row in rows if not row.kept] == []
    assert len(rows) == 3
