"""The metrics of 1,000 stores, each of which holds and has counted something."""

import time
from pathlib import Path

from tests.fixtures.redis_servers import NOT_PERSISTENT, required, started
from worker.adapters.redis_ledger import RedisFleet, RedisMeters
from worker.adapters.redis_ledger.limits import Limits
from worker.domain.order import In, Order, Status
from worker.entrypoints.web.exposition import Limits as ShownLimits
from worker.entrypoints.web.exposition import exposition
from worker.ports import Change, Counts

STORES = [f"store-{number:04}" for number in range(1_000)]
COUNTED = {
    **{f"door:{door}:accepted": 5 for door in ("native", "hook")},
    **{f"call:{endpoint}:2xx": 9 for endpoint in ("collectables_open", "confirm", "order", "orders")},
    "call:confirm:429": 1,
    "paced": 3,
    "paced_ms": 40,
}
# Prometheus gives up after 10 s; on a machine that does nothing else it takes about a second.
PATIENCE_SECONDS = 8.0


def test_a_thousand_stores_are_told_in_time(tmp_path: Path) -> None:
    """Every one of them, with all of its figures, within Prometheus's patience."""
    with started(required("redis"), tmp_path, *NOT_PERSISTENT) as server, server.client() as client:
        fleet, meters = RedisFleet(client, Limits()), RedisMeters(client)
        for store in STORES:
            order = Order(order_id="1", skyhub_code="1", created_at=1, status=Status.DUE, at=In(0))
            fleet.ledger(store).save([Change(order=order, version=0)])
        meters.count(dict.fromkeys(STORES, Counts("id", COUNTED)))
        began = time.monotonic()
        lines = exposition(meters.read(STORES), ShownLimits(1, 1)).decode().splitlines()
        took = time.monotonic() - began
    assert sum(line.startswith("coleta_orders{") for line in lines) == len(Status) * len(STORES)
    assert f'coleta_skyhub_throttled_total{{store="{STORES[-1]}"}} 1.0' in lines
    assert took < PATIENCE_SECONDS
    assert len(lines) > 20 * len(STORES)
