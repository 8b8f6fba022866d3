"""The Celery app and its tasks: thin. A message is a hint, the ledger is the truth; only `order_invoiced` is a record.

Every task may run twice, late, or beside itself.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import NoReturn, Protocol
from uuid import uuid4

import structlog
from celery import Celery, Task
from celery.exceptions import Reject
from redis.exceptions import RedisError

from config.celeryconfig import celery_settings
from config.settings import SettingsError
from worker.bootstrap import Service
from worker.entrypoints import process, runs, worker_life
from worker.entrypoints.broker import guard_redis
from worker.entrypoints.broker.dead_letters import DeadLetterQueue
from worker.entrypoints.broker.gathering import bring_in
from worker.entrypoints.hints import NAMED, countdown, hint, send
from worker.entrypoints.message_door import record, reject
from worker.entrypoints.operating import retry
from worker.entrypoints.sweeping import sweep_watched
from worker.entrypoints.turnstile import Turnstile
from worker.ports import Drain
from worker.telemetry import Log
from worker.usecases.find_orders import find_order
from worker.usecases.next_drains import Done
from worker.usecases.store_trouble import Rest
from worker.usecases.wish_to_learn import wish_to_learn

log = structlog.get_logger()

_RECORD_RETRY_SECONDS = 5
# A store's backlog keeps the place of other stores no longer than this.
_LONG_ENOUGH_SECONDS = 0.1
_stopping = process.stopping.is_set
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
    if (service := _serving(store)) is None:
        return
    with _place(store, Drain.INBOX) as place:
        if place is None:
            return
        recorded = service.drain_inbox(store, stop=_asked_to_stop(place, service.settings.drain_seconds))
    more = Drain.INBOX in recorded.drains
    log.info(Log.INBOX_DRAINED, events=recorded.events, due=recorded.due, more=more)
    hint(app, service.ledger(store), *recorded.drains)


@app.task(name="coleta.request_pickups", bind=True, max_retries=None)
def request_pickups(self: Task, store: str, token: str = "") -> None:
    """Request the pickups of a store's due orders; `token` is that of a rest which this run ends."""
    _in_turn(self, store, Drain.PICKUPS, token, lambda s, late: s.request_pickups(store, stop=_stopping, late=late))


@app.task(name="coleta.learn_order", bind=True, max_retries=None)
def learn_order(
    self: Task, store: str, order_id: str | int | None = None, token: str = "", source: str = "skyhub"
) -> None:
    """Learn the facts that a store's orders lack, those of `order_id` in any case, from its OMS or from SkyHub.

    `source` is `oms` or `skyhub`; for an `order_id` it is the OMS if the store has one.
    """
    drain = Drain.REREAD if source == "oms" else Drain.LEARN
    if order_id is not None:
        if (service := _serving(store)) is None:
            return
        ledger, policy = service.ledger(store), service.policy(store)
        drain = wish_to_learn(ledger, policy, find_order(ledger, policy.affiliate, str(order_id)), str(order_id))
    if drain is Drain.REREAD:
        _in_turn(self, store, drain, token, lambda service, late: service.reread_orders(store, late=late))
    else:
        _in_turn(self, store, drain, token, lambda s, late: s.learn_orders(store, stop=_stopping, late=late))


@app.task(name="coleta.poll_feed", bind=True, max_retries=None)
def poll_feed(self: Task, store: str, token: str = "") -> None:
    """Take what the feed of a store's VTEX account holds, if the stores file (still) asks for it."""
    _in_turn(self, store, Drain.FEED, token, lambda service, late: service.poll_feed(store, late=late))


@app.task(name="coleta.reconcile", bind=True, max_retries=None)
def reconcile(self: Task, store: str, token: str = "") -> None:
    """Look for what SkyHub lists as collectable and nobody told of."""
    _in_turn(self, store, Drain.RECONCILE, token, lambda service, _late: service.reconcile(store, stop=_stopping))


@app.task(name="coleta.retry_order", bind=True, max_retries=None)
def retry_order(self: Task, store: str, order_id: str | int, reason: object) -> None:
    """Do the operator's retry of an order, by any form of its code, a bare number too; a refusal is logged."""
    if (service := _serving(store)) is None:
        return
    try:
        retry(service, app, store, str(order_id), reason)
    except RedisError as error:
        _again(self, error)


@app.task(name="coleta.sweep")
def sweep() -> None:
    """Hint again at whatever waits, and keep as rejected what the broker holds of messages that no worker could use."""
    service = process.service()
    sweep_watched(service, partial(send, app))
    bring_in(app, service)


# ---- the frame


class _Run(Protocol):
    """One store's slow drain, for one run."""

    def run(self, token: str) -> Done:
        """Do what there is; `token` is the bearer's, if a rest announced this run."""


def _serving(store: object) -> Service | None:
    """Return the service if the stores file has this store; a message about one taken out may still be on its way."""
    service = process.service()
    if isinstance(store, str) and store in service.stores:
        return service
    log.warning(Log.STORE_UNKNOWN, store=store, reason="it is not in the stores file; its orders are kept")
    return None


@contextmanager
def _place(store: str, drain: Drain) -> Iterator[Turnstile[tuple[str, Drain]] | None]:
    """Take a place for a drain; None if it stands in line now, and its hint is sent again when its turn comes."""
    turnstile = worker_life.turnstile(drain)
    if not turnstile.enter((store, drain)):
        yield None
        return
    try:
        yield turnstile
    finally:
        for waiting in turnstile.leave():
            send(app, *waiting)


def _asked_to_stop(place: Turnstile[tuple[str, Drain]], seconds: float) -> Callable[[], bool]:
    """Return whether a recording run must end: its time is over, or it was long enough and others wait for a place."""
    late, long_enough = process.until(seconds), process.until(_LONG_ENOUGH_SECONDS)
    return lambda: late() or (place.waited_for and long_enough())


def _in_turn(
    task: Task,
    store: str,
    drain: Drain,
    token: str,
    make: Callable[[Service, Callable[[], bool]], _Run | None],
) -> None:
    """Run a slow drain if a place is free, hint, and obey the rest it asks for: the only retry chain of its store.

    `make` is given when a run was long enough, and makes it, or None if there is nothing to run any more.
    """
    if (service := _serving(store)) is None:
        return
    with _place(store, drain) as place:
        if place is None:
            return
        run = make(service, process.until(service.settings.drain_seconds))
        done = run.run(token or uuid4().hex) if run is not None else Done()
    hint(app, service.ledger(store), *done.drains)
    if done.rest is not None:
        _obey(task, store, drain, done.rest)


def _obey(task: Task, store: str, drain: Drain, rest: Rest) -> None:
    named = {**NAMED.get(drain, {}), "token": rest.token}
    try:
        raise task.retry(args=[store], kwargs=named, countdown=countdown(app, rest.delay_ms))
    except Reject as rejected:
        # Celery could not publish it, and would make this hint a dead letter; the sweep hints again.
        log.warning(Log.HINT_NOT_SENT, store=store, drain=drain, reason=str(rejected.reason))
