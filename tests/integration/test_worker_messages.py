"""The message of the Celery door is the record: it leaves the broker only when its event is recorded."""

import signal
from collections.abc import Iterator

import pytest

from tests.fixtures.running_service import RunningService, running
from tests.fixtures.sales import Sale
from worker.domain.order import Status

MESSAGES = 3
# A command to a server that does not answer lasts 10 s.
BEFORE_IT_GIVES_UP_SECONDS = 8.0


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """State and messages on servers of their own, so that one can be away and the other not; no beat."""
    with running(RunningService(tmp_path_factory.mktemp("messages"), broker_apart=True)) as service:
        service.start_worker()
        yield service


@pytest.fixture
def service(apart: RunningService) -> RunningService:
    """Give the service, all of it running, with nothing of another test on its way."""
    apart.revive()
    apart.until(lambda: apart.app.control.ping(timeout=1), "the worker answers")
    apart.until(lambda: not apart.messages.hlen("unacked"), "the worker is done with what it had")
    return apart


def _send_while_the_state_is_frozen(service: RunningService, sold: list[Sale]) -> None:
    """Bring a worker to the point between taking messages and recording their events."""
    service.redis.process.send_signal(signal.SIGSTOP)
    for sale in sold:
        service.app.send_task("coleta.order_invoiced", args=[sale.event(0)])
    held = service.messages.hlen
    service.until(lambda: held("unacked") == len(sold), "a worker has the messages", BEFORE_IT_GIVES_UP_SECONDS)
    for _ in range(2):  # What a worker acknowledges before a task has run, it has acknowledged by its second answer.
        assert service.app.control.broadcast("ping", reply=True, limit=1, timeout=BEFORE_IT_GIVES_UP_SECONDS)


def _let_the_visibility_timeout_pass(service: RunningService) -> None:
    service.messages.zunionstore("unacked_index", {"unacked_index": 0.0})


def test_a_message_whose_worker_was_killed_comes_back(service: RunningService) -> None:
    """A worker dies between taking messages and recording their events; another one records them."""
    sold = service.sold("acme", MESSAGES)
    _send_while_the_state_is_frozen(service, sold)
    (worker,) = (part for part in service.parts if part.name == "worker")
    worker.kill()
    service.redis.process.send_signal(signal.SIGCONT)

    assert service.messages.hlen("unacked") == MESSAGES
    _let_the_visibility_timeout_pass(service)
    service.revive()
    service.await_status(sold, Status.WAITING)


def test_a_message_that_can_neither_be_recorded_nor_sent_again_stays(service: RunningService) -> None:
    """The state is away and the broker is full: messages wait there, and are recorded when both are back."""
    sold = service.sold("acme", MESSAGES)
    _send_while_the_state_is_frozen(service, sold)
    service.messages.config_set("maxmemory", 1)
    service.redis.kill()
    (worker,) = (part for part in service.parts if part.name == "worker")
    service.until(lambda: worker.text.count("reject requeue") >= MESSAGES, "the tasks have given up")

    assert service.messages.hlen("unacked") == MESSAGES
    service.messages.config_set("maxmemory", 0)
    service.redis.start()
    _let_the_visibility_timeout_pass(service)
    service.until(lambda: service.statuses(sold) == {Status.WAITING}, "the event is recorded", supervised=True)
