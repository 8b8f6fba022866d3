"""Which drains have work after an order was saved."""

from dataclasses import replace

import pytest

from tests.unit.domain.builders import NOW, due, waiting, was_requested
from worker.domain.order import At, In, Order
from worker.ports import Drain
from worker.usecases.next_drains import drains_of


@pytest.mark.parametrize(
    ("order", "drains"),
    [
        (waiting(), set()),
        (was_requested(), set()),
        (replace(due(), at=In(0)), {Drain.PICKUPS}),
        (replace(waiting(), learn_at=In(0)), {Drain.LEARN}),
        (replace(waiting(), reread_at=In(60_000)), {Drain.REREAD}),
        (replace(due(), at=In(0), learn_at=In(0), reread_at=In(0)), {Drain.PICKUPS, Drain.LEARN, Drain.REREAD}),
    ],
)
def test_what_a_save_fixes_anew_is_work(order: Order, drains: set[Drain]) -> None:
    """An order that became due, and whatever it wishes to be told."""
    assert drains_of(order) == drains


def test_what_was_fixed_before_was_told_of_then() -> None:
    """A repeat hints at nothing: the index has it, and the sweep looks there."""
    assert drains_of(replace(due(), at=At(NOW), learn_at=At(NOW), reread_at=At(NOW))) == set()
