"""The pulse of a worker and of beat: how each knows that it makes progress.

A worker's tasks are not counted anew: Celery knows how many it has begun and which are running.
"""

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from celery import Celery, bootsteps, signals

from worker.adapters.redis_clients import brief_client
from worker.adapters.redis_ledger.processes import RedisProcesses
from worker.entrypoints import process
from worker.entrypoints.broker.look import look
from worker.entrypoints.pulse import Pulse, named_here
from worker.ports.processes import Kind, Processes
from worker.usecases.liveness import NOTE_SECONDS
from worker.wiring import milliseconds

if TYPE_CHECKING:
    from celery.worker.consumer import Consumer

# A worker that had nothing to do for so long looks whether there is nothing: beat's sweep comes every 10 s.
_IDLE_SECONDS = 60.0
_LOOK_SECONDS = 30.0
_TASKS = ("sweep", "drain_inbox", "request_pickups", "learn_order", "poll_feed", "reconcile", "order_invoiced")
_OF_A_WORKER = ("turned", "ended", "busy_since", "deaf_since", "broker_away", *(f"did:{task}" for task in _TASKS))
_OF_BEAT = ("turned", "sent", "broker_away")

_pulse: Pulse | None = None


def did(moment: str) -> None:
    """Note what this process did, if it has a pulse."""
    if _pulse is not None:
        _pulse.did(moment)


def processes() -> Processes:
    """Return the traces, over a connection of their own that waits for nothing."""
    return RedisProcesses(brief_client(process.settings().redis_url))


class Turning(bootsteps.StartStopStep):  # type: ignore[misc] # Celery has no types
    """Notes that the worker's main loop turns, as long as it is connected."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def start(self, consumer: "Consumer") -> None:
        """Note it now, and whenever the loop comes by; Celery takes it off the loop with the connection."""
        did("turned")
        consumer.timer.call_repeatedly(NOTE_SECONDS, did, ("turned",))


@signals.worker_init.connect(weak=False)
def _begin_worker(sender: Any, **_: object) -> None:  # noqa: ANN401 - Celery's worker has no type
    _begin(Pulse(Kind.WORKER, str(sender.hostname), _OF_A_WORKER, processes(), sample=_Worker(sender).sample))


@signals.beat_init.connect(weak=False)
def _begin_beat(**_: object) -> None:
    if process.settings().redis_url is None:  # beat works without the state, and then nobody can read of it
        return
    pulse = Pulse(Kind.BEAT, named_here(Kind.BEAT), _OF_BEAT, processes(), sample=_sample_beat)
    pulse.numbers["every_ms"] = milliseconds(process.settings().sweep_seconds)
    pulse.did("sent")  # so that a beat that never sends is found
    _begin(pulse)


@signals.worker_shutdown.connect(weak=False)
def end(**_: object) -> None:
    """Say good-bye for this process, if it has a pulse."""
    if _pulse is not None:
        _pulse.stop()


def _begin(pulse: Pulse) -> None:
    global _pulse  # noqa: PLW0603 - one process, one pulse
    _pulse = pulse
    pulse.did("turned")
    pulse.start()


def _sample_beat(pulse: Pulse) -> None:
    """Look at the broker when nothing was sent for a while: it may be what beat waits for."""
    if (pulse.age("sent") or 0.0) > _IDLE_SECONDS and look(process.settings(), ()).problem:
        pulse.did("broker_away")


class _Worker:
    """What is seen of a worker from beside it."""

    def __init__(self, worker: Any) -> None:  # noqa: ANN401 - as above
        self._worker = worker
        self._app: Celery = worker.app
        self._begun: dict[str, int] = {}
        self._ended = 0
        self._busy_at = self._looked_at = 0.0

    def sample(self, pulse: Pulse) -> None:
        """Note what Celery counts, and whether messages wait for a worker that takes none."""
        from celery.worker import state  # noqa: PLC0415 - the command line imports this module, and is no worker

        running = [request.time_start or time.time() for request in _copied(state.active_requests)]
        ended = state.all_total_count[0] - len(running)
        pulse.numbers |= {"busy": len(running), "threads": self._worker.concurrency or 1}
        if ended != self._ended or not running:
            self._ended = ended
            pulse.did("ended")
        pulse.since("busy_since", time.time() - min(running) if running else None)
        begun = {name: state.total_count[f"coleta.{name}"] for name in _TASKS}
        for name, count in begun.items():
            if count != self._begun.get(name, 0):
                pulse.did(f"did:{name}")
        busy = bool(running) or begun != self._begun
        self._begun = begun
        self._listen(pulse, busy=busy)

    def _listen(self, pulse: Pulse, *, busy: bool) -> None:
        """Look at its queues while it has nothing to do, or its loop stands still: it may wait for its broker."""
        now = time.monotonic()
        if busy:
            self._busy_at = now
            pulse.since("deaf_since", None)
        doubtful = now - self._busy_at > _IDLE_SECONDS or (pulse.age("turned") or 0.0) > _IDLE_SECONDS
        if not doubtful or now - self._looked_at < _LOOK_SECONDS:
            return
        self._looked_at = now
        seen = look(process.settings(), list(self._app.amqp.queues.consume_from))
        if seen.problem:
            pulse.did("broker_away")
        waits = sum(seen.waiting.values())
        if not waits or busy:
            pulse.since("deaf_since", None)
        elif pulse.age("deaf_since") is None:
            pulse.did("deaf_since")


def _copied(requests: Any) -> list[Any]:  # noqa: ANN401 - Celery's
    """Return the running requests; other threads come and go meanwhile."""
    with suppress(RuntimeError):
        return list(requests)
    return []
