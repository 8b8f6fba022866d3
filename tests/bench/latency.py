"""From an order's last invoice, saved by the HTTP door, to its confirmation, accepted at a SkyHub without latency."""

import math
from collections.abc import Iterator, Sequence
from statistics import median

import httpx

from tests.bench.due_orders import DueOrders
from tests.bench.figures import Figure, Reading
from tests.bench.rows import Plan, Readings, Row
from tests.bench.stage import stage, timed
from tests.fixtures.deployment import account
from tests.fixtures.running_parts import NO_TLS
from tests.fixtures.running_service import RunningService
from tests.fixtures.sales import Sale, sales
from worker.adapters.redis_ledger.keys import Keys
from worker.domain.order import Status

_ORDERS = 100
# In turn, so that the calls for the order before have left nothing to wait for in a store's rate limit: it is idle.
_STORES = 30
_OTHERS_A_STORE = 1


def _latency(plan: Plan) -> Iterator[Readings]:
    stores = [f"store-{number}" for number in range(_STORES)]
    with stage(plan.folder, stores, doors=True) as service, httpx.Client(trust_env=False, verify=NO_TLS) as caller:
        service.start_worker()
        service.start_beat()
        service.start_web()
        orders = _others(service, caller, stores)
        _requested(service, caller, stores)  # every connection is open, every module loaded
        for _ in range(plan.runs):
            count = plan.scaled(_ORDERS, _STORES)
            turns = [stores[number % _STORES] for number in range(count)]
            saved = _requested(service, caller, turns)
            orders.due += saved
            report = service.sandbox.report()
            orders.judge(report)
            taken = sorted(report.accepted[sale.code][0] * 1000 - at for sale, at in saved.items())
            yield {"p50": Reading(median(taken)), "p99": Reading(taken[math.ceil(0.99 * count) - 1])}


def _others(service: RunningService, caller: httpx.Client, stores: Sequence[str]) -> DueOrders:
    """Let each store have an order that lacks an invoice though SkyHub lists it, and one by Correios."""
    known = DueOrders()
    for store in stores:
        orders = DueOrders.of(store, 0, _OTHERS_A_STORE)
        listed = [sale.at_skyhub() for sale in [*orders.incomplete, *orders.correios]]
        service.sandbox.register_orders(account(store), listed)
        service.sandbox.complete([sale.code for sale in orders.correios])
        for sale in orders.incomplete:
            _send(service, caller, sale, 0)
        for sale in orders.correios:
            _send(service, caller, sale, 0)
            _send(service, caller, sale, 1)
        known.incomplete += orders.incomplete
        known.correios += orders.correios
    return known


def _requested(service: RunningService, caller: httpx.Client, turns: Sequence[str]) -> dict[Sale, float]:
    """Let these stores have an order each, one after another; returns when its last invoice was saved, Unix ms."""
    saved: dict[Sale, float] = {}
    for store in turns:
        (sale,) = sales(store)
        service.sandbox.register_orders(account(store), [sale.at_skyhub()])
        _send(service, caller, sale, 0)
        timed(lambda sale=sale: service.order(sale) is not None, "the first invoice is recorded")  # type: ignore[misc]
        service.sandbox.complete([sale.code], account(store))
        _send(service, caller, sale, 1)
        saved[sale] = _last_saved(service, store)
        service.await_status([sale], Status.REQUESTED)
    return saved


def _send(service: RunningService, caller: httpx.Client, sale: Sale, index: int) -> None:
    """Hand an invoice in at the store's door."""
    headers = {"Authorization": f"Bearer {service.token(sale.store)}"}
    answer = caller.post(f"{service.web}/v1/{sale.store}/order-invoiced", json=sale.event(index), headers=headers)
    answer.raise_for_status()


def _last_saved(service: RunningService, store: str) -> float:
    """Return when the store's inbox got its last event, in Unix milliseconds: the server named the event by its clock.

    Earlier by a save's way back than the moment at which the door knew it; and cut to a whole millisecond.
    """
    told = service.service.redis.xinfo_stream(Keys(store)("inbox"))
    return float(str(told["last-generated-id"]).partition("-")[0])


ROWS = (
    Row(
        name="latency",
        about="an idle system as shipped, SkyHub at 0 ms: last invoice saved by the HTTP door to confirmation accepted",
        figures={
            "p50": Figure(what="half of the orders are requested within", unit="ms", at_most=60),
            "p99": Figure(what="99 of 100 orders are requested within", unit="ms", at_most=250),
        },
        measure=_latency,
    ),
)
