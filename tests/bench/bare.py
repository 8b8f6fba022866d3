"""Bare Celery: how fast its worker takes messages that do nothing, and how fast its producer sends them."""

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

from celery import Celery

from tests.bench.bare_app import NOTHING
from tests.bench.queues import producer_beside, taken_a_second
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
        for _ in range(messages):
            self._app.send_task(NOTHING, (body,))
        return taken_a_second(self._service, self._worker, _QUEUE)


@contextmanager
def bare(service: RunningService) -> Iterator[Bare]:
    """Start a bare worker; it has taken a message."""
    settings = service.service.settings
    environ = {**environment({}), "BARE_BROKER_URL": str(settings.broker_url)}
    options = ("--concurrency", str(settings.worker_threads), "--loglevel", "WARNING", "-n", "bare@%h")
    quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat")
    command = [sys.executable, "-m", "celery", "-A", "tests.bench.bare_app", "worker", *options, *quiet]
    with ExitStack() as closing:
        worker = Part("bare", command, environ, service.folder)
        closing.callback(worker.kill)
        beside = producer_beside(broker_url=str(settings.broker_url), task_ignore_result=True)
        reference = Bare(service, worker, closing.enter_context(beside))
        reference.taken_a_second(1, {})
        yield reference


class BareProducer:
    """A bare producer on the service's broker; nobody takes what it sends."""

    def __init__(self, service: RunningService, app: Celery) -> None:
        self._service = service
        self._app = app

    def sent_a_second(self, messages: int, body: Mapping[str, Any]) -> float:
        """Return how many messages with this body it sends a second, one at a time, as Celery's users do."""
        begun = time.perf_counter()
        for _ in range(messages):
            self._app.send_task(NOTHING, (body,))
        rate = messages / (time.perf_counter() - begun)
        self._service.messages.delete(_QUEUE)
        return rate


@contextmanager
def bare_producer(service: RunningService) -> Iterator[BareProducer]:
    """Give a bare producer; it has sent a message."""
    with ExitStack() as closing:
        app = producer(closing, broker_url=str(service.service.settings.broker_url), task_ignore_result=True)
        reference = BareProducer(service, app)
        reference.sent_a_second(1, {})
        yield reference
