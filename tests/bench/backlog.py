"""A million events wait in twenty stores, half of them in one: the rate, the memory, and a fresh event's wait."""

import time
from collections.abc import Iterator, Sequence
from random import Random

from tests.bench.bare import bare
from tests.bench.figures import Figure, Reading
from tests.bench.rows import Plan, Readings, Row
from tests.bench.stage import (
    PATIENCE_SECONDS,
    check_recorded,
    events_of,
    fill,
    hold,
    memory_mib,
    new_orders,
    stage,
    timed,
    waiting,
    wake,
)
from tests.fixtures.running_service import RunningService
from tests.fixtures.sales import Sale
from worker.adapters.native_event import read

_EVENTS = 1_000_000
_STORES = 20
_FRESH = "fresh"
_MESSAGES = 5_000
_EVENTS_AN_ORDER = 2.2  # two invoices, one event in ten twice


def _backlog(plan: Plan) -> Iterator[Readings]:
    """Cut the one long run into as many readings as there are runs, each over as many events."""
    stores = [f"store-{number}" for number in range(_STORES)]
    with stage(plan.folder, [*stores, _FRESH]) as service:
        hold(service, *stores, _FRESH)
        sold = _fill(service, stores, plan)
        with bare(service) as reference:
            rates = [reference.taken_a_second(plan.scaled(_MESSAGES), sold[0].event(0)) for _ in range(plan.runs)]
        worker = service.start_worker()
        told = waiting(service, *stores)
        wake(service, *stores)
        for run, reference_rate in enumerate(rates, 1):
            rate, wait = _part(service, stores, told - told * run // plan.runs)
            yield {
                "rate": Reading(rate, reference_rate),
                "fresh": Reading(wait),
                "memory": Reading(memory_mib(worker)),
            }
        check_recorded(service, sold)


def _fill(service: RunningService, stores: Sequence[str], plan: Plan) -> list[Sale]:
    """Let half of the events be one store's, the rest the others'; return the orders that they complete."""
    draw = Random(4)  # noqa: S311 - the same events in every run
    orders = plan.scaled(_EVENTS) / _EVENTS_AN_ORDER
    sold: list[Sale] = []
    for number, store in enumerate(stores):
        its = new_orders(store, round(orders / 2 if number == 0 else orders / 2 / (len(stores) - 1)))
        fill(service, store, events_of(its, draw))
        sold += its
    return sold


def _part(service: RunningService, stores: Sequence[str], until: int) -> tuple[float, float]:
    """Wait until no more events than that are left; return the rate, and the longest wait of another store's event."""
    begun, begun_with = time.perf_counter(), waiting(service, *stores)
    left, wait = begun_with, 0.0
    while left > until:
        wait = max(wait, _fresh(service))
        left = waiting(service, *stores)
        if time.perf_counter() - begun > PATIENCE_SECONDS:
            raise AssertionError(f"{left} events are left after {PATIENCE_SECONDS:g} s")
    return (begun_with - left) / (time.perf_counter() - begun), wait


def _fresh(service: RunningService) -> float:
    """Tell a new order of a store that has nothing else to do; return the seconds until it is recorded."""
    (sale,) = new_orders(_FRESH)
    fill(service, _FRESH, [read(event).event for event in sale.events])
    wake(service, _FRESH)
    return timed(lambda: not waiting(service, _FRESH), "a fresh event is recorded", lambda: service.parts)


ROWS = (
    Row(
        name="backlog",
        about="1,000,000 events of 20 stores, half of them one store's, and one worker; a part of them a reading",
        figures={
            "rate": Figure(what="events recorded", unit="/s", against="bare Celery", at_least=12),
            "fresh": Figure(what="longest wait of a fresh event of another store", unit="s", at_most=2),
            "memory": Figure(what="memory of the worker", unit="MiB", at_most=130),
        },
        measure=_backlog,
    ),
)
