"""A look at the broker that changes nothing: does it answer, and how many messages wait there."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from kombu import Connection
from kombu.exceptions import OperationalError

from config.celeryconfig import celery_settings
from config.scrub import scrub_text
from config.settings import Settings
from worker.entrypoints.broker import guard_redis

_SECONDS = 3


@dataclass(frozen=True, slots=True)
class BrokerLook:
    """What was seen. `problem` says why the broker is of no use, "" where it is; `code` is RabbitMQ's reason.

    `waiting` counts the messages of each queue; one that is not there is `missing`.
    """

    problem: str = ""
    code: int | None = None
    waiting: dict[str, int] = field(default_factory=dict)
    missing: tuple[str, ...] = ()


def look(settings: Settings, queues: Iterable[str]) -> BrokerLook:
    """Look at these queues, for a few seconds at most; raises `SettingsError` where no broker is known."""
    guard_redis()
    configured: dict[str, Any] = celery_settings(settings)
    options = {**configured["broker_transport_options"]}
    options |= {name: _SECONDS for name in options if name.endswith("timeout") and name != "visibility_timeout"}
    connection = Connection(
        configured["broker_url"],
        ssl=configured.get("broker_use_ssl", False),
        connect_timeout=_SECONDS,
        transport_options=options,
    )
    try:
        with connection:
            connection.ensure_connection(max_retries=1, interval_start=0)
            waiting = {queue: _size(connection, queue) for queue in queues}
    except Exception as error:  # noqa: BLE001 - whatever kombu makes of it, the broker is of no use now
        return BrokerLook(_said(error), getattr(error, "reply_code", None))
    known = {queue: size for queue, size in waiting.items() if size is not None}
    return BrokerLook(waiting=known, missing=tuple(queue for queue in waiting if queue not in known))


def _size(connection: Connection, queue: str) -> int | None:
    """Return how many messages wait; None where there is no such queue (Redis has none without messages)."""
    channel = connection.channel()  # RabbitMQ closes it over a queue that is not there
    try:
        return int(channel.queue_declare(queue, passive=True).message_count)
    except connection.channel_errors:
        return 0 if connection.transport.driver_type == "redis" else None


def _said(error: Exception) -> str:
    cause = error.__cause__ if isinstance(error, OperationalError) else None
    said = str(getattr(error, "reply_text", "") or cause or error).strip()
    return scrub_text(said).rstrip(".") or type(error).__name__
