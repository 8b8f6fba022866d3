"""The short cut of Redis dying under load; tests/faults/redis_deaths.py has the rest."""

from pathlib import Path

import pytest

from tests.faults.outcome import Run
from tests.faults.redis_deaths import SCENARIOS


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_inbox_is_back_soon_after_redis(tmp_path: Path) -> None:
    """Events are recorded within 15 s of its return, and requested once, after the quarantine."""
    (scenario,) = SCENARIOS
    rows = scenario.perform(Run(folder=tmp_path, seed=5))
    assert [row for row in rows if not row.kept] == []
    assert len(rows) == 1
