"""The Celery app and its tasks: thin. A message is a hint, the ledger is the truth; only `order_invoiced` is a record.

Every task may run twice, late, or beside itself.
"""

from collections.abc import Callable
from typing import NoReturn

import structlog
from celery import Celery, Task
from celery.exceptions import Reject
from redis.exceptions import RedisError

from config.celeryconfig import celery_settings
from config.settings import SettingsError
from worker.entrypoints import process, runs, worker_life
from worker.entrypoints.broker import guard_redis
from worker.entrypoints.broker.dead_letters import DeadLetterQueue
from worker.entrypoints.broker.gathering import bring_in
from worker.entrypoints.hints import hint, send
from worker.entrypoints.message_door import record, reject
from worker.entrypoints.operating import retry
from worker.entrypoints.sweeping import sweep_watched
from worker.entrypoints.turns import in_turn, place, serving
from worker.entrypoints.turnstile import Asking, Turnstile
from worker.entrypoints.worker_pulse import Turning
from worker.ports import Drain
from worker.telemetry import Log
from worker.usecases.find_orders import find_order
from worker.usecases.wish_to_learn import wish_to_learn

log = structlog.get_logger()

_RECORD_RETRY_SECONDS = 5
# A store's backlog keeps the place of other stores no longer than this.
_LONG_ENOUGH_SECONDS = 0.1
# The same where nobody can be seen to wait; to come back costs a message.
_CROWDED_SECONDS = 1.0
_ONE_ARGUMENT = "the message has more than one argument; send each event in a message of its own"


def _configuration() -> dict[str, object]:
    """Return Celery's settings; asked when Celery first needs them, so that an import reads nothing."""
    guard_redis()
    try:
        return celery_settings(process.settings())
    except SettingsError as error:
        process.leave(str(error))


app = Celery("coleta", set_as_current=False)
app.add_defaults(_configuration)
app.steps["consumer"].add(DeadLetterQueue)
app.steps["consumer"].add(Turning)
runs.connect()


# ---- the door


# One that fails is put aside, not forgotten.
@app.task(name="coleta.order_invoiced", bind=True, max_retries=None, acks_on_failure_or_timeout=False)
def order_invoiced(self: Task, event: object = None, *more: object, **named: object) -> None:
    """Record a native event, a dict or a JSON string. The message is the record: acknowledged only when recorded."""
    try:
        if more or named:
            reject(process.service(), {"args": [event, *more], "kwargs": named}, _ONE_ARGUMENT)
        else:
            record(process.service(), app, event)
    except RedisError as error:
        _again(self, error)


def _again(task: Task, error: Exception) -> NoReturn:
    """Retry through Celery without limit; if the broker is away too, leave the message with it, unacknowledged."""
    try:
        raise task.retry(exc=error, countdown=_RECORD_RETRY_SECONDS)
    except Reject as rejected:
        # Celery gives a retry that it cannot publish up for good; the message must come back instead.
        raise Reject(rejected.reason, requeue=True) from error


# ---- drains and the operator's retry


@app.task(name="coleta.drain_inbox")
def drain_inbox(store: str) -> None:
    """Fold a store's inbox into its orders."""
    if (service := serving(store)) is None:
        return
    with place(app, store, Drain.INBOX) as turnstile:
        if turnstile is None:
            return
        with runs.counted(Drain.INBOX):
            recorded = service.drain_inbox(store, stop=_asked_to_stop(turnstile, service.settings.drain_seconds))
    more = Drain.INBOX in recorded.drains
    log.info(Log.INBOX_DRAINED, events=recorded.events, due=recorded.due, more=more, **recorded.told)
    hint(app, service.ledger(store), *recorded.drains)


@app.task(name="coleta.request_pickups", bind=True, max_retries=None)
def request_pickups(self: Task, store: str, token: str = "") -> None:
    """Request the pickups of a store's due orders; `token` is that of a rest which this run ends."""
    in_turn(self, store, Drain.PICKUPS, token)


@app.task(name="coleta.learn_order", bind=True, max_retries=None)
def learn_order(
    self: Task, store: str, order_id: str | int | None = None, token: str = "", source: str = "skyhub"
) -> None:
    """Learn the facts that a store's orders lack, those of `order_id` in any case, from its OMS or from SkyHub.

    `source` is `oms` or `skyhub`; for an `order_id` it is the OMS if the store has one.
    """
    drain = Drain.REREAD if source == "oms" else Drain.LEARN
    if order_id is not None:
        if (service := serving(store)) is None:
            return
        ledger, policy = service.ledger(store), service.policy(store)
        drain = wish_to_learn(ledger, policy, find_order(ledger, policy.affiliate, str(order_id)), str(order_id))
    in_turn(self, store, drain, token)


@app.task(name="coleta.poll_feed", bind=True, max_retries=None)
def poll_feed(self: Task, store: str, token: str = "") -> None:
    """Take what the feed of a store's VTEX account holds, if the stores file (still) asks for it."""
    in_turn(self, store, Drain.FEED, token)


@app.task(name="coleta.reconcile", bind=True, max_retries=None)
def reconcile(self: Task, store: str, token: str = "") -> None:
    """Look for what SkyHub lists as collectable and nobody told of."""
    in_turn(self, store, Drain.RECONCILE, token)


@app.task(name="coleta.retry_order", bind=True, max_retries=None)
def retry_order(self: Task, store: str, order_id: str | int, reason: object) -> None:
    """Do the operator's retry of an order, by any form of its code, a bare number too; a refusal is logged."""
    if (service := serving(store)) is None:
        return
    try:
        retry(service, app, store, str(order_id), reason)
    except RedisError as error:
        _again(self, error)


@app.task(name="coleta.sweep")
def sweep() -> None:
    """Hint again at whatever waits, and keep as rejected what the broker holds of messages that no worker could use."""
    service = process.service()
    with runs.counted(runs.SWEEP):
        sweep_watched(service, _send_unless_expected)
        bring_in(app, service)


def _send_unless_expected(store: str, drain: Drain, delay_ms: int) -> bool:
    """Send a hint of the sweep, unless the store stands in line here: its turn comes without a message."""
    expected = worker_life.turnstile(drain).expects(Asking(store, drain))
    if not expected:
        send(app, store, drain, delay_ms)
    return not expected


def _asked_to_stop(turnstile: Turnstile[Asking], seconds: float) -> Callable[[], bool]:
    """Return whether a recording run must end: its time is over, or it was long enough and others may wait for it."""
    late, long_enough, crowding = map(process.until, (seconds, _LONG_ENOUGH_SECONDS, _CROWDED_SECONDS))
    return lambda: late() or (turnstile.waited_for and long_enough()) or (crowding() and worker_life.crowded())
