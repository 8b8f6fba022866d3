"""RabbitMQ in the fault suite, small: it dies once under load. Its storm is only run with the whole suite."""

from pathlib import Path

import pytest

from tests.faults.outcome import Run
from tests.faults.rabbitmq import SCENARIOS


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_broker_that_dies_loses_nothing_that_it_confirmed(tmp_path: Path) -> None:
    """Every event it took is recorded, though it and a worker are killed while messages wait."""
    (deaths,) = [scenario for scenario in SCENARIOS if scenario.name == "rabbitmq-deaths"]

    rows = deaths.perform(Run(folder=tmp_path, seed=5, short=True))

    assert [row for row in rows if not row.kept] == []
    assert len(rows) == 1
