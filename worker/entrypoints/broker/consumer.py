"""Celery's consumer, which refuses a message that it cannot run instead of dying of it or forgetting it.

What it refuses goes aside on Redis, and to the dead letters on RabbitMQ. No body of a message enters the log.
"""

from collections.abc import Callable
from typing import Any

import structlog
from celery.utils.log import get_logger
from celery.worker.consumer import Consumer as CeleryConsumer

from worker.entrypoints.broker.calls import call_problem
from worker.entrypoints.broker.envelope import OF_A_SHAPE, unreadable
from worker.telemetry import Log

log = structlog.get_logger()
_celery_log = get_logger(__name__)

_MOST_SHOWN = 100


class Consumer(CeleryConsumer):  # type: ignore[misc] # Celery has no types
    """Takes messages and hands them to the threads.

    It neither mingles nor gossips, whatever the command line says: asking the other workers at the start what they
    revoked takes a second, and nothing is ever revoked here; a worker that asks so again after Redis was away can stop
    taking messages (celery #7276, #8030). Listening to their events serves elections and logs: both go unused, and cost
    a subscription.
    """

    def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - Celery's
        super().__init__(*args, **{**options, "without_mingle": True, "without_gossip": True})

    def create_task_handler(self, *args: Any, **kwargs: Any) -> Callable[[Any], None]:  # noqa: ANN401 - Celery's
        """Return what takes a message."""
        handle = super().create_task_handler(*args, **kwargs)
        # kombu counts KeyError as a lost connection, which a message without its id raises as well.
        lost = tuple(error for error in (*self.connection_errors, *self.channel_errors) if error is not KeyError)

        def take(message: Any) -> None:  # noqa: ANN401 - kombu's
            reason = self._problem(message)
            if reason:
                self._refuse(message, reason)
                return
            message.headers["expires"] = None  # an expired event is still an event
            # What the producer wrote of the arguments for logs: it may quote the event, a customer's data with it.
            message.headers.pop("argsrepr", None)
            message.headers.pop("kwargsrepr", None)
            try:
                handle(message)
            except lost:
                raise
            except OF_A_SHAPE as error:  # the worker's own trouble ends it, and the message comes back
                self._refuse(message, f"Celery cannot run it ({type(error).__name__})")

        return take

    # ---- Celery's own doubts: it would throw these messages away, their bodies into the log

    def on_unknown_message(self, body: object, message: Any) -> None:  # noqa: ANN401, ARG002 - Celery's
        """Refuse a message that names no task."""
        self._refuse(message, "it names no task")

    def on_unknown_task(self, body: object, message: Any, exc: Exception) -> None:  # noqa: ANN401, ARG002 - Celery's
        """Refuse a message to a task that does not exist."""
        self._refuse(message, f"there is no task {str(exc)[:_MOST_SHOWN]}")

    def on_invalid_task(self, body: object, message: Any, exc: Exception) -> None:  # noqa: ANN401, ARG002 - Celery's
        """Refuse a message that is not to be trusted, or cannot be run."""
        self._refuse(message, str(exc)[:_MOST_SHOWN])

    def on_decode_error(self, message: Any, exc: Exception) -> None:  # noqa: ANN401 - Celery's
        """Refuse a message whose body cannot be read."""
        self._refuse(message, unreadable(exc, "its body"))

    def _problem(self, message: Any) -> str:  # noqa: ANN401 - kombu's
        """Return why a thread would fail to call a task, "" where it would not, or Celery finds out itself."""
        try:
            return call_problem(self.app, message)
        except Exception:  # noqa: BLE001 - Celery comes upon it, too, and has a name for it
            return ""

    def _refuse(self, message: Any, reason: str) -> None:  # noqa: ANN401 - kombu's
        if message.acknowledged:
            return
        queue = (message.delivery_info or {}).get("routing_key")
        log.warning(Log.MESSAGE_PUT_ASIDE, queue=queue, reason=reason)
        message.refusal = reason
        message.reject_log_error(_celery_log, self.connection_errors)
