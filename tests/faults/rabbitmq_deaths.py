"""The broker dies, or is started again, while it holds messages that it has confirmed; workers die with it."""

import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from random import Random
from threading import Event, Thread
from typing import Any

from kombu.exceptions import OperationalError
from kombu.transport.pyamqp import Transport

from tests.faults.outcome import Broken, Row, Run, judged
from tests.faults.storm_end import Invoiced, amiss, is_quiet, unrecorded
from tests.faults.storm_plans import LATENCY_MS, SETTINGS
from tests.fixtures.deployment import account
from tests.fixtures.loads import Load, Mix, load
from tests.fixtures.rabbitmq import RabbitPart
from tests.fixtures.running_parts import Part
from tests.fixtures.running_service import RunningService, running
from worker.domain.order import Status
from worker.sandbox.skyhub.orders import OrderChange

_STORES = ("acme", "brava")
_WHOLE = Mix(orders=800, events=2_400, stores=_STORES, most_items=4, unfinished=0.06, says_carrier=0.5)
_SHORT = Mix(orders=150, events=400, stores=_STORES, most_items=4, unfinished=0.06, says_carrier=0.5)
_FAULTS, _SHORT_FAULTS = 4, 1
# It is struck when at least so many messages wait.
_WAITING = 10
_PRODUCERS = 4
_PAUSE_SECONDS = 0.2
_PATIENCE = 240.0
_MOST = 1_000_000


class Producers:
    """Send a load as Celery tasks, each event until the broker has confirmed it, a share of it for each fault."""

    def __init__(self, service: RunningService, work: Load) -> None:
        self.confirmed: set[Invoiced] = set()
        self.again = 0
        self._app = service.app
        self._service = service
        self._work = work
        self._open = [set(range(len(sale.skus))) for sale in work.sales]
        self._over = Event()

    def send(self, events: Sequence[Invoiced]) -> None:
        """Return when the broker has all of them; SkyHub knows of an order's last invoice before it is sent."""
        with ThreadPoolExecutor(_PRODUCERS) as pool:
            for done in pool.map(self._until_confirmed, events):
                assert done, "the broker took no message any more"

    def give_up(self) -> None:
        """Send nothing any more."""
        self._over.set()

    def _until_confirmed(self, event: Invoiced) -> bool:
        index, item = event
        sale = self._work.sales[index]
        if index not in self._work.unfinished:
            self._open[index].discard(item)
            if not self._open[index]:
                self._service.sandbox.change([sale.code], OrderChange(complete=True, collectable=True))
        while not self._over.is_set():
            if self._is_taken(sale.event(item)):
                self.confirmed.add(event)
                return True
            self.again += 1
            self._over.wait(_PAUSE_SECONDS)
        return False

    def _is_taken(self, event: Mapping[str, Any]) -> bool:
        try:
            self._app.send_task("coleta.order_invoiced", args=[event])
        except (OperationalError, *Transport.connection_errors, *Transport.channel_errors):
            return False
        return True


def deaths(run: Run, rabbit: RabbitPart, part: str) -> Row:
    """Let the broker die again and again under load, wait until all is settled, and judge."""
    work = load(_SHORT if run.short else _WHOLE, run.seed)
    faults = _SHORT_FAULTS if run.short else _FAULTS
    draw = Random(run.seed)  # noqa: S311 - the same workers die for the same seed
    service = RunningService(run.folder, _STORES, SETTINGS, latency_ms=LATENCY_MS, broker=rabbit)
    landed, requesting, recovery, back = 0, set[str](), 0.0, 0.0
    with running(service):
        for store in _STORES:
            sold = [sale.at_skyhub(0.0) for sale in work.sales if sale.store == store]
            service.sandbox.register_orders(account(store), sold)
        service.sandbox.settings(strict=False, rate_limits=False)
        workers = [service.start_worker(f"worker-{number}") for number in (1, 2)]
        service.start_beat()
        producers = Producers(service, work)
        share = len(work.events) // faults
        for number in range(faults):
            last = number == faults - 1
            with _sending(producers, work.events[number * share : None if last else (number + 1) * share]):
                _let_messages_wait(service, rabbit, workers)
                known = set(producers.confirmed)
                requesting |= _strike(service, rabbit, number, draw.choice(workers))
                held = unrecorded(service, work, known)
                landed += bool(held)
                rabbit.start()
                back = time.monotonic()
            _await_recorded(service, work, held)
            recovery = max(recovery, time.monotonic() - back)
        lost = _await_recorded(service, work, set(work.events))
        service.until(lambda: is_quiet(service, _STORES), "all is quiet", _PATIENCE, supervised=True)
        found = [] if lost else amiss(service, work)
        assert not found, "\n".join(found[:20])
        recovery = max(recovery, time.monotonic() - back)
        broken = judged(service.sandbox.report(), work.finished, incomplete=work.incomplete) + Broken(lost=len(lost))
    return Row(
        part=part,
        failure="the broker dies, events as Celery tasks",
        how=(
            f"under load, with messages waiting, RabbitMQ gets SIGKILL, every third time SIGTERM, every second time a"
            f" worker gets SIGKILL too; {len(work.events):,} events, each sent until the broker confirms it"
        ),
        orders=len(work.sales),
        landed=landed,
        requesting=len(requesting),
        broken=broken,
        recovery=recovery,
        note=f"{producers.again} sends were not confirmed and were repeated; nothing that was confirmed was sent again",
    )


def _let_messages_wait(service: RunningService, rabbit: RabbitPart, workers: Sequence[Part]) -> None:
    """Hold the workers until they are behind, however fast the machine lets either side be."""
    for worker in workers:
        worker.pause()
    service.until(lambda: rabbit.waiting("inbox") >= _WAITING, "messages wait", supervised=True)
    for worker in workers:
        worker.resume()


def _strike(service: RunningService, rabbit: RabbitPart, number: int, worker: Part) -> set[str]:
    """Let the broker die, and perhaps a worker; returns the orders whose request is on its way then."""
    if number % 3 == 2:
        rabbit.stop()
    else:
        rabbit.kill()
    if number % 2 == 0:
        worker.kill()
    ledgers = [service.ledger(store) for store in _STORES]
    return {order_id for ledger in ledgers for order_id in ledger.order_ids(Status.REQUESTING, 0, _MOST)}


@contextmanager
def _sending(producers: Producers, events: Sequence[Invoiced]) -> Iterator[None]:
    """Send beside the block; all is sent at its end."""
    problems: list[BaseException] = []

    def work() -> None:
        try:
            producers.send(events)
        except BaseException as error:  # noqa: BLE001 - raised below, in the thread that waits
            problems.append(error)

    thread = Thread(target=work)
    thread.start()
    try:
        yield
    except BaseException:
        producers.give_up()
        raise
    finally:
        thread.join()
    if problems:
        raise problems[0]


def _await_recorded(service: RunningService, work: Load, events: set[Invoiced]) -> set[Invoiced]:
    """Wait until these events stand in their documents; returns those that never came."""
    left, deadline = events, time.monotonic() + _PATIENCE

    def is_over() -> bool:
        nonlocal left
        left = unrecorded(service, work, left)
        return not left or time.monotonic() > deadline

    service.until(is_over, "what the broker confirmed is recorded", 2 * _PATIENCE, supervised=True)
    return left
