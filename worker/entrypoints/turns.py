"""Slow drains, so many at once: whoever ends one goes on with the store that waited longest, without a message."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Protocol
from uuid import uuid4

import structlog
from celery import Celery, Task
from celery.exceptions import Reject, Retry

from worker.bootstrap import Service
from worker.entrypoints import process, runs, worker_life
from worker.entrypoints.hints import NAMED, TASKS, countdown, hint, send
from worker.entrypoints.tracing import context
from worker.entrypoints.tracing import tasks as tracing
from worker.entrypoints.turnstile import Asking, Turnstile
from worker.ports import Drain
from worker.telemetry import Log
from worker.usecases.next_drains import Done
from worker.usecases.store_trouble import Rest

log = structlog.get_logger()

_stopping = process.stopping.is_set


class _Run(Protocol):
    """One store's slow drain, for one run."""

    def run(self, token: str) -> Done:
        """Do what there is; `token` is the bearer's, if a rest announced this run."""


# Makes a store's run, told when it was long enough; None if there is nothing to run any more.
_Make = Callable[[Service, str, Callable[[], bool]], _Run | None]
_RUNS: Mapping[Drain, _Make] = {
    Drain.PICKUPS: lambda service, store, late: service.request_pickups(store, stop=_stopping, late=late),
    Drain.LEARN: lambda service, store, late: service.learn_orders(store, stop=_stopping, late=late),
    Drain.REREAD: lambda service, store, late: service.reread_orders(store, late=late),
    Drain.FEED: lambda service, store, late: service.poll_feed(store, late=late),
    Drain.RECONCILE: lambda service, store, _late: service.reconcile(store, stop=_stopping),
}


def serving(store: object) -> Service | None:
    """Return the service if the stores file has this store; a message about one taken out may still be on its way."""
    service = process.service()
    if isinstance(store, str) and store in service.stores:
        return service
    log.warning(Log.STORE_UNKNOWN, store=store, reason="it is not in the stores file; its orders are kept")
    return None


@contextmanager
def place(app: Celery, store: str, drain: Drain) -> Iterator[Turnstile[Asking] | None]:
    """Take a place for a drain; None if it stands in line now, and will be run or hinted at when its turn comes."""
    turnstile = worker_life.turnstile(drain)
    if not turnstile.enter(Asking(store, drain, context.current())):
        yield None
        return
    try:
        yield turnstile
    finally:
        for waiting in turnstile.leave():
            with context.passing_on(waiting.store, waiting.trace):
                send(app, waiting.store, waiting.drain)


def in_turn(task: Task, store: str, drain: Drain, token: str) -> None:
    """Run a slow drain if a place is free, then those in line, until this task was long enough.

    The rest that a drain asks for is obeyed: it is the only retry chain of its store.
    """
    if (service := serving(store)) is None:
        return
    with place(task.app, store, drain) as turnstile:
        if turnstile is None:
            return
        late = process.until(service.settings.drain_seconds)
        rest = _run(task.app, service, store, drain, token, late)
        again = _obey(task, store, drain, rest) if rest is not None else None
        while not late() and (following := turnstile.follow()) is not None:
            _run_next(task.app, following, late)
    if again is not None:
        raise again


def _run_next(app: Celery, asking: Asking, late: Callable[[], bool]) -> None:
    """Run the drain of a store that stood in line; its rest is a message of its own, this task being another's."""
    store, drain = asking.store, asking.drain
    with tracing.beside(TASKS[drain], store, asking.trace):
        if (service := serving(store)) is None:
            return
        rest = _run(app, service, store, drain, "", late)
        if rest is not None:
            send(app, store, drain, rest.delay_ms, rest.token)


def _run(app: Celery, service: Service, store: str, drain: Drain, token: str, late: Callable[[], bool]) -> Rest | None:
    """Run a drain once, count it, and hint at what it leaves; returns the rest it asks for."""
    with runs.counted(drain) as counted:
        run = _RUNS[drain](service, store, late)
        done = run.run(token or uuid4().hex) if run is not None else Done()
        counted.rested = done.rest is not None
    hint(app, service.ledger(store), *done.drains)
    return done.rest


def _obey(task: Task, store: str, drain: Drain, rest: Rest) -> Retry | None:
    """Let the task come again after the rest; returns what it ends with, None where its message could not be sent."""
    named = {**NAMED.get(drain, {}), "token": rest.token}
    try:
        again: Retry = task.retry(args=[store], kwargs=named, countdown=countdown(task.app, rest.delay_ms), throw=False)
    except Reject as rejected:
        # Celery could not publish it, and would make this hint a dead letter; the sweep hints again.
        log.warning(Log.HINT_NOT_SENT, store=store, drain=drain, reason=str(rejected.reason))
        return None
    return again
