"""Counts a worker's runs where they run, since one task may serve several stores, and has the counts written."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from celery import signals

from worker.entrypoints import process
from worker.metrics import DRAIN_SECONDS, DRAINS, Ended, field_of

SWEEP = "sweep"
# What the last counts get when a worker ends.
_LAST_SECONDS = 2.0


@dataclass(slots=True)
class Run:
    """A run under way; whoever runs says whether it ended with a rest."""

    rested: bool = False


def connect() -> None:
    """Have the counts written for as long as the worker lives; Celery keeps no one who is told only weakly."""
    signals.worker_ready.connect(_count_from_now, weak=False)
    signals.worker_shutdown.connect(_write_down, weak=False)


def _count_from_now(**_: object) -> None:
    process.service().tally.start()


def _write_down(**_: object) -> None:
    process.service().tally.close(_LAST_SECONDS)


@contextmanager
def counted(name: str) -> Iterator[Run]:
    """Count a run of the drain, or sweep, of this name, under no store: which stores' work fails is in the log."""
    began, run, failed = time.monotonic(), Run(), True
    try:
        yield run
        failed = False
    finally:
        ended = Ended.FAILED if failed else Ended.RESTED if run.rested else Ended.DONE
        tally = process.service().tally
        tally.add("", field_of(DRAINS, name, ended))
        tally.add("", field_of(DRAIN_SECONDS, name), round((time.monotonic() - began) * 1000))
