"""Many events into an inbox: what fits goes in, in order, and is counted."""

import pytest

from tests.fakes.memory_ledger import MemoryFleet
from tests.unit.usecases.world import event, order_id
from worker.adapters.redis_ledger import Limits
from worker.ports import InboxFullError, Unreadable
from worker.usecases.append_all import append_all

EVENTS = [event(str(number)) for number in range(1, 8)]


def test_all_go_in_at_once_where_they_fit() -> None:
    """One round trip."""
    assert list(append_all(MemoryFleet().ledger("acme"), EVENTS)) == [7]


@pytest.mark.parametrize("room", range(7))
def test_what_fits_goes_in_before_the_inbox_is_full(room: int) -> None:
    """The first of them, however many; each is counted once, then it is said that no more fits."""
    ledger = MemoryFleet(limits=Limits(inbox_limit=room)).ledger("acme")
    counted = 0

    with pytest.raises(InboxFullError):  # noqa: PT012 -- what was counted before it counts
        for number in append_all(ledger, EVENTS):
            counted += number

    inbox = ledger.exchange((), (), 1000)[1]
    held = [entry.event.order_id for entry in inbox if not isinstance(entry.event, Unreadable)]
    assert held == [order_id(str(number)) for number in range(1, room + 1)]
    assert counted == room
