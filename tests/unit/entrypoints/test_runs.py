"""Runs of drains are counted where they run."""

from collections.abc import Mapping

import fakeredis
import pytest

from config.settings import load_settings
from worker.bootstrap import build
from worker.entrypoints import process, runs
from worker.ports import Drain


@pytest.fixture(autouse=True)
def gathered(monkeypatch: pytest.MonkeyPatch) -> Mapping[str, int]:
    """Give what this process counts of no store."""
    service = build(load_settings({}), {}, redis=fakeredis.FakeRedis(decode_responses=True))
    monkeypatch.setattr(process, "service", lambda: service)
    return service.tally._gathered[""]


@pytest.mark.parametrize("rested", [False, True])
def test_a_run_is_counted_by_its_end(gathered: Mapping[str, int], *, rested: bool) -> None:
    """With the time that it took."""
    with runs.counted(Drain.PICKUPS) as run:
        run.rested = rested
    assert set(gathered) == {f"drain:pickups:{'rested' if rested else 'done'}", "drain_ms:pickups"}


def test_a_run_that_breaks_is_counted_as_failed(gathered: Mapping[str, int]) -> None:
    """Whatever broke goes on its way."""
    with pytest.raises(ValueError, match="broken"), runs.counted(Drain.LEARN):
        raise ValueError("broken")
    assert gathered["drain:learn:failed"] == 1


def test_runs_are_added_up(gathered: Mapping[str, int]) -> None:
    """Each under its own name."""
    for name in (Drain.INBOX, Drain.INBOX, runs.SWEEP):
        with runs.counted(name):
            pass
    assert gathered["drain:inbox:done"] == 2
    assert gathered["drain:sweep:done"] == 1
