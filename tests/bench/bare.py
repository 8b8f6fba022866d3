"""Bare Celery: how fast its worker takes messages that do nothing, and how fast its producer sends them."""

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from celery import Celery

from tests.bench.bare_app import NOTHING
from tests.bench.stage import timed
from tests.fixtures.deployment import environment
from tests.fixtures.producers import producer
from tests.fixtures.running_parts import Part
from tests.fixtures.running_service import RunningService

# Below this many tasks a second the machine is too busy to say anything.
LEAST_RATE = 800.0
_QUEUE = "celery"


class Bare:
    """A bare worker with as many threads as the service's, on the service's broker; the service's own stand still."""

    def __init__(self, service: RunningService, worker: Part, app: Celery) -> None:
        self._service = service
        self._worker = worker
        self._app = app

    def taken_a_second(self, messages: int, body: Mapping[str, Any]) -> float:
        """Return how many messages with this body its worker takes a second."""
        self._worker.pause()
        self.sent_a_second(messages, body)
        return taken_a_second(self._service, self._worker, _QUEUE, messages)

    def sent_a_second(self, messages: int, body: Mapping[str, Any]) -> float:
        """Return how many messages with this body its producer sends a second."""
        begun = time.perf_counter()
        for _ in range(messages):
            self._app.send_task(NOTHING, (body,))
        return messages / (time.perf_counter() - begun)


@contextmanager
def bare(service: RunningService) -> Iterator[Bare]:
    """Start a bare worker; it has no message yet."""
    settings = service.service.settings
    environ = {**environment({}), "BARE_BROKER_URL": str(settings.broker_url)}
    options = ("--concurrency", str(settings.worker_threads), "--loglevel", "WARNING", "-n", "bare@%h")
    quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat")
    command = [sys.executable, "-m", "celery", "-A", "tests.bench.bare_app", "worker", *options, *quiet]
    with ExitStack() as closing:
        worker = Part("bare", command, environ, service.folder)
        closing.callback(worker.kill)
        app = producer(closing, broker_url=str(settings.broker_url), task_ignore_result=True)
        app.send_task(NOTHING, ({},))
        timed(lambda: _left(service, _QUEUE) == 0, "the bare worker takes a message", lambda: [worker])
        yield Bare(service, worker, app)


def taken_a_second(service: RunningService, worker: Part, queue: str, messages: int) -> float:
    """Let a worker that stood still go on; return how many of its queue's messages it takes a second."""
    worker.resume()
    return messages / timed(_empty(service, queue), f"the queue {queue} is empty", lambda: [worker])


def _empty(service: RunningService, queue: str) -> Callable[[], bool]:
    """Return whether no message waits or is worked on: twice in a row, for one may be between the two."""
    seen: Sequence[bool] = (False,)

    def check() -> bool:
        nonlocal seen
        before, seen = seen, (_left(service, queue) == 0,)
        return before[0] and seen[0]

    return check


def _left(service: RunningService, queue: str) -> int:
    with service.messages.pipeline(transaction=False) as pipe:
        pipe.llen(queue)
        pipe.hlen("unacked")
        return sum(pipe.execute())
