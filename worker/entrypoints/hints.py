"""Hints: messages that say where work waits. Losing one loses nothing, the sweep hints again."""

import structlog
from celery import Celery
from kombu.exceptions import OperationalError

from worker.ports import Drain, Ledger

log = structlog.get_logger()

TASKS = {
    Drain.INBOX: "coleta.drain_inbox",
    Drain.PICKUPS: "coleta.request_pickups",
    Drain.LEARN: "coleta.learn_order",
}


def send(app: Celery, store: str, drain: Drain, delay_ms: int = 0) -> None:
    """Send a hint that works at once or after a delay; a broker that is away is logged and left to the sweep."""
    try:
        app.send_task(TASKS[drain], args=[store], countdown=delay_ms / 1000 or None, ignore_result=True)
    except OperationalError as error:
        log.warning("hint.not_sent", store=store, drain=drain, reason=str(error))


def hint(app: Celery, ledger: Ledger, drain: Drain) -> None:
    """Send a hint unless one is on its way."""
    if ledger.hint(drain):
        send(app, ledger.store, drain)
