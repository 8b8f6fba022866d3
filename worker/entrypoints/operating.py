"""An operator's wishes from outside: orders by any name, and a hint for what has work to do now."""

from collections.abc import Iterable, Iterator
from typing import assert_never

import structlog
from celery import Celery

from worker.bootstrap import Service
from worker.domain.actions import Action
from worker.domain.facts import Carrier
from worker.entrypoints.hints import hint, send
from worker.entrypoints.reasons import ReasonError, read_reason
from worker.ports import Drain
from worker.telemetry import Log
from worker.usecases import pause_store
from worker.usecases.find_orders import find_order
from worker.usecases.next_drains import drains_of
from worker.usecases.operate import Answer, Denied, Granted, Held, Operate
from worker.usecases.resend_rejected import NotKept, Resent, StillRejected

log = structlog.get_logger()


def retry(service: Service, app: Celery, store: str, name: str, reason: object) -> None:
    """Retry one order and log the answer, whatever was sent as the reason; raises `UnknownStoreError`."""
    try:
        said = read_reason(reason)
    except ReasonError as error:
        log.warning(Log.WISH_DENIED, reason=f"the reason of the retry of order {name}: {error}")
        return
    found = find_order(service.ledger(store), service.affiliate(store), name)
    if found is None:
        log.warning(Log.WISH_DENIED, reason=f"store {store} has no order {name}")
        return
    for answer in hinting(service, app, store, service.operate(store).retry([found.order.order_id], said)):
        match answer:
            case Granted(order=order) | Held(order=order):
                log.info(Log.WISH_GRANTED, order_id=order.order_id, status=order.status)
            case Denied(reason=why):
                log.warning(Log.WISH_DENIED, order_id=found.order.order_id, reason=why)


def wished(
    operate: Operate, action: Action, order_ids: Iterable[str], reason: str, carrier: Carrier = Carrier.UNKNOWN
) -> Iterator[Answer]:
    """Do an action to orders, one answer each; `carrier` is that of `SET_CARRIER`."""
    match action:
        case Action.RELEASE:
            return operate.release(order_ids, reason)
        case Action.REQUEST_AGAIN:
            return operate.request_again(order_ids, reason)
        case Action.RETRY:
            return operate.retry(order_ids, reason)
        case Action.DISCARD:
            return operate.discard(order_ids, reason)
        case Action.SET_CARRIER:
            return operate.set_carrier(order_ids, carrier, reason)
        case _:
            assert_never(action)


def hinting(service: Service, app: Celery, store: str, answers: Iterable[Answer]) -> Iterator[Answer]:
    """Pass answers on, and say where work waits now: in the end, or when the reader stops."""
    drains: set[Drain] = set()
    try:
        for answer in answers:
            if isinstance(answer, Granted):
                drains |= drains_of(answer.order)
            yield answer
    finally:
        hint(app, service.ledger(store), *drains)


def hinting_inboxes(
    service: Service, app: Celery, answers: Iterable[Resent | StillRejected | NotKept]
) -> Iterator[Resent | StillRejected | NotKept]:
    """Pass answers on, and say which inboxes have work now: in the end, or when the reader stops."""
    stores: set[str] = set()
    try:
        for answer in answers:
            if isinstance(answer, Resent):
                stores.add(answer.store)
            yield answer
    finally:
        for store in sorted(stores):
            hint(app, service.ledger(store), Drain.INBOX)


def resume(service: Service, app: Celery, store: str) -> bool:
    """End whatever pause a store has, and say that its drains may work; False if there was none."""
    ledger = service.ledger(store)
    resumed = pause_store.resume(ledger)
    if resumed:
        ledger.hint(Drain.PICKUPS)
        send(app, store, Drain.PICKUPS)  # in any case: the pause may have left a hint standing that is on no way
        hint(app, ledger, *Drain)
    return resumed
