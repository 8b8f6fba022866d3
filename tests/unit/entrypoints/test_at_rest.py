"""What is said to move an order that no drain acts on, against the law."""

from dataclasses import replace

import pytest

from tests.unit.domain.builders import DAY, NOW, POLICY, due, failed, invoiced, recorded, saved, skipped
from worker.domain.order import NotYet, Order, Status
from worker.domain.progress import listed, not_collectable_yet, same_pickup
from worker.entrypoints.views import next_step


def _given_up() -> Order:
    return saved(not_collectable_yet(replace(due(), not_yet=NotYet(NOW - 30 * DAY, 0)), POLICY, NOW, listed=False))


def _not_contracted() -> Order:
    return recorded(invoiced(), policy=replace(POLICY, contracted=False))


@pytest.mark.parametrize(
    ("order", "said"),
    [
        (_given_up(), "nothing before SkyHub lists it as collectable, or an operator retries or discards it"),
        (failed(), "nothing before an operator retries or discards it"),
        (skipped(), "nothing, unless SkyHub lists it as collectable or its carrier is corrected"),
        (
            _not_contracted(),
            "nothing before the stores file says that the store has contracted Coleta (coleta = true)",
        ),
        (saved(same_pickup(due(), "BWW-1", NOW)), "nothing: another order has its pickup"),
    ],
    ids=["given up", "refused", "correios", "not contracted", "same pickup"],
)
def test_an_order_that_skyhub_may_bring_back_says_so(order: Order, said: str) -> None:
    """What is listed moves, or is asked about, exactly where the sentence names the list or the contract."""
    after = listed(order, POLICY, NOW)

    assert next_step(order) == said
    assert (after is not order) is any(word in said for word in ("lists it", "contracted"))
    assert (after.status is Status.DUE) is any(word in said for word in ("before SkyHub lists", "contracted"))
