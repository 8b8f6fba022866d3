"""The textbook worker beside the service: its process, its own account at the simulated SkyHub, and how fast it is."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from celery import Celery

from tests.bench.figures import BrokenPromiseError
from tests.bench.stage import timed
from tests.bench.textbook_app import ORDER_INVOICED, QUEUE
from tests.fixtures.deployment import MANAGER_KEY, environment
from tests.fixtures.producers import producer
from tests.fixtures.running_parts import Part
from tests.fixtures.running_service import RunningService
from tests.fixtures.sales import Sale, all_events, sales
from worker.sandbox.report import Report

_USER = "ops@textbook.example"
_KEY = "api-key-of-textbook"
_WARM_UP = 5


class Textbook:
    """A textbook worker with as many threads as the service's, on the same server."""

    def __init__(self, service: RunningService, worker: Part, app: Celery) -> None:
        self._service = service
        self._worker = worker
        self._app = app

    def requested_a_second(self, orders: int) -> float:
        """Return how many pickups a second it has confirmed, of so many complete orders that are there at once.

        From SkyHub's first acceptance to its last. Its rate is that of its limit however many orders wait. Raises
        `BrokenPromiseError`: what keeps no promise is no reference.
        """
        sold = sales("textbook", orders)
        self._service.sandbox.register_orders(_USER, [sale.at_skyhub() for sale in sold])
        self._service.sandbox.complete([sale.code for sale in sold], _USER)
        for event in all_events(sold):
            self._app.send_task(ORDER_INVOICED, (event,))
        timed(self._is_done, "the textbook worker is done", lambda: [self._worker])
        report = self._service.sandbox.report(_USER)
        if report.violations:
            raise BrokenPromiseError(f"the textbook worker: {report.violations}")
        return (orders - 1) / _span(report, sold)

    def _is_done(self) -> bool:
        return not self._service.messages.llen(QUEUE) and not self._service.messages.hlen("unacked")


def _span(report: Report, sold: Sequence[Sale]) -> float:
    times = [report.accepted[sale.code][0] for sale in sold]
    return max(times) - min(times)


@contextmanager
def textbook(service: RunningService) -> Iterator[Textbook]:
    """Start a textbook worker that has requested some pickups already."""
    settings = service.service.settings
    service.sandbox.register_account(_USER, _KEY, MANAGER_KEY)
    environ = {
        **environment({}),
        "TEXTBOOK_BROKER_URL": str(settings.broker_url),
        "TEXTBOOK_REDIS_URL": str(settings.redis_url),
        "TEXTBOOK_SKYHUB_URL": service.sandbox_url,
        "TEXTBOOK_USER_EMAIL": _USER,
        "TEXTBOOK_API_KEY": _KEY,
        "TEXTBOOK_MANAGER_KEY": MANAGER_KEY,
    }
    options = ("--concurrency", str(settings.worker_threads), "--loglevel", "WARNING", "-n", "textbook@%h")
    quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat")
    command = [sys.executable, "-m", "celery", "-A", "tests.bench.textbook_app", "worker", *options, *quiet]
    with ExitStack() as closing:
        worker = Part("textbook", command, environ, service.folder)
        closing.callback(worker.kill)
        app = producer(closing, broker_url=str(settings.broker_url), task_ignore_result=True, task_default_queue=QUEUE)
        reference = Textbook(service, worker, app)
        reference.requested_a_second(_WARM_UP)
        yield reference
