"""The store that the pages are measured on."""

from tests.bench.stock import stock
from tests.contracts.worlds import STORE, fake_world
from worker.domain.activity import HOURS_KEPT
from worker.domain.order import Attention, Status
from worker.domain.policy import Policy


def test_the_store_has_whatever_an_operator_meets() -> None:
    """Orders in every status, some in doubt, some that need attention, events that were rejected, and busy hours."""
    world = fake_world()
    fleet, ledger = world.fleet(), world.ledger()
    stock(ledger, world.raw, Policy(), 500)
    look = fleet.look(STORE)
    assert sum(look.overview.counts.values()) == 500
    assert all(look.overview.counts[status] for status in Status)
    assert {Attention.WAITING_LONG, Attention.UNKNOWN_SKU} <= look.attention.keys()
    assert look.overview.rejected
    assert len(look.hours) == HOURS_KEPT
    orders = ledger.load(ledger.order_ids(Status.REQUESTED, 0, 500))[0].values()
    assert all(stored.order.complete and len(stored.order.history) > 3 for stored in orders)
