from contextlib import nullcontext
from pathlib import Path

import pytest

from tests.faults.model import SCENARIOS, explore, told
from tests.faults.model_sabotage import SABOTAGES, TOLD, Sabotage
from tests.faults.outcome import Run
from tests.faults.scenarios import Scenario

# More than any guard needs to be missed; each stops at the first story.
MOST_RUNS = 1_500


@pytest.mark.slow
@pytest.mark.timeout(600)  # two thousand runs on a busy machine
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_the_promises_hold_whatever_happens(scenario: Scenario, tmp_path: Path) -> None:
    """Never early, never twice, never lost, never Correios: in thousands of stores where all that can go wrong does."""
    for row in scenario.perform(Run(folder=tmp_path, seed=1, short=True)):
        assert row.kept, row.note


@pytest.mark.timeout(600)
@pytest.mark.parametrize("sabotage", SABOTAGES.values(), ids=SABOTAGES)
def test_a_guard_that_is_missing_is_missed(sabotage: Sabotage) -> None:
    """With a guard of the promises taken out, the model finds a story in which one of them breaks."""
    with sabotage.take_out():
        tally, broken = explore(MOST_RUNS, 1, shrink=False, moves=sabotage.moves, fixed=sabotage.fixed)
    assert broken is not None, f"not missed in {tally.runs} runs"
    assert broken.promise in sabotage.promises, str(broken)


def test_the_same_chances_tell_the_same_story() -> None:
    """A story can be told again: by its number alone, each run happens as it did, in every call."""
    sabotage = SABOTAGES["the lists are believed at once"]
    with sabotage.take_out():
        stories = [
            str(explore(MOST_RUNS, 2, shrink=False, moves=sabotage.moves, fixed=sabotage.fixed)[1]) for _ in range(2)
        ]
    assert stories[0] == stories[1]


@pytest.mark.parametrize("sabotage", TOLD.values(), ids=TOLD)
@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "unguarded"])
def test_a_story_that_only_its_guard_ends_well(sabotage: Sabotage, *, guarded: bool) -> None:
    """What chance finds rarely is told: the promise holds with its guard, and breaks without it."""
    with nullcontext() if guarded else sabotage.take_out():
        broken = told(sabotage.story, sabotage.fixed)
    assert broken in (("",) if guarded else sabotage.promises)
