"""The life of a worker and of beat: what Celery's signals mean to the service."""

import gc
from contextlib import suppress
from typing import Any

from celery import Task, signals
from kombu.exceptions import OperationalError

from worker.entrypoints import observing, process
from worker.entrypoints.broker.rabbitmq_start import rabbitmq_refusal
from worker.entrypoints.tracing import tasks
from worker.entrypoints.turnstile import Asking, Turnstile
from worker.ports import Drain

# Slow drains leave a quarter of the threads to recording (design, "Requesting pickups").
_SLOW_SHARE = 0.75

# A batch of events makes tens of thousands of objects that hardly ever form circles: looking for these after every 700,
# as Python does by default, took a seventh of the time.
_OBJECTS_BETWEEN_COLLECTIONS = 50_000

# More stores recorded at once share one interpreter all the same, wait longer for each other, and hold a batch each.
_RECORDING_AT_ONCE = 4

_recording: Turnstile[Asking] = Turnstile(_RECORDING_AT_ONCE)
_slow: Turnstile[Asking] = Turnstile(1)
_threads = 1


def turnstile(drain: Drain) -> Turnstile[Asking]:
    """Return what lets this process's drains in: those that record, or those that call a counterparty."""
    return _recording if drain is Drain.INBOX else _slow


def crowded() -> bool:
    """Whether all threads are at work: no message is taken then, so that nobody can stand in line either."""
    from celery.worker import state  # noqa: PLC0415 - the command line imports this module, and is no worker

    return len(state.active_requests) >= _threads


@signals.celeryd_after_setup.connect(weak=False)
def _open_turnstile(instance: Any, **_: object) -> None:  # noqa: ANN401 - Celery's worker has no type
    """Size the turnstile of slow drains by the threads this worker really has."""
    global _slow, _threads  # noqa: PLW0603 - one process, one worker
    _threads = instance.concurrency or 1
    _slow = Turnstile(max(1, int(_threads * _SLOW_SHARE)))


@signals.worker_init.connect(weak=False)
def _look_before_working(**_: object) -> None:
    """Refuse what cannot work before the first message is taken."""
    observing.start("worker")  # Celery's own time for logging is later
    process.warn_about_settings()
    process.wait_for_redis()
    if reason := rabbitmq_refusal(process.settings()):
        process.leave(reason)


@signals.worker_init.connect(weak=False)
def _collect_seldom(**_: object) -> None:
    """Look for circles of garbage seldom, and never among what was imported."""
    gc.freeze()
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)


@signals.beat_init.connect(weak=False)
def _look_before_beating(**_: object) -> None:
    observing.start("beat")
    process.warn_about_settings()


@signals.setup_logging.connect(weak=False)
def _set_up_logging(**_: object) -> None:
    observing.set_up_logging()


@signals.worker_ready.connect(weak=False)
def _look_at_once(sender: Any, **_: object) -> None:  # noqa: ANN401 - as above
    """Sweep now: what a killed worker left need not wait for beat."""
    with suppress(OperationalError):  # then the broker is away, and beat sweeps when it is back
        sender.app.tasks["coleta.sweep"].apply_async()


@signals.worker_shutting_down.connect(weak=False)
def _stop_drains(**_: object) -> None:
    """Let running drains end between two calls; what they leave waits in the indexes."""
    process.stopping.set()


@signals.worker_shutdown.connect(weak=False)
def _tell_the_last(**_: object) -> None:
    observing.stop()


@signals.task_prerun.connect(weak=False)
def _begin(task_id: str, task: Task, args: Any = (), kwargs: Any = None, **_: object) -> None:  # noqa: ANN401 - whatever was sent
    tasks.begun(task, task_id, args, kwargs)


@signals.task_postrun.connect(weak=False)
def _end(state: str | None = None, retval: object = None, **_: object) -> None:
    tasks.ended(state, retval)
