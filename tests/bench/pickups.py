"""From due to requested at a SkyHub that takes 200 ms for a call: one store with many orders, and many stores."""

from collections.abc import Iterator, Mapping, Sequence
from statistics import median

from tests.bench import latency
from tests.bench.due_orders import DueOrders, await_count, count, release
from tests.bench.figures import Figure, Reading
from tests.bench.processor import ProcessorTime
from tests.bench.rows import Plan, Readings, Row
from tests.bench.stage import hold, stage
from tests.bench.textbook import textbook
from tests.fixtures.deployment import account
from tests.fixtures.running_service import RunningService
from worker.domain.order import Status
from worker.sandbox.report import Report

_LATENCY_MS = 200.0
_ORDERS = 2_000
_OTHERS = 20
# The textbook worker needs a ninth of a second for each, however many there are.
_TEXTBOOK_ORDERS = 50
_STORES = 1_000
_ORDERS_A_STORE = 10
_THREADS = 50
# Slow drains may use three quarters of a process's threads (worker/entrypoints/worker_life.py).
_SLOW_THREADS = _THREADS * 3 // 4
# Every so many stores have an order that lacks an invoice and one by Correios.
_MIXED_EVERY = 50


def _one_store(plan: Plan) -> Iterator[Readings]:
    stores = [f"store-{number}" for number in range(plan.runs)]
    with stage(plan.folder, stores, latency_ms=_LATENCY_MS) as service, textbook(service) as reference:
        hold(service, *stores)
        service.start_worker()
        service.start_beat()
        for store in stores:  # a new one each run: SkyHub's lists begin empty
            orders = DueOrders.of(store, plan.scaled(_ORDERS), plan.scaled(_OTHERS))
            orders.enter(service, store)
            await_count(service, [store], Status.DUE, len(orders.due))
            begun = release(service, [store])
            await_count(service, [store], Status.REQUESTED, len(orders.due))
            report = service.sandbox.report(account(store))
            orders.judge(report)
            last = max(report.accepted[sale.code][0] for sale in orders.due)
            rate = len(orders.due) / (last - begun)
            yield {
                "rate": Reading(rate, reference.requested_a_second(plan.scaled(_TEXTBOOK_ORDERS, 30))),
                "calls": Reading(_calls(report) / len(orders.due)),
                "throttled": Reading(_throttled(report)),
            }
        DueOrders().judge(service.sandbox.report())  # what came after a store's own run, too


def _many_stores(plan: Plan) -> Iterator[Readings]:
    stores = [f"store-{number}" for number in range(plan.scaled(_STORES, 2 * _SLOW_THREADS))]
    settings = {"WORKER_THREADS": str(_THREADS)}
    with stage(plan.folder, stores, settings, latency_ms=_LATENCY_MS) as service:
        hold(service, *stores)
        service.start_worker()
        service.start_beat()
        processor = ProcessorTime(service, "worker", "sandbox")
        before = service.sandbox.report()
        for run in range(plan.runs):
            if run:
                hold(service, *stores)
            mixed = _due_in(service, stores)
            processor.start()
            begun = release(service, stores)
            await_count(service, stores, Status.REQUESTED, len(before.accepted) + len(mixed.due))
            used = processor.used()
            report = service.sandbox.report()
            mixed.judge(report)
            calls = _calls(report) - _calls(before)
            before = report
            yield _of_many(report, mixed, begun, calls, used)


def _due_in(service: RunningService, stores: Sequence[str]) -> DueOrders:
    """Let every one of these stores, which are held, have its due orders."""
    expected = count(service, stores, Status.DUE) + len(stores) * _ORDERS_A_STORE
    all_of = DueOrders()
    for number, store in enumerate(stores):
        orders = DueOrders.of(store, _ORDERS_A_STORE, number % _MIXED_EVERY == 0)
        orders.enter(service, store)
        all_of.due += orders.due
        all_of.incomplete += orders.incomplete
        all_of.correios += orders.correios
    await_count(service, stores, Status.DUE, expected)
    return all_of


def _of_many(
    report: Report, orders: DueOrders, begun: float, calls: int, processor: Mapping[str, float]
) -> dict[str, Reading]:
    first: dict[str, float] = {}
    last = begun
    for sale in orders.due:
        at = report.accepted[sale.code][0]
        first[sale.store] = min(at, first.get(sale.store, at))
        last = max(at, last)
    taken, number = last - begun, len(orders.due)
    ideal = calls * _LATENCY_MS / 1000 / _SLOW_THREADS
    waits = [at - begun for at in first.values()]
    return {
        "rate": Reading(number / taken, number / ideal),
        "wait": Reading(max(waits), median(waits)),
        "cost": Reading(processor["worker"] * 1000 / number),
        "worker": Reading(processor["worker"] / taken),
        "sandbox": Reading(processor["sandbox"] / taken),
    }


def _calls(report: Report) -> int:
    return sum(sum(answers.values()) for answers in report.calls.values())


def _throttled(report: Report) -> int:
    return sum(answers.get("429", 0) for answers in report.calls.values())


ROWS = (
    Row(
        name="one-store",
        about="2,000 due orders of one store, SkyHub at 200 ms and its documented limits",
        figures={
            "rate": Figure(
                what="orders requested, from all due to the last accepted",
                unit="/s",
                against="textbook worker, whose rate is that of SkyHub's limit",
                at_least=8,
            ),
            "calls": Figure(what="calls to SkyHub an order", unit="", at_most=0.15),
            "throttled": Figure(what="calls that SkyHub answered with 429", unit="", at_most=0),
        },
        measure=_one_store,
    ),
    Row(
        name="many-stores",
        about="1,000 stores with 10 due orders each, SkyHub at 200 ms, one process with 50 threads",
        figures={
            "rate": Figure(
                what="orders requested, from the first hint to the last accepted",
                unit="/s",
                against="ideal: the calls that were made, 200 ms each, side by side on three quarters of the threads",
                at_least=0.85,
            ),
            "wait": Figure(
                what="longest time until a store's first pickup was accepted",
                unit="s",
                against="median of all stores",
                at_most=3,
            ),
            "cost": Figure(what="processor time of the worker an order", unit="ms"),
            "worker": Figure(what="cores that the worker got", unit=""),
            "sandbox": Figure(what="cores that the simulated SkyHub got", unit=""),
        },
        measure=_many_stores,
    ),
    *latency.ROWS,
)
