"""RabbitMQ as broker: what it confirmed is recorded or rejected, whatever becomes of it or of the workers."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, NamedTuple

import httpx
import pytest
from kombu import Connection, Exchange, Queue
from kombu.exceptions import OperationalError
from kombu.transport.pyamqp import Transport
from redis.exceptions import RedisError

from config.celeryconfig import DELIVERY_LIMIT
from tests.fixtures.deployment import SHORT, account
from tests.fixtures.rabbitmq import RabbitPart
from tests.fixtures.running_parts import Part
from tests.fixtures.running_service import RunningService, running
from tests.fixtures.sales import Sale
from worker.adapters.redis_ledger.keys import NO_STORE
from worker.domain.order import Status
from worker.entrypoints.broker.gathering import bring_in
from worker.sandbox.faults import Fault

# What somebody may publish to the queue: body, headers; each would end Celery's own consumer, block it, or be deleted.
MALFORMED: list[tuple[bytes, dict[str, object]]] = [
    (b"\xff\xfe", {}),
    (b"[1, 2]", {}),
    (b"{}", {}),
    (b"no JSON", {"task": "coleta.order_invoiced", "id": "1"}),
    (b"[1]", {"task": "coleta.order_invoiced", "id": "2"}),
    (b"[1, 2, 3]", {"task": "coleta.order_invoiced", "id": "3"}),
    (b"[[], {}, {}]", {"task": "of.another.service", "id": "4"}),
    (b"[[], {}, {}]", {"task": ["no name"], "id": "5"}),
    (b"[[], {}, {}]", {"task": "coleta.order_invoiced", "id": "6", "timelimit": "no pair"}),
]


class Running(NamedTuple):
    """A service on a RabbitMQ."""

    rabbit: RabbitPart
    service: RunningService
    worker: Part

    def complete(self, count: int = 1) -> list[Sale]:
        """Return new orders whose every item is invoiced, as SkyHub knows already and nobody told the service."""
        sold = self.service.sold("acme", count)
        self.service.sandbox.complete([sale.code for sale in sold])
        return sold


@pytest.fixture(scope="module")
def on_rabbitmq(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One worker, beat, web and a store."""
    folder = tmp_path_factory.mktemp("rabbitmq")
    rabbit = RabbitPart("rabbit", folder)
    try:
        with running(RunningService(folder, settings=SHORT, broker=rabbit, doors=True)) as service:
            service.start_beat()
            worker = service.start_worker()
            service.start_web()
            yield Running(rabbit, service, worker)
    finally:
        rabbit.kill()


def test_another_producer_sends_events_to_the_exchange(on_rabbitmq: Running) -> None:
    """As docs/doors/celery.md shows it: broker, exchange, routing key and the task's name; it declares nothing."""
    _, service, _ = on_rabbitmq
    exchange = Exchange("coleta", no_declare=True)
    producer = service.producer(
        broker_url=on_rabbitmq.rabbit.url,
        broker_transport_options={"confirm_publish": True},
        task_queues=[Queue("inbox", exchange, routing_key="inbox", no_declare=True)],
        task_default_queue="inbox",
    )
    sold = on_rabbitmq.complete()

    for event in sold[0].events:
        producer.send_task(
            "coleta.order_invoiced", args=[event], exchange="coleta", routing_key="inbox", mandatory=True
        )

    service.requested_once(sold)


def test_a_store_in_trouble_is_tried_again_after_less_than_a_second(on_rabbitmq: Running) -> None:
    """Celery on RabbitMQ cannot delay a message by parts of a second, and would fail."""
    _, service, worker = on_rabbitmq
    for _ in range(3):
        service.sandbox.fault(Fault(call="collectables", status=503, account=account("acme")))
    sold = service.sold("acme")
    service.invoice(sold)

    service.await_status(sold, Status.REQUESTED)
    assert "retry: Retry in 1s" in worker.text
    assert "raised unexpected" not in worker.text


def test_what_cannot_reach_a_queue_is_an_error(on_rabbitmq: Running) -> None:
    """A queue or an exchange that is not there swallows nothing."""
    app, event = on_rabbitmq.service.app, {"store": "acme"}

    with pytest.raises(Transport.channel_errors, match="NO_ROUTE"):
        app.send_task("coleta.order_invoiced", args=[event], exchange="coleta", routing_key="of nobody")
    with pytest.raises(Transport.channel_errors, match="NOT_FOUND"):
        app.send_task("coleta.order_invoiced", args=[event], exchange="of nobody", routing_key="inbox")


def test_malformed_messages_are_rejected_and_the_worker_goes_on(on_rabbitmq: Running) -> None:
    """None ends the worker, blocks it or is forgotten."""
    rabbit, service, worker = on_rabbitmq
    before, process = len(_rejected(service)), worker.process.pid
    for body, headers in MALFORMED:
        _publish(rabbit, body, headers)

    service.until(lambda: len(_rejected(service)) == before + len(MALFORMED), "all of them are rejected")
    sold = on_rabbitmq.complete()
    for event in sold[0].events:
        service.app.send_task("coleta.order_invoiced", args=[event])
    service.await_status(sold, Status.REQUESTED)
    assert (worker.runs, worker.process.pid) == (True, process)
    assert rabbit.waiting("coleta.dead") == 0


def test_a_dead_letter_waits_for_the_state_however_often_it_is_taken(on_rabbitmq: Running) -> None:
    """It goes back each time, no sweep fails by it, and it is rejected when the state is there again."""
    rabbit, service, _ = on_rabbitmq
    (beat,) = (part for part in service.parts if part.name == "beat")
    beat.pause()
    service.until(lambda: rabbit.waiting("coleta.dead") == 0, "nothing is dead")
    _publish(rabbit, b"a letter that waits", {})
    service.until(lambda: rabbit.waiting("coleta.dead") == 1, "the broker has it")

    def refuse(_store: object, _kept: object) -> None:
        raise RedisError("away")

    away: Any = SimpleNamespace(reject=refuse)
    for _ in range(DELIVERY_LIMIT + 2):
        bring_in(service.app, away)
        service.until(lambda: rabbit.waiting("coleta.dead") == 1, "it is the broker's again")
    beat.resume()

    service.until(lambda: "a letter that waits" in _rejected(service), "it is rejected")


def test_a_message_that_takes_its_workers_down_is_rejected_in_the_end(on_rabbitmq: Running) -> None:
    """It comes back from so many deaths, and is then an operator's, not the next worker's."""
    rabbit, service, worker = on_rabbitmq
    worker.stop()
    service.app.send_task("coleta.order_invoiced", args=[{"store": "acme", "order_id": "deadly"}])
    deaths = 0

    def is_given_up() -> bool:
        nonlocal deaths
        deaths += _take_and_die(rabbit)
        return rabbit.waiting("coleta.dead") == 1

    try:
        service.until(is_given_up, "the broker gives it up")
    finally:
        worker.start()

    assert DELIVERY_LIMIT <= deaths <= DELIVERY_LIMIT + 1
    service.until(lambda: any("deadly" in body for body in _rejected(service)), "it is rejected")


@pytest.mark.slow
def test_a_restart_of_the_broker_loses_nothing_and_needs_no_other(on_rabbitmq: Running) -> None:
    """What it had, delayed messages too, is there again; doors answer meanwhile; the same processes go on."""
    rabbit, service, worker = on_rabbitmq
    processes = {part.name: part.process.pid for part in service.parts}
    delayed, queued, by_door = on_rabbitmq.complete(), on_rabbitmq.complete(5), on_rabbitmq.complete()
    for event in delayed[0].events:
        service.app.send_task("coleta.order_invoiced", args=[event], countdown=3)
    for sale in queued:
        for event in sale.events:
            service.app.send_task("coleta.order_invoiced", args=[event])

    rabbit.kill()
    answer = httpx.post(
        f"{service.web}/v1/acme/order-invoiced",
        json=by_door[0].events,
        headers={"Authorization": f"Bearer {service.token()}"},
        trust_env=False,
        timeout=5.0,
    )
    with pytest.raises(OperationalError):
        service.app.send_task("coleta.order_invoiced", args=[delayed[0].events[0]])
    rabbit.start()

    assert answer.json() == {"accepted": 2, "rejected": []}
    everything = [*delayed, *queued, *by_door]
    service.requested_once(everything)
    assert {part.name: part.process.pid for part in service.parts if part.runs} == processes
    assert worker.runs


def _rejected(service: RunningService) -> list[str]:
    ledgers = [service.service.fleet.ledger(store) for store in ("acme", NO_STORE)]
    return [one.body for ledger in ledgers for one in ledger.rejected(100)]


def _publish(rabbit: RabbitPart, body: bytes, headers: dict[str, object]) -> None:
    """Publish what stands in no Celery message to the queue `inbox`."""
    with Connection(rabbit.url, transport_options={"confirm_publish": True}) as connection:
        connection.Producer().publish(
            body,
            exchange="coleta",
            routing_key="inbox",
            headers=headers,
            content_type="application/json",
            content_encoding="utf-8",
        )


def _take_and_die(rabbit: RabbitPart) -> bool:
    """Take a message of `inbox`, if there is one, and lose the connection, as a worker does that dies."""
    with Connection(rabbit.url) as connection:
        return connection.default_channel.basic_get("inbox", no_ack=False) is not None
