"""The message of the Celery door is the record: it is gone from the broker only when its event is recorded."""

import signal
from collections.abc import Iterator

import pytest

from tests.fixtures.running_service import RunningService, running
from tests.fixtures.sales import Sale
from worker.domain.order import Status


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """State and messages on servers of their own, so that one can be away and the other not; no beat."""
    with running(RunningService(tmp_path_factory.mktemp("messages"), broker_apart=True)) as service:
        service.start_worker()
        yield service


@pytest.fixture
def service(apart: RunningService) -> RunningService:
    """Give the service, all of it running."""
    apart.revive()
    return apart


def _send_while_the_state_is_frozen(service: RunningService, sale: Sale) -> None:
    """Bring a worker to the point between taking a message and recording its event."""
    service.redis.process.send_signal(signal.SIGSTOP)
    service.app.send_task("coleta.order_invoiced", args=[sale.event(0)])
    service.until(lambda: service.messages.hlen("unacked") == 1, "a worker has the message")


def _let_the_visibility_timeout_pass(service: RunningService) -> None:
    service.messages.zunionstore("unacked_index", {"unacked_index": 0.0})


def test_a_message_whose_worker_was_killed_comes_back(service: RunningService) -> None:
    """A worker dies between taking a message and recording its event; the event is recorded by another one."""
    (sale,) = sold = service.sold("acme")
    _send_while_the_state_is_frozen(service, sale)
    (worker,) = (part for part in service.parts if part.name == "worker")
    worker.kill()
    service.redis.process.send_signal(signal.SIGCONT)

    assert service.messages.hlen("unacked") == 1
    _let_the_visibility_timeout_pass(service)
    service.revive()
    service.await_status(sold, Status.WAITING)


def test_a_message_that_can_neither_be_recorded_nor_sent_again_stays(service: RunningService) -> None:
    """The state is away and the broker is full: the message waits there, and is recorded when both are back."""
    (sale,) = sold = service.sold("acme")
    _send_while_the_state_is_frozen(service, sale)
    service.messages.config_set("maxmemory", 1)
    service.redis.kill()
    (worker,) = (part for part in service.parts if part.name == "worker")
    service.until(lambda: "reject requeue" in worker.text, "the task has given up")

    assert service.messages.hlen("unacked") == 1
    service.messages.config_set("maxmemory", 0)
    service.redis.start()
    _let_the_visibility_timeout_pass(service)
    service.until(lambda: service.statuses(sold) == {Status.WAITING}, "the event is recorded", supervised=True)
