"""Runs of drains are counted by what Celery tells of them."""

from collections.abc import Mapping
from types import SimpleNamespace

import fakeredis
import pytest
from celery import states

from config.celeryconfig import TASK_QUEUES
from config.settings import load_settings
from worker.bootstrap import build
from worker.entrypoints import process, runs


@pytest.fixture(autouse=True)
def counted(monkeypatch: pytest.MonkeyPatch) -> Mapping[str, int]:
    """Give what this process counts of no store."""
    service = build(load_settings({}), {}, redis=fakeredis.FakeRedis(decode_responses=True))
    monkeypatch.setattr(process, "service", lambda: service)
    return service.tally._gathered[""]


def _ran(task: str, state: str | None, **kwargs: object) -> None:
    runs._note_beginning("id")
    runs._count_run("id", SimpleNamespace(name=task), kwargs=kwargs, state=state)


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        (states.SUCCESS, "done"),
        (states.RETRY, "rested"),
        (states.FAILURE, "failed"),
        (states.REJECTED, "failed"),
        (None, "failed"),
    ],
)
def test_a_run_is_counted_by_its_end(counted: Mapping[str, int], state: str | None, outcome: str) -> None:
    """With the time that it took."""
    _ran("coleta.request_pickups", state)
    assert set(counted) == {f"drain:pickups:{outcome}", "drain_ms:pickups"}
    assert counted[f"drain:pickups:{outcome}"] == 1


@pytest.mark.parametrize(
    ("task", "kwargs", "run"),
    [
        ("coleta.drain_inbox", {}, "inbox"),
        ("coleta.learn_order", {}, "learn"),
        ("coleta.learn_order", {"source": "oms"}, "reread"),
        ("coleta.poll_feed", {}, "feed"),
        ("coleta.reconcile", {}, "reconcile"),
        ("coleta.sweep", {}, "sweep"),
    ],
)
def test_a_run_is_counted_under_its_drain(
    counted: Mapping[str, int], task: str, kwargs: dict[str, object], run: str
) -> None:
    """One task learns from two sources, and is told which."""
    _ran(task, states.SUCCESS, **kwargs)
    assert counted[f"drain:{run}:done"] == 1


def test_what_is_no_drain_is_not_counted_here(counted: Mapping[str, int]) -> None:
    """Events are counted at their door, an operator's retry by what becomes of the order."""
    for task in ("coleta.order_invoiced", "coleta.retry_order"):
        _ran(task, states.SUCCESS)
    assert not counted
    assert not runs._began


def test_no_task_of_the_service_is_forgotten() -> None:
    """Each is a drain, the sweep, or one of these two."""
    assert TASK_QUEUES.keys() - runs._RUNS.keys() == {"coleta.order_invoiced", "coleta.retry_order"}
