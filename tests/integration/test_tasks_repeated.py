"""Every task may run twice, late, or beside itself: on a real Redis and a real sandbox, without a worker."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from redis import Redis

from tests.fixtures.deployment import SHORT, account
from tests.fixtures.running_service import RunningService, running
from tests.fixtures.sales import Sale, all_events
from tests.fixtures.task_caller import TaskCaller, task_caller
from worker.adapters.native_event import read
from worker.domain.order import Order, Status
from worker.domain.progress import enter
from worker.ports import Change, Drain, Saved

TIMES = 8
ACME = [("acme",)]
# A call of the sandbox takes long enough for the others to come in between.
LATENCY_MS = 30.0
# No rate limit: it would keep apart what should overlap. No second sweep as long as the test lasts.
SETTINGS = {**SHORT, "WORKER_THREADS": "20", "ORDERS_RATE": "1000", "SHIPMENTS_RATE": "1000", "SWEEP_SECONDS": "60"}

Repeat = Callable[..., None]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """Start Redis and the sandbox."""
    folder = tmp_path_factory.mktemp("repeated")
    with running(RunningService(folder, settings=SETTINGS, latency_ms=LATENCY_MS)) as service:
        service.sandbox.settings(rate_limits=False)
        yield service


@pytest.fixture(scope="module")
def caller(service: RunningService) -> Iterator[TaskCaller]:
    """Start the process that calls the tasks."""
    with task_caller({**service.secrets, **service.variables}) as caller:
        yield caller


@pytest.fixture(params=["in_a_row", "together"])
def repeat(caller: TaskCaller, request: pytest.FixtureRequest) -> Repeat:
    """Each way to call a task several times."""
    return caller.in_a_row if request.param == "in_a_row" else caller.together


def _orders(service: RunningService, sold: list[Sale]) -> list[Order]:
    stored, _ = service.ledger("acme").load([sale.order_id for sale in sold])
    return [stored[sale.order_id].order for sale in sold]


def _due(service: RunningService, count: int, caller: TaskCaller) -> list[Sale]:
    sold = service.sold("acme", count)
    service.sandbox.complete([sale.code for sale in sold])
    service.ledger("acme").append([read(event).event for event in all_events(sold)])
    caller.in_a_row("coleta.drain_inbox", *ACME)
    assert service.statuses(sold) == {Status.DUE}
    return sold


def test_an_event_is_recorded_once(service: RunningService, repeat: Repeat) -> None:
    """The same message of the Celery door counts its invoice once."""
    (sale,) = sold = service.sold("acme")
    repeat("coleta.order_invoiced", *[(sale.event(0),)] * TIMES)

    (order,) = _orders(service, sold)
    assert order.invoiced == {"345117": 1, "88": 0}
    assert [invoice.number for invoice in order.invoices] == [f"{sale.number}-0"]
    assert [entry.event for entry in order.history].count("invoice.recorded") == 1


def test_invoices_of_one_order_that_come_together_are_all_counted(service: RunningService, repeat: Repeat) -> None:
    """Each message is recorded over what the others recorded, however often others are faster."""
    (sale,) = sold = service.sold("acme", skus=tuple(f"sku-{number}" for number in range(TIMES)))
    repeat("coleta.order_invoiced", *[(event,) for event in sale.events])

    (order,) = _orders(service, sold)
    assert order.invoiced == dict.fromkeys(sale.skus, 1)
    assert order.status is Status.DUE
    service.sandbox.complete([sale.code])


def test_an_inbox_is_drained_once(service: RunningService, repeat: Repeat) -> None:
    """Every event of the inbox is counted once, whoever drains it how often."""
    sold = service.sold("acme", 50)
    ledger = service.ledger("acme")
    ledger.append([read(event).event for sale in sold for event in (sale.event(0), sale.event(1), sale.event(1))])
    repeat("coleta.drain_inbox", *ACME * TIMES)

    orders = _orders(service, sold)
    assert {order.status for order in orders} == {Status.DUE}
    assert {len(order.invoices) for order in orders} == {2}
    service.sandbox.complete([sale.code for sale in sold])


def test_pickups_are_requested_once(service: RunningService, caller: TaskCaller, repeat: Repeat) -> None:
    """Drains that overlap or follow each other send one confirmation an order."""
    sold = _due(service, 60, caller)
    repeat("coleta.request_pickups", *ACME * TIMES)

    assert service.statuses(sold) == {Status.REQUESTED}
    assert (service.accepted(sold), service.violations(sold)) == ([1] * 60, {})


def test_orders_are_learned_once(service: RunningService, repeat: Repeat) -> None:
    """What an order lacks is asked for by one drain, and the answer is taken once."""
    sold = service.sold("acme", 2, says_carrier=False)
    service.ledger("acme").append([read(event).event for event in all_events(sold)])
    repeat("coleta.drain_inbox", *ACME)
    asked_before = service.sandbox.report(account("acme")).calls.get("order", {}).get("200", 0)
    repeat("coleta.learn_order", *ACME * TIMES)

    assert {order.status for order in _orders(service, sold)} == {Status.DUE}
    assert service.sandbox.report(account("acme")).calls["order"]["200"] - asked_before == 2
    service.sandbox.complete([sale.code for sale in sold])


def test_an_order_can_be_learned_again_and_again(service: RunningService, repeat: Repeat) -> None:
    """An operator's wish to ask SkyHub anew changes nothing where nothing is new."""
    (sale,) = sold = service.sold("acme")
    service.sandbox.complete([sale.code])
    repeat("coleta.order_invoiced", *[(event,) for event in sale.events])
    repeat("coleta.learn_order", *[("acme", sale.order_id)] * TIMES)

    (order,) = _orders(service, sold)
    assert order.status is Status.DUE
    assert [entry.event for entry in order.history].count("order.due") == 1


def test_a_failed_order_is_retried_once(service: RunningService, caller: TaskCaller, repeat: Repeat) -> None:
    """The first wish makes it due and hints at its pickup, the others come too late; none is an error."""
    (sale,) = sold = _due(service, 1, caller)
    ledger = service.ledger("acme")
    stored = ledger.load([sale.order_id])[0][sale.order_id]
    failed = enter(stored.order, Status.FAILED, "refused: no", ledger.now())
    assert ledger.save([Change(order=failed, version=stored.version)]) == [Saved(stored.version + 1)]
    service.messages.flushdb()
    ledger.clear_hint(Drain.PICKUPS)
    repeat("coleta.retry_order", *[("acme", sale.order_id, "why")] * TIMES)

    (order,) = _orders(service, sold)
    assert order.status is Status.DUE
    assert [entry.event for entry in order.history].count("operator.retried") == 1
    assert service.messages.llen("pickups") == 1


def _let_sweep(service: RunningService) -> None:
    """Forget the last sweep, and every message."""
    service.messages.flushdb()
    with Redis.from_url(service.redis.url) as redis:
        redis.delete("coleta:{_}:hint:sweep")


def test_a_sweep_hints_once(service: RunningService, caller: TaskCaller, repeat: Repeat) -> None:
    """Several beats, or a queue that filled up while no worker ran, ask for many sweeps: one hints."""
    _due(service, 1, caller)
    _let_sweep(service)
    repeat("coleta.sweep", *[()] * TIMES)

    assert service.messages.llen("pickups") == 1


def test_a_sweep_hints_at_an_inbox_that_is_held_for_when_it_is_free(
    service: RunningService, caller: TaskCaller
) -> None:
    """Its holder may have died: the message waits for the rest of the lease, as Celery's countdown."""
    (sale,) = service.sold("acme")
    ledger = service.ledger("acme")
    ledger.append([read(sale.event(0)).event])
    lease = ledger.lease(Drain.INBOX)
    assert lease is not None
    _let_sweep(service)
    before = datetime.now(UTC)
    caller.in_a_row("coleta.sweep", ())
    after = datetime.now(UTC)
    lease.release()

    (message,) = service.messages.lrange("inbox", 0, -1)
    headers = json.loads(message)["headers"]
    assert headers["task"] == "coleta.drain_inbox"
    assert before < datetime.fromisoformat(headers["eta"]) <= after + timedelta(seconds=5)
    caller.in_a_row("coleta.drain_inbox", *ACME)
