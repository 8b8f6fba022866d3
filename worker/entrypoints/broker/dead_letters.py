"""RabbitMQ's dead letters: messages that were refused, or took their worker down too often.

A worker declares their queue, and a sweep brings them into `rejected`, where an operator sees them. Who dies between
the two leaves a message in both: then it is rejected twice.
"""

import structlog
from celery import Celery, bootsteps
from celery.worker.consumer import Consumer
from celery.worker.consumer.connection import Connection
from kombu import Message
from kombu.transport.pyamqp import Transport as RabbitMQ

from config.celeryconfig import DEAD_LETTERS, DELIVERY_LIMIT
from worker.bootstrap import Service
from worker.entrypoints.broker.aside import Aside, keep_rejected
from worker.entrypoints.broker.envelope import kept_text
from worker.telemetry import Log

log = structlog.get_logger()

_POOL_SECONDS = 10
_MOST_BROUGHT = 1000  # the next sweep goes on
_REASONS = {
    "rejected": "workers refused it, and their log says why",
    "delivery_limit": f"it came back {DELIVERY_LIMIT} times, each time from a worker that died or lost its connection",
}


class DeadLetterQueue(bootsteps.StartStopStep):  # type: ignore[misc] # Celery has no types
    """Declares their queue whenever a worker has connected; else the broker would have nowhere to put them."""

    requires = (Connection,)

    def include_if(self, consumer: Consumer) -> bool:
        """Whether the broker is RabbitMQ."""
        return bool(consumer.app.connection_for_read().transport.driver_type == "amqp")

    def start(self, consumer: Consumer) -> None:
        """Declare it."""
        DEAD_LETTERS(consumer.connection.default_channel).declare()


def reject_dead_letters(app: Celery, service: Service) -> None:
    """Keep dead letters as rejected; nothing where the broker has none. Raises redis-py's errors."""
    if app.conf.task_default_queue_type != "quorum":
        return
    with app.pool.acquire(block=True, timeout=_POOL_SECONDS) as connection:
        try:
            queue = DEAD_LETTERS(connection.default_channel)
            for _ in range(_MOST_BROUGHT):
                message = queue.get()
                if message is None:
                    return
                keep_rejected(service, _aside(message))
                message.ack()
        except (*RabbitMQ.connection_errors, *RabbitMQ.channel_errors) as error:
            # It was started again, for instance; the next sweep looks again.
            log.warning(Log.DEAD_LETTERS_UNREAD, reason=str(error))
            connection.collect()  # the pool would hand it out again as it is


def _aside(message: Message) -> Aside:
    died = (message.headers.get("x-death") or [{}])[0]
    reason = str(died.get("reason", ""))
    body = message.body if isinstance(message.body, bytes) else str(message.body).encode(errors="backslashreplace")
    return Aside(f"queue {died.get('queue', DEAD_LETTERS.name)}", _REASONS.get(reason, reason), kept_text(body))
