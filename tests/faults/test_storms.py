"""The storms of the fault suite, small: processes die, or are stopped, one after the other under load."""

from pathlib import Path

import pytest

from tests.faults.outcome import Run
from tests.faults.scenarios import Scenario
from tests.faults.storms import SCENARIOS


def _name(scenario: Scenario) -> str:
    return scenario.name


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=_name)
def test_no_promise_breaks_in_a_storm(scenario: Scenario, tmp_path: Path) -> None:
    """Whatever is killed or stopped in the middle of its work: nothing is lost, early, twice, or by Correios."""
    rows = scenario.perform(Run(folder=tmp_path, seed=5, short=True))

    assert [row for row in rows if not row.kept] == []
    assert {row.failure.partition(", ")[2] for row in rows} == {"events over HTTP", "events as Celery tasks"}
