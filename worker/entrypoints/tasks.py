"""The Celery app and its tasks: thin. A message is a hint, the ledger is the truth; only `order_invoiced` is a record.

Every task may run twice, late, or beside itself.
"""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any, NoReturn
from uuid import uuid4

import structlog
from celery import Celery, Task, signals
from celery.exceptions import Reject
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from config.celeryconfig import celery_settings
from config.settings import SettingsError
from worker.adapters.bodies import known_part
from worker.adapters.native_event import NativeEventError, read
from worker.bootstrap import Service, UnknownStoreError
from worker.domain.events import Announcer, OrderAnnounced
from worker.domain.order import In
from worker.domain.wishes import is_skyhubs_to_tell
from worker.entrypoints import process
from worker.entrypoints.broker import guard_redis
from worker.entrypoints.broker.dead_letters import DeadLetterQueue
from worker.entrypoints.broker.gathering import bring_in
from worker.entrypoints.broker.rabbitmq_start import rabbitmq_refusal
from worker.entrypoints.hints import NAMED, countdown, hint, send
from worker.entrypoints.operating import retry
from worker.entrypoints.turnstile import Turnstile
from worker.ports import Change, Drain, Ledger, Unreadable
from worker.telemetry import Log
from worker.usecases import sweep as sweeping
from worker.usecases.find_orders import find_order
from worker.usecases.record_invoices import Recorded, drain_inbox, record_now
from worker.usecases.store_trouble import Rest

log = structlog.get_logger()

# Slow drains leave a quarter of the threads to recording (design, "Requesting pickups").
_SLOW_SHARE = 0.75
_RECORD_RETRY_SECONDS = 5
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

_turnstile: Turnstile[tuple[str, Drain]] = Turnstile(1)


# ---- the life of a worker


@signals.celeryd_after_setup.connect(weak=False)
def _open_turnstile(instance: Any, **_: object) -> None:  # noqa: ANN401 - Celery's worker has no type
    """Size the turnstile by the threads this worker really has."""
    global _turnstile  # noqa: PLW0603 - one process, one worker
    _turnstile = Turnstile(max(1, int((instance.concurrency or 1) * _SLOW_SHARE)))


@signals.worker_init.connect(weak=False)
def _look_before_working(**_: object) -> None:
    """Refuse what cannot work before the first message is taken."""
    process.set_up_logging()  # Celery's own time for it is later
    process.warn_about_settings()
    process.wait_for_redis()
    if reason := rabbitmq_refusal(process.settings()):
        process.leave(reason)


@signals.beat_init.connect(weak=False)
def _look_before_beating(**_: object) -> None:
    process.set_up_logging()
    process.warn_about_settings()


@signals.setup_logging.connect(weak=False)
def _set_up_logging(**_: object) -> None:
    process.set_up_logging()


@signals.worker_ready.connect(weak=False)
def _look_at_once(**_: object) -> None:
    """Sweep now: what a killed worker left need not wait for beat."""
    with suppress(OperationalError):  # then the broker is away, and beat sweeps when it is back
        sweep.apply_async()


@signals.worker_shutting_down.connect(weak=False)
def _stop_drains(**_: object) -> None:
    """Let running drains end between two calls; what they leave waits in the indexes."""
    process.stopping.set()


@signals.task_prerun.connect(weak=False)
def _bind(task_id: str, task: Task, args: Any = (), kwargs: Any = None, **_: object) -> None:  # noqa: ANN401 - whatever was sent
    store = args[0] if args else (kwargs or {}).get("store")
    bound = {"store": store} if isinstance(store, str) and task.name != "coleta.order_invoiced" else {}
    structlog.contextvars.bind_contextvars(task_id=task_id, task=task.name, **bound)


@signals.task_postrun.connect(weak=False)
def _unbind(**_: object) -> None:
    structlog.contextvars.clear_contextvars()


# ---- the door


# One that fails is put aside, not forgotten.
@app.task(name="coleta.order_invoiced", bind=True, max_retries=None, acks_on_failure_or_timeout=False)
def order_invoiced(self: Task, event: object = None, *more: object, **named: object) -> None:
    """Record a native event, a dict or a JSON string. The message is the record: acknowledged only when recorded."""
    try:
        if more or named:
            _reject({"args": [event, *more], "kwargs": named}, _ONE_ARGUMENT)
        else:
            _record(event)
    except RedisError as error:
        _again(self, error, _RECORD_RETRY_SECONDS)


def _record(event: object) -> None:
    """Record an event, or keep it as rejected with what is wrong with it; raises redis-py's errors."""
    service = process.service()
    try:
        native = read(event)
        ledger = service.ledger(native.store)
    except NativeEventError as error:
        _reject(event, error.reason, error.store)
        return
    except UnknownStoreError as error:
        _reject(event, str(error))
        return
    structlog.contextvars.bind_contextvars(store=native.store, order_id=native.event.order_id)
    try:
        recorded = record_now(ledger, service.policy(native.store), native.event, _text(event))
    except RedisError:
        raise
    except Exception as error:  # a fault of ours must not lose the event
        log.exception(Log.EVENT_BROKE_RECORDING)
        _reject(event, f"recording it failed ({error!r}); please report this", native.store)
        return
    _hint_after(ledger, recorded)


def _reject(event: object, reason: str, store: str = "") -> None:
    """Keep an event that cannot be recorded, with its store if that is known."""
    service = process.service()
    kept = [Unreadable(_text(event), reason)]
    log.warning(Log.EVENT_REJECTED, reason=reason, **({"store": store} if store else {}))
    if store in service.stores:
        service.ledger(store).reject(kept)
    else:
        service.fleet.reject_unknown(kept)


def _text(event: object) -> str:
    """Return what may be kept of an event."""
    # Not pydantic's JSON, which refuses half a surrogate pair; what a producer cut in two is kept as it came.
    return known_part(event if isinstance(event, str) else json.dumps(event, ensure_ascii=False, default=repr))


def _again(task: Task, error: Exception, countdown: float) -> NoReturn:
    """Retry through Celery without limit; if the broker is away too, leave the message with it, unacknowledged."""
    try:
        raise task.retry(exc=error, countdown=countdown)
    except Reject as rejected:
        # Celery gives a retry that it cannot publish up for good; the message must come back instead.
        raise Reject(rejected.reason, requeue=True) from error


# ---- drains


@app.task(name="coleta.drain_inbox")
def drain_inbox_task(store: str) -> None:
    """Fold a store's inbox into its orders."""
    service = process.service()
    if not _serves(service, store):
        return
    settings, ledger = service.settings, service.ledger(store)
    recorded = drain_inbox(
        ledger,
        service.policy(store),
        batch=settings.inbox_batch,
        renew_seconds=settings.inbox_lease_seconds / 2,
        stop=process.until(settings.drain_seconds),
    )
    log.info(Log.INBOX_DRAINED, events=recorded.events, due=recorded.due, more=recorded.more)
    _hint_after(ledger, recorded)
    if recorded.more:
        hint(app, ledger, Drain.INBOX)


@app.task(name="coleta.request_pickups", bind=True, max_retries=None)
def request_pickups(self: Task, store: str, token: str = "") -> None:
    """Request the pickups of a store's due orders; `token` is that of a rest which this run ends."""
    service = process.service()
    if not _serves(service, store):
        return
    late = process.until(service.settings.drain_seconds)

    def drain() -> Rest | None:
        done = service.request_pickups(store, stop=process.stopping.is_set, late=late).run(token or uuid4().hex)
        if done.more:
            hint(app, service.ledger(store), Drain.PICKUPS)
        return done.rest

    _in_turn(self, store, Drain.PICKUPS, drain)


@app.task(name="coleta.learn_order", bind=True, max_retries=None)
def learn_order(
    self: Task, store: str, order_id: str | int | None = None, token: str = "", source: str = "skyhub"
) -> None:
    """Learn the facts that a store's orders lack, those of `order_id` in any case, from its OMS or from SkyHub.

    `source` is `oms` or `skyhub`; for an `order_id` it is the OMS if the store has one.
    """
    service = process.service()
    if not _serves(service, store):
        return
    if order_id is not None:
        source = _wish(service, store, str(order_id))
    if source == "oms":
        _in_turn(self, store, Drain.REREAD, partial(_reread, service, store, token or uuid4().hex))
    else:
        _in_turn(self, store, Drain.LEARN, partial(_learn, service, store, token or uuid4().hex))


def _learn(service: Service, store: str, token: str) -> Rest | None:
    late = process.until(service.settings.drain_seconds)
    done = service.learn_orders(store, stop=process.stopping.is_set, late=late).run(token)
    ledger = service.ledger(store)
    if done.due:
        hint(app, ledger, Drain.PICKUPS)
    if done.more:
        hint(app, ledger, Drain.LEARN)
    return done.rest


def _reread(service: Service, store: str, token: str) -> Rest | None:
    done = service.reread_orders(store, late=process.until(service.settings.drain_seconds)).run(token)
    ledger = service.ledger(store)
    if done.due:
        hint(app, ledger, Drain.PICKUPS)
    if done.wishes:
        hint(app, ledger, Drain.LEARN)
    if done.more:
        hint(app, ledger, Drain.REREAD)
    return done.rest


@app.task(name="coleta.poll_feed", bind=True, max_retries=None)
def poll_feed(self: Task, store: str, token: str = "") -> None:
    """Take what the feed of a store's VTEX account holds."""
    service = process.service()
    if not _serves(service, store):
        return
    feed = service.poll_feed(store, late=process.until(service.settings.drain_seconds))
    if feed is None:
        return  # the stores file does not ask for it any more

    def drain() -> Rest | None:
        done = feed.run(token or uuid4().hex)
        if done.events:
            hint(app, service.ledger(store), Drain.INBOX)
        if done.more:
            hint(app, service.ledger(store), Drain.FEED)
        return done.rest

    _in_turn(self, store, Drain.FEED, drain)


@app.task(name="coleta.reconcile", bind=True, max_retries=None)
def reconcile(self: Task, store: str, token: str = "") -> None:
    """Look for what SkyHub lists as collectable and nobody told of."""
    service = process.service()
    if not _serves(service, store):
        return

    def drain() -> Rest | None:
        done = service.reconcile(store, stop=process.stopping.is_set).run(token or uuid4().hex)
        for each in sorted(done.drains):
            hint(app, service.ledger(store), each)
        return done.rest

    _in_turn(self, store, Drain.RECONCILE, drain)


@app.task(name="coleta.retry_order", bind=True, max_retries=None)
def retry_order(self: Task, store: str, order_id: str | int, reason: object) -> None:
    """Do the operator's retry of an order, by any form of its code, a bare number too; a refusal is logged."""
    service = process.service()
    if not _serves(service, store):
        return
    try:
        retry(service, app, store, str(order_id), reason)
    except RedisError as error:
        _again(self, error, _RECORD_RETRY_SECONDS)


@app.task(name="coleta.sweep")
def sweep() -> None:
    """Hint at whatever waits, and keep as rejected what the broker holds of messages that no worker could use."""
    service = process.service()
    settings = service.settings
    sweeping.sweep(
        service.fleet,
        list(service.stores),
        partial(send, app),
        sweep_ms=round(settings.sweep_seconds * 1000),
        retention_ms=round(settings.retention_days * 86_400_000),
        timed={
            Drain.FEED: sweeping.Timed(_feeds(service), round(settings.feed_seconds * 1000)),
            Drain.RECONCILE: sweeping.Timed(list(service.stores), round(settings.reconcile_seconds * 1000)),
        },
    )
    bring_in(app, service)


def _feeds(service: Service) -> list[str]:
    return [name for name, store in service.stores.items() if store.vtex is not None and store.vtex.feed]


def _serves(service: Service, store: object) -> bool:
    """Whether the stores file has this store; a message about one that was taken out may still be on its way."""
    served = isinstance(store, str) and store in service.stores
    if not served:
        log.warning(Log.STORE_UNKNOWN, store=store, reason="it is not in the stores file; its orders are kept")
    return served


def _in_turn(task: Task, store: str, drain: Drain, job: Callable[[], Rest | None]) -> None:
    """Run a slow drain if a place is free, and obey the rest it asks for: the only retry chain of its store."""
    if not _turnstile.enter((store, drain)):
        return
    try:
        rest = job()
    finally:
        waiting = _turnstile.leave()
        if waiting is not None:
            send(app, *waiting)
    if rest is not None:
        named = {**NAMED.get(drain, {}), "token": rest.token}
        try:
            raise task.retry(args=[store], kwargs=named, countdown=countdown(app, rest.delay_ms))
        except Reject as rejected:
            # Celery could not publish it, and would make this hint a dead letter; the sweep hints again.
            log.warning(Log.HINT_NOT_SENT, store=store, drain=drain, reason=str(rejected.reason))


def _wish(service: Service, store: str, order_id: str) -> str:
    """Let an order be learned, by any form of its code; returns from whom. One that is not known is opened."""
    ledger, policy = service.ledger(store), service.policy(store)
    known = find_order(ledger, policy.affiliate, order_id)
    if known is not None and is_skyhubs_to_tell(known.order, policy):
        if known.order.learn_at is None:  # whoever changes it meanwhile has it evaluated anyway
            ledger.save([Change(order=replace(known.order, learn_at=In(0)), version=known.version)])
        return "skyhub"
    name = known.order.order_id if known is not None else order_id
    record_now(ledger, policy, OrderAnnounced(order_id=name, occurred_at=ledger.now(), by=Announcer.CALLER), "")
    return "oms" if policy.oms else "skyhub"


def _hint_after(ledger: Ledger, recorded: Recorded) -> None:
    if recorded.due:
        hint(app, ledger, Drain.PICKUPS)
    if recorded.wishes:
        hint(app, ledger, Drain.LEARN)
    if recorded.rereads:
        hint(app, ledger, Drain.REREAD)
