"""The short cut of poison in the broker; tests/faults/poison.py has the rest."""

from pathlib import Path

import pytest

from tests.faults.outcome import Run
from tests.faults.poison import SCENARIOS


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_whatever_lies_in_a_list_no_worker_dies_and_nothing_is_lost(tmp_path: Path) -> None:
    """Every malformed shape is kept as rejected, and what came through the doors meanwhile is requested once."""
    (scenario,) = SCENARIOS
    rows = scenario.perform(Run(folder=tmp_path, seed=4))
    assert [row for row in rows if not row.kept] == []
    assert len(rows) == 3
