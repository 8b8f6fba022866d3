"""RabbitMQ's dead letters: messages that were refused, or took their worker down too often.

A worker declares their queue, and a sweep brings them into `rejected`, where an operator sees them. Who dies between
the two leaves a message in both: then it is rejected twice.
"""

from typing import TYPE_CHECKING, Any

import structlog
from celery import Celery, bootsteps
from kombu import Message

from config.celeryconfig import DEAD_LETTERS, DELIVERY_LIMIT
from worker.bootstrap import Service
from worker.entrypoints.broker import is_rabbitmq
from worker.entrypoints.broker.aside import MOST_BROUGHT, Aside, keep_rejected
from worker.entrypoints.broker.calls import call_problem, given_up, is_hint, no_message, task_of, task_problem
from worker.entrypoints.broker.envelope import kept_text, unreadable
from worker.telemetry import Log

if TYPE_CHECKING:
    from celery.worker.consumer import Consumer

log = structlog.get_logger()

_REASONS = {
    "rejected": "a worker refused it or failed at it, and its log says why",
    "delivery_limit": f"it came back {DELIVERY_LIMIT} times, each time from a worker that died or lost its connection",
}


class DeadLetterQueue(bootsteps.StartStopStep):  # type: ignore[misc] # Celery has no types
    """Declares their queue whenever a worker has connected; else the broker would have nowhere to put them."""

    # By its name: every command of ours imports this file, and none but a worker needs Celery's worker.
    requires = ("celery.worker.consumer.connection:Connection",)

    def include_if(self, consumer: "Consumer") -> bool:
        """Whether the broker is RabbitMQ."""
        return is_rabbitmq(consumer.app)

    def start(self, consumer: "Consumer") -> None:
        """Declare it."""
        DEAD_LETTERS(consumer.connection.default_channel).declare()


def reject_dead_letters(app: Celery, channel: Any, service: Service) -> None:  # noqa: ANN401 - kombu's
    """Keep dead letters as rejected, but drop hints; raises redis-py's errors, and the broker's.

    What was taken when one is raised goes back when the caller closes the channel's connection.
    """
    queue = DEAD_LETTERS(channel)
    for _ in range(MOST_BROUGHT):
        message = queue.get()
        if message is None:
            return
        _bring(app, message, service)
        message.ack()


def _bring(app: Celery, message: Message, service: Service) -> None:
    queue, reason = _death(message)
    task, problem = task_of(message), _problem(app, message)
    if is_hint(task) and not problem:
        log.warning(Log.HINT_GIVEN_UP, task=task, reason=reason)
        return
    held = no_message(problem) if problem else given_up(task, reason)
    keep_rejected(service, Aside(f"queue {queue}", held, kept_text(message.body)))


def _death(message: Message) -> tuple[str, str]:
    """Return in which queue it died last and why, as RabbitMQ says, or whoever wrote to its exchange."""
    deaths = message.headers.get("x-death")
    died = deaths[0] if isinstance(deaths, list) and deaths and isinstance(deaths[0], dict) else {}
    reason = str(died.get("reason", "nothing of it"))
    return str(died.get("queue", DEAD_LETTERS.name)), _REASONS.get(reason, f"the broker says {reason}")


def _problem(app: Celery, message: Message) -> str:
    try:
        return call_problem(app, message) or task_problem(app, message)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with it
        return unreadable(error, "its body")
