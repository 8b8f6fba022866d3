"""What the pages read of a store of 100,000 orders: how long Redis, the decoding and the use cases take together."""

import time
from collections.abc import Callable, Iterator, Mapping
from statistics import quantiles

from tests.bench.figures import Figure, Reading
from tests.bench.rows import Plan, Readings, Row
from tests.bench.stage import stage
from tests.bench.stock import stock
from tests.fixtures.running_service import RunningService
from worker.domain.order import Attention, Status
from worker.usecases.browse_orders import Page, Wanted, browse_orders
from worker.usecases.browse_rejected import browse_rejected

_STORE = "acme"
_ORDERS = 100_000
_TIMES = 40
# A quarter of the 150 ms that a page may take at the server; a search that looks at every line stops after 80 ms.
_BAR_MS, _SEARCH_BAR_MS = 40.0, 95.0


def _reads(plan: Plan) -> Iterator[Readings]:
    with stage(plan.folder) as service:
        stock(service.ledger(_STORE), service.service.redis, service.service.policy(_STORE), plan.scaled(_ORDERS))
        reads = _each(service)
        for read in reads.values():
            read()
        for _ in range(plan.runs):
            yield {name: Reading(p95_ms(read, _TIMES)) for name, read in reads.items()}


def _each(service: RunningService) -> Mapping[str, Callable[[], object]]:
    """Return what is read, by the figure's name."""
    ledger, fleet = service.ledger(_STORE), service.service.fleet

    def listed(wanted: Wanted, after: str = "") -> Page:
        found = browse_orders(ledger, None, wanted, after)
        assert isinstance(found, Page)
        return found

    deep = _cursor_in_the_middle(service)
    return {
        "look": lambda: fleet.look(_STORE),
        "all": lambda: listed(Wanted()),
        "deep": lambda: listed(Wanted(status=Status.REQUESTED), deep),
        "attention": lambda: listed(Wanted(attention=Attention.LISTED_AFTER_REQUEST)),
        "rare": lambda: listed(Wanted(flagged=True, status=Status.FAILED)),
        "found": lambda: listed(Wanted(search="submarino-2853")),
        "not found": lambda: listed(Wanted(search="nowhere")),
        "rejected": lambda: browse_rejected(ledger),
    }


def _cursor_in_the_middle(service: RunningService) -> str:
    """Return the cursor of a page that half of the requested orders stand before."""
    ledger = service.ledger(_STORE)
    half = ledger.counts()[Status.REQUESTED] // 2
    [order_id] = ledger.order_ids(Status.REQUESTED, half, 1)
    at = ledger.load([order_id])[0][order_id].order.at
    return f"{Status.REQUESTED}:{at.ms}:{order_id}"


def p95_ms(read: Callable[[], object], times: int) -> float:
    """Return the milliseconds within which 95 of 100 calls are done."""
    seconds = []
    for _ in range(times):
        begun = time.perf_counter()
        read()
        seconds.append(time.perf_counter() - begun)
    return quantiles(seconds, n=20)[-1] * 1000


_WHAT = {
    "look": "a store in detail, with the hours of a week",
    "all": "the first page of all orders",
    "deep": "a page in the middle of the requested orders",
    "attention": "a page of one reason for attention",
    "rare": "failed orders among those with attention",
    "found": "a search that fills a page",
    "not found": "a search that finds nothing",
    "rejected": "a page of rejected events",
}

ROWS = (
    Row(
        name="reads",
        about=(
            "what the pages read of a store of 100,000 orders, 50 a page, without the rendering: 95 of 100 reads are"
            " done within"
        ),
        figures={
            name: Figure(what=what, unit="ms", at_most=_SEARCH_BAR_MS if name == "not found" else _BAR_MS)
            for name, what in _WHAT.items()
        },
        measure=_reads,
    ),
)
