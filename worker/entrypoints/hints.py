"""Hints: messages that say where work waits. Losing one loses nothing, the sweep hints again."""

from collections.abc import Mapping

import structlog
from celery import Celery
from kombu.exceptions import OperationalError

from worker.ports import Drain, Ledger

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


def send(app: Celery, store: str, drain: Drain, delay_ms: int = 0) -> None:
    """Send a hint that works at once or after a delay; a broker that is away is logged and left to the sweep."""
    try:
        named = dict(NAMED.get(drain, {}))
        app.send_task(TASKS[drain], args=[store], kwargs=named, countdown=delay_ms / 1000 or None, ignore_result=True)
    except OperationalError as error:
        log.warning("hint.not_sent", store=store, drain=drain, reason=str(error))


def hint(app: Celery, ledger: Ledger, drain: Drain) -> None:
    """Send a hint unless one is on its way."""
    if ledger.hint(drain):
        send(app, ledger.store, drain)
