"""How long a pickup took, from the last invoice to SkyHub's word."""

from typing import Any

import pytest

from worker.domain.lead_time import lead_time
from worker.domain.order import Entry, Order, Status
from worker.domain.progress import ACCEPTED

HISTORY = (
    Entry(1, "order.opened"),
    Entry(10, "invoice.recorded"),
    Entry(20, "invoice.replaced"),
    Entry(30, "order.due"),
    Entry(70, "order.requested", ACCEPTED),
    Entry(90, "invoice.recorded"),  # late, and of no weight any more
)


def _order(**given: Any) -> Order:  # noqa: ANN401 - an order's fields
    asked = {"status": Status.REQUESTED, "reason": ACCEPTED, "requested_at": 70, "history": HISTORY}
    return Order(**{"order_id": "1", "skyhub_code": "1", "created_at": 1, **asked, **given})


def test_it_counts_from_the_last_invoice_that_was_heard_before() -> None:
    """A replaced one, too: until it came, the order was another."""
    assert lead_time(_order()) == 50
    assert lead_time(_order(requested_at=15)) == 5


@pytest.mark.parametrize(
    "given",
    [
        {"status": Status.DUE},
        {"reason": "found among SkyHub's requested orders"},
        {"requested_at": None},
        {"released": True},
        {"round": 2},
        {"history": (HISTORY[0], HISTORY[-1])},
    ],
    ids=["not requested", "found", "undated", "released", "asked again", "no invoice"],
)
def test_it_says_nothing_where_the_service_was_not_what_took_the_time(given: dict[str, Any]) -> None:
    """An operator decided when, or nobody knows."""
    assert lead_time(_order(**given)) is None
