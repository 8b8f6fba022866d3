"""Counts the runs of a worker's drains, by Celery's signals, and lets the worker write down what it counted."""

import time
from collections.abc import Mapping
from typing import Any

from celery import Task, signals, states

from worker.entrypoints import process
from worker.entrypoints.hints import TASKS
from worker.metrics import DRAIN_SECONDS, DRAINS, Ended, field_of
from worker.ports import Drain

# What the last counts get when a worker ends.
_LAST_SECONDS = 2.0
_RUNS: Mapping[str, str] = {**{task: drain for drain, task in TASKS.items()}, "coleta.sweep": "sweep"}
_ENDS = {states.SUCCESS: Ended.DONE, states.RETRY: Ended.RESTED}

_began: dict[str, float] = {}


def connect() -> None:
    """Have Celery tell of them; it keeps no one who is told only weakly."""
    signals.worker_ready.connect(_count_from_now, weak=False)
    signals.worker_shutdown.connect(_write_down, weak=False)
    signals.task_prerun.connect(_note_beginning, weak=False)
    signals.task_postrun.connect(_count_run, weak=False)


def _count_from_now(**_: object) -> None:
    process.service().tally.start()


def _write_down(**_: object) -> None:
    process.service().tally.close(_LAST_SECONDS)


def _note_beginning(task_id: str, **_: object) -> None:
    _began[task_id] = time.monotonic()


def _count_run(task_id: str, task: Task, kwargs: Any = None, state: str | None = None, **_: object) -> None:  # noqa: ANN401 - whatever was sent
    """Count a run, under no store: which stores' work fails is in the log."""
    took = time.monotonic() - _began.pop(task_id, time.monotonic())
    run = _RUNS.get(task.name)
    if run is None:
        return
    if run in (Drain.LEARN, Drain.REREAD):  # one task, which is told whom to ask
        run = Drain.REREAD if (kwargs or {}).get("source") == "oms" else Drain.LEARN
    tally = process.service().tally
    tally.add("", field_of(DRAINS, run, _ENDS.get(state or "", Ended.FAILED)))
    tally.add("", field_of(DRAIN_SECONDS, run), round(took * 1000))
