"""Browsing orders: pages in both directions, and filters."""

from dataclasses import replace

import pytest

from tests.fakes.memory_ledger import MemoryFleet, MemoryLedger
from tests.fakes.memory_state import ManualClock
from tests.unit.usecases.browsing import a_ledger, an_order, ids, page, pages, some_of_each
from worker.domain.order import Attention, Status
from worker.ports import Change
from worker.usecases.browse_orders import Wanted
from worker.usecases.places import CursorError

LONG, LISTED = Attention.WAITING_LONG, Attention.LISTED_AFTER_REQUEST


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 21, 50])
def test_all_orders_are_listed_page_by_page(size: int) -> None:
    """What needs somebody first; each once; no page is short but the last, and none is empty."""
    orders, names = some_of_each()
    ledger = a_ledger(*orders)
    listed = list(pages(lambda after: page(ledger, Wanted(), after, size)))
    assert [name for each in listed for name in ids(each.orders)] == names
    assert {len(each.orders) for each in listed[:-1]} <= {size}
    assert listed[-1].orders
    assert {each.total for each in listed} == {21}
    assert all(each.whole for each in listed)


@pytest.mark.parametrize("size", [1, 2, 4, 5])
@pytest.mark.parametrize("wanted", [Wanted(), Wanted(status=Status.DUE), Wanted(flagged=True)])
def test_the_way_back_shows_the_same_pages(wanted: Wanted, size: int) -> None:
    """From the last page to the first, which has none before it."""
    ledger = a_ledger(*(replace(order, flags=frozenset({LONG})) for order in some_of_each()[0]))
    forwards = list(pages(lambda after: page(ledger, wanted, after, size)))
    backwards = [forwards[-1]]
    while backwards[-1].previous:
        backwards.append(page(ledger, wanted, backwards[-1].previous, size))
    assert [ids(each.orders) for each in backwards] == [ids(each.orders) for each in forwards[::-1]]
    assert forwards[0].previous == ""
    assert [each.next for each in backwards[::-1]] == [each.next for each in forwards]


def test_the_first_page_is_whole_when_orders_before_it_have_left() -> None:
    """Whoever goes back sees a full page, not the two that are left before the place."""
    ledger = a_ledger(*(an_order(f"order-{at}", at=at) for at in range(8)))
    second = page(ledger, Wanted(status=Status.WAITING), page(ledger, Wanted(status=Status.WAITING)).next)
    ledger.save([Change(order=an_order("order-1", Status.FAILED), version=1)])
    back = page(ledger, Wanted(status=Status.WAITING), second.previous)
    assert ids(back.orders) == ["order-0", "order-2", "order-3", "order-4"]


def test_orders_are_listed_by_attention() -> None:
    """Any or one reason, in any or one status; how many there are is said where it is counted."""
    ledger = a_ledger(an_order("a", Status.DUE, 1, LONG, LISTED), an_order("b", Status.DUE, 1, LONG), an_order("c"))
    ledger.save([Change(order=an_order("d", Status.WAITING, 1, LONG), version=0)])
    expected: dict[Wanted, tuple[list[str], int | None]] = {
        Wanted(flagged=True): (["a", "b", "d"], 3),
        Wanted(attention=LONG): (["a", "b", "d"], 3),
        Wanted(attention=LISTED): (["a"], 1),
        Wanted(attention=Attention.UNKNOWN_SKU): ([], 0),
        Wanted(attention=LONG, status=Status.WAITING): (["d"], None),
        Wanted(flagged=True, status=Status.DUE): (["a", "b"], None),
        Wanted(flagged=True, search="xyz"): ([], None),
    }
    for wanted, (names, total) in expected.items():
        found = page(ledger, wanted)
        assert (ids(found.orders), found.total) == (names, total)


def test_an_order_whose_document_has_ended_is_left_out() -> None:
    """Its line in the index is taken out within seconds."""
    orders = [an_order("a"), an_order("b")]

    class Without(MemoryLedger):
        def load(self, order_ids, codes=()):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - as the fake's
            known, owners = super().load(order_ids, codes)
            return {name: stored for name, stored in known.items() if name != "a"}, owners

    fleet = MemoryFleet(ManualClock(1))
    fleet.ledgers["acme"] = ledger = Without("acme", fleet.clock, fleet.limits, fleet.lock, fleet.server)
    ledger.save([Change(order=order, version=0) for order in orders])
    assert ids(page(ledger, Wanted()).orders) == ["b"]


def test_a_cursor_of_another_list_is_refused() -> None:
    """A sentence, not an empty page."""
    with pytest.raises(CursorError, match="'waiting:1:a' is no place in this list"):
        page(a_ledger(), Wanted(flagged=True), "waiting:1:a")
