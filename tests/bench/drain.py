"""From the inbox to the ledger: one worker on one store, and two on twenty."""

from collections.abc import Iterator, Sequence
from random import Random

from tests.bench.bare import bare
from tests.bench.figures import Figure, Reading
from tests.bench.rows import Plan, Readings, Row
from tests.bench.stage import check_recorded, drained, events_of, fill, hold, new_orders, stage
from tests.fixtures.running_service import RunningService

_ORDERS = 10_000
_MESSAGES = 5_000


def _one_process(plan: Plan) -> Iterator[Readings]:
    draw = Random(1)  # noqa: S311 - the same events in every run
    with stage(plan.folder) as service, bare(service) as reference:
        service.start_worker()
        hold(service, "acme")
        for _ in range(plan.runs):
            sold = new_orders("acme", plan.scaled(_ORDERS))
            events = events_of(sold, draw)
            fill(service, "acme", events)
            rate = len(events) / drained(service, "acme")
            check_recorded(service, sold)
            body = sold[0].event(0)
            yield {"rate": Reading(rate, reference.taken_a_second(plan.scaled(_MESSAGES), body))}


def _two_processes(plan: Plan) -> Iterator[Readings]:
    draw = Random(2)  # noqa: S311 - as above
    stores = [f"store-{number}" for number in range(20)]
    with stage(plan.folder, stores) as service:
        service.start_worker("worker-1")
        hold(service, *stores)
        for run in range(plan.runs):
            alone = _rate(service, stores, plan, draw)
            second = service.start_worker(f"worker-2-{run}")
            both = _rate(service, stores, plan, draw)
            second.stop()
            yield {"rate": Reading(both, alone)}


def _rate(service: RunningService, stores: Sequence[str], plan: Plan, draw: Random) -> float:
    sold = {store: new_orders(store, plan.scaled(_ORDERS) // 10) for store in stores}
    told = {store: events_of(its, draw) for store, its in sold.items()}
    for store, events in told.items():
        fill(service, store, events)
    rate = sum(map(len, told.values())) / drained(service, *stores)
    check_recorded(service, [sale for its in sold.values() for sale in its])
    return rate


ROWS = (
    Row(
        name="drain",
        about="events from inbox to ledger, one worker; orders of two items, 10 % of the events twice",
        figures={"rate": Figure(what="events recorded", unit="/s", against="bare Celery", at_least=12)},
        measure=_one_process,
    ),
    Row(
        name="drain-two",
        about="the same, two workers, 20 stores",
        figures={"rate": Figure(what="events recorded", unit="/s", against="one worker", at_least=1.6)},
        measure=_two_processes,
    ),
)
