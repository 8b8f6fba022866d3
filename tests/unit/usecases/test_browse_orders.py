"""Browsing orders: pages in both directions, filters, searches that are cut short."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import pytest

from tests.fakes.memory_ledger import MemoryFleet, MemoryLedger
from tests.fakes.memory_state import ManualClock
from worker.domain.order import At, Attention, Order, Status
from worker.ports import Change
from worker.usecases.browse_orders import Exactly, Page, TooShort, Wanted, browse_orders
from worker.usecases.find_orders import BY_URGENCY
from worker.usecases.places import CursorError

LONG, LISTED = Attention.WAITING_LONG, Attention.LISTED_AFTER_REQUEST


def an_order(name: str, status: Status = Status.WAITING, at: int = 1, *flags: Attention) -> Order:
    """Return an order that came to stand where it stands at this time."""
    return Order(
        order_id=name,
        skyhub_code=name,
        created_at=1,
        status=status,
        at=At(at),
        flags=frozenset(flags),
        ordered={"a": 1},
    )


def a_ledger(*orders: Order) -> MemoryLedger:
    """Return a ledger with these orders."""
    ledger = MemoryFleet(ManualClock(1)).ledger("acme")
    ledger.save([Change(order=order, version=0) for order in orders])
    return ledger


def some_of_each(count: int = 3) -> tuple[list[Order], list[str]]:
    """Return orders of every status, and how they are listed."""
    orders = [an_order(f"{status}-{at}", status, at) for status in Status for at in range(count)]
    names = []
    for status in BY_URGENCY:
        its = [f"{status}-{at}" for at in range(count)]
        names += its[::-1] if status in (Status.REQUESTED, Status.SKIPPED, Status.CANCELED) else its
    return orders, names


def page(ledger: MemoryLedger, wanted: Wanted, after: str = "", size: int = 4, lines: int = 1000) -> Page:
    """Return a page, which must be one."""
    found = browse_orders(ledger, "BWW", wanted, after, size=size, lines=lines)
    assert isinstance(found, Page)
    return found


def ids(orders: Sequence[Order]) -> list[str]:
    """Name orders."""
    return [order.order_id for order in orders]


def pages(read: Callable[[str], Page]) -> Iterator[Page]:
    """Turn over page by page until the last."""
    found = read("")
    yield found
    while found.next:
        found = read(found.next)
        yield found


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


def test_a_code_that_is_searched_for_leads_to_its_order() -> None:
    """In any form, in any list; but not from a later page."""
    ledger = a_ledger(an_order("BWW-Lojas_Americanas-1"), an_order("BWW-Lojas_Americanas-11"))
    for search in ("BWW-Lojas_Americanas-1", " Lojas Americanas-1 "):
        found = browse_orders(ledger, "BWW", Wanted(search=search, status=Status.FAILED))
        assert isinstance(found, Exactly)
        assert found.order.order_id == "BWW-Lojas_Americanas-1"


@pytest.mark.parametrize("search", ["americanas", "AMERICANAS-2", "Lojas  Americanas-2", " s_americanas "])
def test_a_part_of_an_id_is_searched_for(search: str) -> None:
    """In any case, as SkyHub spells it or as VTEX does."""
    ledger = a_ledger(an_order("BWW-Lojas_Americanas-28", Status.FAILED), an_order("BWW-Submarino-28"))
    found = page(ledger, Wanted(search=search))
    assert (ids(found.orders), found.total) == (["BWW-Lojas_Americanas-28"], None)


def test_two_letters_are_too_few() -> None:
    """They are in nearly every id; a code of two letters is found all the same."""
    ledger = a_ledger(an_order("ab"), an_order("abc"))
    assert browse_orders(ledger, None, Wanted(search="bc")) == TooShort()
    assert isinstance(browse_orders(ledger, None, Wanted(search="ab")), Exactly)
    assert ids(page(ledger, Wanted(search="  ")).orders) == ["ab", "abc"]


@pytest.mark.parametrize("lines", [1, 2, 3, 7])
def test_a_search_that_takes_too_long_goes_on_where_it_stopped(lines: int) -> None:
    """The page says that it is not whole; nothing is left out and nothing shown twice."""
    orders, names = some_of_each(4)
    ledger = a_ledger(*orders)
    listed = list(pages(lambda after: page(ledger, Wanted(search="ed-"), after, 3, lines)))
    assert [name for each in listed for name in ids(each.orders)] == [name for name in names if "ed-" in name]
    assert not all(each.whole for each in listed)
    assert listed[-1].whole


def test_the_way_back_through_a_search_that_takes_too_long() -> None:
    """Its previous cursor goes on looking, backwards."""
    ledger = a_ledger(an_order("aaa-1", at=1), *(an_order(f"b-{at}", at=at) for at in range(2, 9)))
    ledger.save([Change(order=an_order("aaa-2", at=9), version=0), Change(order=an_order("aaa-3", at=10), version=0)])
    wanted = Wanted(search="aaa")
    last = page(ledger, wanted, page(ledger, wanted, size=2).next, size=2)
    assert ids(last.orders) == ["aaa-3"]
    back = page(ledger, wanted, last.previous, size=2, lines=3)
    assert (ids(back.orders), back.whole) == (["aaa-2"], False)
    further = page(ledger, wanted, back.previous, size=2, lines=3)
    assert (ids(further.orders), further.whole, further.next) == ([], False, "")
    assert page(ledger, wanted, further.previous, size=2).orders


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
