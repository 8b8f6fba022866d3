from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from kombu.exceptions import ChannelError, ConnectionLimitExceeded, OperationalError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError
from structlog.testing import capture_logs

from config.celeryconfig import celery_settings
from config.settings import load_settings
from tests.unit.entrypoints.broker.calls_app import tasks_app
from worker.entrypoints.broker import gathering, is_rabbitmq
from worker.entrypoints.broker.gathering import bring_in


@pytest.mark.parametrize(
    ("broker", "rabbit"),
    [
        ("amqp://rabbit", True),
        ("amqps://rabbit", True),
        ("redis://redis/1", False),
        ("rediss://redis/1", False),
        ("sentinel://one:1/0?master_name=m", False),
    ],
)
def test_the_broker_is_told_by_its_settings(broker: str, rabbit: bool) -> None:  # noqa: FBT001 - of a table
    """Nothing connects for it."""
    app = tasks_app()
    app.conf.update(celery_settings(load_settings({"COLETA_REDIS_URL": "redis://redis", "COLETA_BROKER_URL": broker})))

    assert is_rabbitmq(app) is rabbit


class Broker:
    """The app of a broker whose pool, channel or state raises `error`."""

    def __init__(self, *, rabbit: bool, at: str, error: Exception | None = None) -> None:
        self.conf = SimpleNamespace(task_default_queue_type="quorum" if rabbit else "classic")
        self.pool = self
        self.collected = 0
        self.looked: list[str] = []
        self._at, self._error = at, error

    def raise_at(self, at: str) -> None:
        """Raise if it is the place to."""
        if self._error is not None and at == self._at:
            raise self._error

    @contextmanager
    def acquire(self, **_: object) -> Iterator["Broker"]:
        """Hand out a connection of the pool."""
        self.raise_at("pool")
        yield self

    @property
    def default_channel(self) -> Any:  # noqa: ANN401 - kombu's
        """Open its channel."""
        self.raise_at("channel")
        return self

    @contextmanager
    def conn_or_acquire(self) -> Iterator["Broker"]:
        """Hand out a client of Redis."""
        yield self

    def collect(self) -> None:
        """Close the connection."""
        self.collected += 1

    def looks(self, what: str) -> Callable[..., None]:
        """Return what looks there."""

        def look(*_: object) -> None:
            self.looked.append(what)
            self.raise_at("state")

        return look


def _bring_in(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    monkeypatch.setattr(gathering, "reject_aside", broker.looks("aside"))
    monkeypatch.setattr(gathering, "reject_dead_letters", broker.looks("dead letters"))
    app: Any = broker
    service: Any = None
    with capture_logs() as logs:
        bring_in(app, service)
    return logs


@pytest.mark.parametrize(("rabbit", "looked"), [(True, ["dead letters"]), (False, ["aside"])])
def test_each_broker_is_looked_through_in_its_way(
    rabbit: bool,  # noqa: FBT001 - of a table
    looked: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """RabbitMQ has no list, and Redis no dead letters."""
    broker = Broker(rabbit=rabbit, at="")

    assert _bring_in(broker, monkeypatch) == []
    assert (broker.looked, broker.collected) == (looked, 0)


@pytest.mark.parametrize("rabbit", [True, False])
@pytest.mark.parametrize(
    ("at", "error", "collected"),
    [
        ("pool", ConnectionLimitExceeded(10), 0),
        ("channel", OperationalError("refused"), 1),
        ("channel", RedisConnectionError("refused"), 1),
        ("channel", ConnectionResetError("reset"), 1),
        ("state", RedisConnectionError("away"), 1),
        ("state", ResponseError("OOM command not allowed"), 1),
        ("state", ChannelError("not for this user"), 1),
    ],
)
def test_a_sweep_never_fails_by_it(
    rabbit: bool,  # noqa: FBT001 - of a table
    at: str,
    error: Exception,
    collected: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It says what is away, and gives back what it took: closing the connection returns it."""
    broker = Broker(rabbit=rabbit, at=at, error=error)

    (line,) = _bring_in(broker, monkeypatch)

    assert line["event"] == "broker.unread"
    assert broker.collected == collected
