"""What the views of orders and stores need to know of how things stand, read for them."""

from worker.adapters.redis_ledger import RedisMeters
from worker.adapters.redis_ledger.each_store import AWAY
from worker.adapters.redis_ledger.processes import RedisProcesses
from worker.bootstrap import Service
from worker.domain.order import Order
from worker.entrypoints.store_views import standstill
from worker.entrypoints.views import Stand, next_drain
from worker.ports import Drain
from worker.wiring import milliseconds


def stand_for(service: Service, store: str, order: Order) -> Stand:
    """Return how the store stands, by what acts on the order next."""
    return Stand(
        store,
        service.seen(store).standing(next_drain(order) or Drain.PICKUPS),
        milliseconds(service.settings.quarantine_seconds),
        served=store in service.stores,
    )


def standstill_of(service: Service) -> str:
    """Say that nobody moves any store, "" if somebody does or what would tell it is away."""
    try:
        traces, now = RedisProcesses(service.redis).seen()
        swept_at = RedisMeters(service.redis).swept_at()
    except AWAY:  # the node of a cluster that has what is of no store
        return ""
    return standstill(traces, now, swept_at, milliseconds(service.settings.sweep_seconds))
