"""Searching among orders: by a code, by a part of an id, within a time."""

import pytest

from tests.fakes.memory_ledger import MemoryLedger
from tests.unit.usecases.browsing import Slow, a_ledger, an_order, ids, page, pages
from worker.domain.order import Status
from worker.usecases.browse_orders import Exactly, TooShort, Wanted, browse_orders


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


def many() -> tuple[MemoryLedger, list[str]]:
    """Return a ledger of thousands of orders, and those few of them that have "sought" in their ids, as listed."""
    sought = (0, 7, 1400, 2900, 3000)
    orders = [an_order(f"sought-{at}" if at in sought else f"order-{at}", at=at) for at in range(3500)]
    orders += [an_order(f"other-sought-{at}", Status.DUE, at) for at in range(2)]
    return a_ledger(*orders), ["other-sought-0", "other-sought-1", *(f"sought-{at}" for at in sought)]


@pytest.mark.parametrize(("calls", "cuts"), [(1, 3), (2, 1), (9, 0)])
def test_a_search_that_takes_too_long_goes_on_where_it_stopped(calls: int, cuts: int) -> None:
    """The page says that it is not whole; nothing is left out and nothing shown twice."""
    ledger, names = many()
    listed = list(pages(lambda after: page(ledger, Wanted(search="sought"), after, 9, Slow(0.08 / calls))))
    assert [name for each in listed for name in ids(each.orders)] == names
    assert [each.whole for each in listed] == [False] * cuts + [True]


def test_the_way_back_through_a_search_that_takes_too_long() -> None:
    """Its previous cursor goes on looking, backwards."""
    ledger, names = many()
    wanted = Wanted(search="sought")
    second = page(ledger, wanted, page(ledger, wanted, size=6).next, size=6)
    assert ids(second.orders) == names[6:]
    back = page(ledger, wanted, second.previous, 6, Slow(0.08))
    assert (ids(back.orders), back.whole) == ([names[5]], False)
    further = page(ledger, wanted, back.previous, 6, Slow(0.08))
    assert (ids(further.orders), further.whole) == ([names[4]], False)
    assert ids(page(ledger, wanted, further.next, 6).orders) == names[5:]


def test_a_page_that_found_nothing_in_its_time_still_goes_on() -> None:
    """Forwards as it came; back from it there is only the first page."""
    ledger = a_ledger(*(an_order(f"order-{at}", at=at) for at in range(2500)), an_order("sought-1", at=9999))
    wanted = Wanted(search="sought")
    first = page(ledger, wanted, clock=Slow(0.08))
    second = page(ledger, wanted, first.next, clock=Slow(0.08))
    third = page(ledger, wanted, second.next, clock=Slow(0.08))
    assert [ids(each.orders) for each in (first, second, third)] == [[], [], ["sought-1"]]
    assert [each.whole for each in (first, second, third)] == [False, False, True]
    assert (first.previous, second.previous, third.next) == ("", "", "")
