"""Hints: messages that say where work waits. Losing one loses nothing, the sweep hints again."""

import math
from collections.abc import Mapping

import structlog
from celery import Celery
from kombu.exceptions import OperationalError
from kombu.transport.pyamqp import Transport as RabbitMQ

from config.celeryconfig import MAX_COUNTDOWN_SECONDS
from worker.entrypoints.broker import is_rabbitmq
from worker.entrypoints.tracing.context import headers_for
from worker.ports import Drain, Ledger
from worker.telemetry import Log

log = structlog.get_logger()

TASKS = {
    Drain.INBOX: "coleta.drain_inbox",
    Drain.PICKUPS: "coleta.request_pickups",
    Drain.LEARN: "coleta.learn_order",
    Drain.REREAD: "coleta.learn_order",
    Drain.FEED: "coleta.poll_feed",
    Drain.RECONCILE: "coleta.reconcile",
}
# Orders are learned from two sources by one task, which is told which; SkyHub unless it says otherwise.
NAMED: Mapping[Drain, Mapping[str, str]] = {Drain.REREAD: {"source": "oms"}}
# What kombu has no name of its own for: an exchange that is not there, a user who may not publish.
_REFUSED = (OperationalError, *RabbitMQ.connection_errors, *RabbitMQ.channel_errors)


def send(app: Celery, store: str, drain: Drain, delay_ms: int = 0, token: str = "") -> None:
    """Send a hint that works at once or after a delay; a broker that is away, or refuses it, is left to the sweep.

    `token` is that of a rest which ends with this hint.
    """
    try:
        named = {**NAMED.get(drain, {}), **({"token": token} if token else {})}
        app.send_task(
            TASKS[drain],
            args=[store],
            kwargs=named,
            countdown=countdown(app, delay_ms) or None,
            headers=headers_for(TASKS[drain], store),
            ignore_result=True,
        )
    except _REFUSED as error:
        log.warning(Log.HINT_NOT_SENT, store=store, drain=drain, reason=str(error))


def countdown(app: Celery, delay_ms: int) -> float:
    """Return a delay as a countdown of Celery's, in seconds; what is longer waits in the indexes."""
    seconds = min(delay_ms / 1000, MAX_COUNTDOWN_SECONDS)
    # RabbitMQ delays by whole seconds; Celery cuts off what is over, and fails where nothing is left.
    return math.ceil(seconds) if is_rabbitmq(app) else seconds


def hint(app: Celery, ledger: Ledger, *drains: Drain) -> None:
    """Send a hint to each of these drains to which none is on its way."""
    for drain in sorted(drains):
        if ledger.hint(drain):
            send(app, ledger.store, drain)
