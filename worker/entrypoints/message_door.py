"""The Celery door: a message that is a native event is recorded, or kept as rejected with what is wrong with it."""

import json

import structlog
from celery import Celery
from redis.exceptions import RedisError

from worker.adapters.bodies import known_part
from worker.adapters.native_event import NativeEventError, read
from worker.bootstrap import Service, UnknownStoreError
from worker.entrypoints.hints import hint
from worker.entrypoints.recording import SharedRecording
from worker.metrics import AT_DOORS, AtDoor, Door, field_of
from worker.ports import Unreadable
from worker.telemetry import Log
from worker.usecases.record_invoices import Told

log = structlog.get_logger()


_recording = SharedRecording()


def record(service: Service, app: Celery, event: object) -> None:
    """Record an event and hint at its work, or keep it as rejected; raises redis-py's errors."""
    try:
        native = read(event)
        ledger = service.ledger(native.store)
    except NativeEventError as error:
        reject(service, event, error.reason, error.store)
        return
    except UnknownStoreError as error:
        reject(service, event, str(error))
        return
    structlog.contextvars.bind_contextvars(store=native.store)
    try:
        recorded = _recording.record(ledger, service.policy(native.store), Told(native.event, lambda: _text(event)))
    except RedisError:
        raise
    except Exception as error:  # a fault of ours must not lose the event
        log.exception(Log.EVENT_BROKE_RECORDING, order_id=native.event.order_id)
        reject(service, event, f"recording it failed ({error!r}); please report this", native.store)
        return
    service.tally.add(native.store, field_of(AT_DOORS, Door.CELERY, AtDoor.ACCEPTED))
    hint(app, ledger, *recorded.drains)


def reject(service: Service, event: object, reason: str, store: str = "") -> None:
    """Keep an event that cannot be recorded, with its store if that is known; raises redis-py's errors."""
    log.warning(Log.EVENT_REJECTED, reason=reason, **({"store": store} if store else {}))
    service.reject(store, [Unreadable(_text(event), reason)])
    known = store if store in service.stores else ""
    service.tally.add(known, field_of(AT_DOORS, Door.CELERY, AtDoor.REJECTED))


def _text(event: object) -> str:
    """Return what may be kept of an event."""
    # Not pydantic's JSON, which refuses half a surrogate pair; what a producer cut in two is kept as it came.
    return known_part(event if isinstance(event, str) else json.dumps(event, ensure_ascii=False, default=repr))
