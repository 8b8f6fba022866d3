"""The series behind the plots: how fast a worker drains an inbox, by how many events it takes a round trip."""

from collections.abc import Iterator
from random import Random

from tests.bench.figures import Figure, Reading
from tests.bench.rows import Plan, Readings, Row
from tests.bench.stage import check_recorded, drained, events_of, fill, hold, new_orders, stage

SIZES = (10, 50, 200, 500, 1_000, 2_000)
# With their repeats, 20,000 events.
_ORDERS = 9_091
# A plot needs less certainty than a bar.
_MOST_RUNS = 2


def _batch_sizes(plan: Plan) -> Iterator[Readings]:
    draw = Random(3)  # noqa: S311 - the same events in every run
    with stage(plan.folder) as service:
        hold(service, "acme")
        for run in range(min(plan.runs, _MOST_RUNS)):
            for size in SIZES:
                worker = service.start_worker(f"worker-{run}-{size}", {"COLETA_INBOX_BATCH": str(size)})
                sold = new_orders("acme", plan.scaled(_ORDERS))
                events = events_of(sold, draw)
                fill(service, "acme", events)
                rate = len(events) / drained(service, "acme")
                worker.stop()
                check_recorded(service, sold)
                yield {f"at {size}": Reading(rate)}


ROWS = (
    Row(
        name="batch-sizes",
        about="events from inbox to ledger, one worker, by `COLETA_INBOX_BATCH`; a series, drawn below",
        figures={f"at {size}": Figure(what=f"recorded, {size:,} events a round trip", unit="/s") for size in SIZES},
        measure=_batch_sizes,
    ),
)
