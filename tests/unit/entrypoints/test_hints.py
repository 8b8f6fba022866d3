"""Hints are sent to any broker, whatever it answers."""

import pytest
from celery import Celery
from kombu.exceptions import OperationalError
from kombu.transport.pyamqp import Transport

from config.celeryconfig import MAX_COUNTDOWN_SECONDS, celery_settings
from config.settings import load_settings
from worker.entrypoints.hints import countdown, send
from worker.ports import Drain


def _app(broker: str) -> Celery:
    app = Celery("test", set_as_current=False)
    app.conf.update(celery_settings(load_settings({"COLETA_REDIS_URL": "redis://redis", "COLETA_BROKER_URL": broker})))
    return app


@pytest.mark.parametrize(("delay_ms", "seconds"), [(0, 0), (1, 1), (400, 1), (1000, 1), (1001, 2), (59_001, 60)])
def test_rabbitmq_delays_by_whole_seconds_and_never_too_short(delay_ms: int, seconds: float) -> None:
    """Celery raises an error for a part of a second there, and cuts off what is over a whole one."""
    assert countdown(_app("amqp://rabbit"), delay_ms) == seconds


def test_redis_delays_by_any_time() -> None:
    """A worker keeps the message until then."""
    assert countdown(_app("redis://redis/1"), 400) == 0.4


@pytest.mark.parametrize("broker", ["amqp://rabbit", "redis://redis/1"])
def test_no_message_is_delayed_for_long(broker: str) -> None:
    """Longer waits stand in the indexes."""
    assert countdown(_app(broker), 3_600_000) == MAX_COUNTDOWN_SECONDS


@pytest.mark.parametrize("error", [OperationalError, *Transport.connection_errors, *Transport.channel_errors])
def test_a_hint_that_no_broker_takes_is_left_to_the_sweep(
    error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever sends one has saved its work before, and goes on."""
    app, asked = _app("amqp://rabbit"), []

    def refuse(*_: object, **__: object) -> None:
        asked.append(1)
        raise error("the broker refuses it")

    monkeypatch.setattr(app, "send_task", refuse)

    send(app, "acme", Drain.INBOX)

    assert asked
