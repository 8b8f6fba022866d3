"""What the service's work costs, for the capacity plan: processor time of a worker and of Redis, calls at SkyHub.

Each twice: alone, as in a store that sells seldom, where every event is a message and every order a round of its own;
and in batches, as in a store that sells much.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial

from tests.bench.figures import BrokenPromiseError, Figure, Reading
from tests.bench.rows import Plan, Readings, Row
from tests.bench.stage import hold, stage, timed, twice
from tests.fixtures.running_parts import Part, RedisPart
from tests.fixtures.running_service import RunningService
from tests.fixtures.sales import Sale
from worker.adapters.redis_ledger.keys import NO_STORE, Keys
from worker.domain.order import Status
from worker.entrypoints.hints import send
from worker.ports import Drain
from worker.usecases.sweep import Timed, sweep

_STORES = 100
_MANY = 50
_SWEPT = 2_000
_CALM_SECONDS = 0.1  # each question costs Redis what is being measured
# Processor time varies little, and no bar hangs on it.
_MOST_RUNS = 3
_MICRO = 1_000_000
_QUEUES = ("inbox", "pickups", "upkeep")
_OPEN = (Status.WAITING, Status.DUE, Status.REQUESTING)

# What is done is done so many times; returns the costs of one in microseconds: of the worker, of Redis; and its calls.
Cost = tuple[float, float, float]


class _Meter:
    """Measures what a deed costs its processes."""

    def __init__(self, service: RunningService, worker: Part) -> None:
        self._service = service
        self._worker = worker

    def cost(self, of: int, deed: Callable[[], object], done: Callable[[], object]) -> Cost:
        """Do it, wait until it is done and nothing follows, and return what one of so many cost."""
        before = self._taken()
        deed()
        over = twice(lambda: done() and self._idle())
        timed(over, "what was measured is done", lambda: self._service.parts, _CALM_SECONDS)
        worker, redis, calls = (after - before for before, after in zip(before, self._taken(), strict=True))
        return worker * _MICRO / of, redis * _MICRO / of, calls / of

    def _taken(self) -> Cost:
        calls = self._service.sandbox.report().calls
        counted = sum(count for by_status in calls.values() for count in by_status.values())
        return processor_seconds(self._worker), processor_seconds(self._service.redis), float(counted)

    def _idle(self) -> bool:
        with self._service.messages.pipeline(transaction=False) as pipe:
            for queue in _QUEUES:
                pipe.llen(queue)
            pipe.hlen("unacked")
            return not any(pipe.execute())


def processor_seconds(part: Part | RedisPart) -> float:
    """Return the processor time that a process has taken, all its threads; Linux names its clock so."""
    return time.clock_gettime((~part.process.pid << 3) | 2)


def _costs(plan: Plan) -> Iterator[Readings]:
    stores = [f"store-{number}" for number in range(plan.scaled(_STORES, 10))]
    with stage(plan.folder, stores) as service:
        meter = _Meter(service, service.start_worker())
        # Not counted: connections are opened, scripts loaded, and what a start asks for is done.
        _alone(service, meter, stores)
        for _ in range(min(plan.runs, _MOST_RUNS)):
            yield _named(
                {
                    **_alone(service, meter, stores),
                    **_batches(service, meter, stores, plan.scaled(_MANY, 5)),
                    "reconcile": meter.cost(
                        len(stores), partial(_wake, service, stores, Drain.RECONCILE), lambda: True
                    ),
                    "sweep": (*_sweep(service, stores, plan.scaled(_SWEPT)), 0.0),
                }
            )


def _alone(service: RunningService, meter: _Meter, stores: Sequence[str]) -> dict[str, Cost]:
    """One order a store; first an invoice that completes nothing, then the one that lets it be requested."""
    sold = [sale for store in stores for sale in service.sold(store)]
    service.sandbox.complete([sale.code for sale in sold])
    recorded, requested = partial(_empty, service, stores), partial(_empty, service, stores, *_OPEN)
    first = meter.cost(len(sold), lambda: service.hand_in(sale.event(0) for sale in sold), recorded)
    last = meter.cost(len(sold), lambda: service.hand_in(sale.event(1) for sale in sold), requested)
    _check(service, sold)
    rest = tuple(max(0.0, both - event) for both, event in zip(last, first, strict=True))
    return {"lone event": first, "lone order": (rest[0], rest[1], rest[2])}


def _batches(service: RunningService, meter: _Meter, stores: Sequence[str], many: int) -> dict[str, Cost]:
    """Many orders a store: recorded while it is paused, then requested together."""
    sold = [sale for store in stores for sale in service.sold(store, many)]
    service.sandbox.complete([sale.code for sale in sold])
    hold(service, *stores)
    events = [event for sale in sold for event in sale.events]
    event = meter.cost(len(events), lambda: service.hand_in(events), partial(_empty, service, stores))
    for ledger in map(service.ledger, stores):
        assert ledger.resume(ledger.standing(Drain.PICKUPS).pause, growth=0)
    requested = partial(_empty, service, stores, *_OPEN)
    order = meter.cost(len(sold), partial(_wake, service, stores, Drain.PICKUPS), requested)
    _check(service, sold)
    return {"event": event, "order": order}


def _sweep(service: RunningService, served: Sequence[str], count: int) -> tuple[float, float]:
    """Return what a sweep costs a store that has no work: of the process that sweeps, and of Redis."""
    # The stores that are served stay among them: a sweep pauses those that it misses.
    stores = [*served, *(f"swept-{number}" for number in range(len(served), count))]
    fleet, timed_drains = service.service.fleet, {Drain.RECONCILE: Timed(stores, 900_000)}

    def once() -> None:
        service.service.redis.delete(Keys(NO_STORE)("hint:sweep"))  # two sweeps that follow closely are one
        sweep(fleet, stores, lambda *_: None, sweep_ms=2, retention_ms=90 * 86_400_000, timed=timed_drains)

    once()
    worker, redis = time.thread_time(), processor_seconds(service.redis)
    once()
    ours, its = time.thread_time() - worker, processor_seconds(service.redis) - redis
    return ours * _MICRO / len(stores), its * _MICRO / len(stores)


def _wake(service: RunningService, stores: Iterable[str], drain: Drain) -> None:
    for store in stores:
        send(service.app, store, drain)


def _empty(service: RunningService, stores: Sequence[str], *statuses: Status) -> bool:
    """Return whether no event waits in these stores' inboxes, and no order stands in these statuses."""
    with service.service.redis.pipeline(transaction=False) as pipe:
        for keys in map(Keys, stores):
            pipe.xlen(keys("inbox"))
            for status in statuses:
                pipe.zcard(keys.orders(status))
        return not any(pipe.execute())


def _check(service: RunningService, sold: Sequence[Sale]) -> None:
    """Each of these orders is requested once, none too early or by another carrier; raises `BrokenPromiseError`."""
    accepted = service.accepted(sold)
    wrong = [sale for sale, times in zip(sold, accepted, strict=True) if times != 1]
    if wrong:
        raise BrokenPromiseError(f"{len(wrong)} orders were not requested exactly once, {wrong[0].code} for one")
    if violations := service.violations(sold):
        raise BrokenPromiseError(f"SkyHub's verdicts: {violations}")


def _named(costs: Mapping[str, Cost]) -> Readings:
    return {
        f"{what} {where}": Reading(value)
        for what, cost in costs.items()
        for where, value in zip(("worker", "redis", "calls"), cost, strict=True)
        if f"{what} {where}" in _FIGURES
    }


_WHAT = {
    "lone event": "an event alone",
    "lone order": "a pickup alone",
    "event": "an event of many",
    "order": "a pickup of many",
    "reconcile": "a reconcile that finds nothing",
    "sweep": "a sweep, a store without work",
}
_OF = {"worker": "worker", "redis": "Redis"}
_CALLING = ("lone order", "order", "reconcile")
_FIGURES = {
    **{f"{k} {w}": Figure(what=f"{what}: {of}", unit="µs") for k, what in _WHAT.items() for w, of in _OF.items()},
    **{f"{k} calls": Figure(what=f"{_WHAT[k]}: calls at SkyHub", unit="") for k in _CALLING},
}

ROWS = (
    Row(
        name="costs",
        about="processor time of a worker and of Redis, and calls at SkyHub, for the capacity plan; 100 stores",
        figures=_FIGURES,
        measure=_costs,
    ),
)
