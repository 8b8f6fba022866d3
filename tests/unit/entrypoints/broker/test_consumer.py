from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from celery import Celery
from celery.worker.consumer import Consumer as CeleryConsumer
from redis.exceptions import ConnectionError as RedisConnectionError

from tests.unit.entrypoints.broker.calls_app import message, tasks_app
from worker.entrypoints.broker.consumer import Consumer


def _taking(raised: Exception, monkeypatch: pytest.MonkeyPatch) -> tuple[Callable[[Any], None], Any]:
    """Return what takes a message, of which Celery raises this, and a message."""

    def handle(_: object) -> None:
        raise raised

    monkeypatch.setattr(CeleryConsumer, "create_task_handler", lambda *_, **__: handle)
    consumer = Consumer.__new__(Consumer)
    consumer.app = tasks_app()
    consumer.connection_errors, consumer.channel_errors = (RedisConnectionError, OSError, KeyError), ()
    found = message("coleta.order_invoiced", {"store": "acme"})
    found.delivery_info = {"routing_key": "inbox"}
    found.reject_log_error = lambda *_: setattr(found, "acknowledged", True)
    return consumer.create_task_handler(), found


@pytest.mark.parametrize(
    "trouble",
    [
        RuntimeError("can't start new thread"),
        RuntimeError("cannot schedule new futures after shutdown"),
        MemoryError(),
        OSError(24, "too many open files"),
        RedisConnectionError("the connection of this channel is gone"),
    ],
    ids=repr,
)
def test_a_workers_own_trouble_refuses_no_message(trouble: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is raised, and the message comes back: a sound event is nothing to be rejected."""
    take, found = _taking(trouble, monkeypatch)

    with pytest.raises(type(trouble)):
        take(found)
    assert not found.acknowledged
    assert not hasattr(found, "refusal")


@pytest.mark.parametrize(
    "wrong",
    [
        KeyError("id"),
        TypeError("cannot unpack"),
        ValueError("no date"),
        AttributeError("no text"),
        OverflowError("date"),
        RecursionError(),
        UnicodeEncodeError("utf-8", "\udc00", 0, 1, "surrogates not allowed"),
    ],
    ids=repr,
)
def test_what_a_messages_shape_raises_refuses_it(wrong: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    """Raised further, it would end worker after worker."""
    take, found = _taking(wrong, monkeypatch)

    take(found)

    assert found.acknowledged
    assert found.refusal == f"Celery cannot run it ({type(wrong).__name__})"


def test_what_a_producer_wrote_of_its_arguments_for_logs_is_not_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Celery would quote it in complaints: an event, and a customer's data where a producer sent some."""
    take, found = _taking(ValueError("no date"), monkeypatch)
    found.headers |= {"argsrepr": "[{'customer': 'Maria'}]", "kwargsrepr": "{}"}

    take(found)

    assert found.headers.keys() == {"task", "id", "expires"}


def test_a_worker_neither_mingles_nor_gossips() -> None:
    """Also where nobody says so on the command line."""
    app = Celery("test", broker="redis://127.0.0.1:1/0", set_as_current=False)
    said = {"without_mingle": False, "without_gossip": False}

    def steps(kind: type[CeleryConsumer]) -> set[str]:
        consumer = kind(None, app=app, controller=SimpleNamespace(use_eventloop=False), worker_options=said)
        return {type(step).__name__ for step in consumer.steps}

    assert steps(CeleryConsumer) - steps(Consumer) == {"Mingle", "Gossip"}
