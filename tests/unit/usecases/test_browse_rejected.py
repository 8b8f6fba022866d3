"""Browsing rejected events."""

import pytest

from tests.fakes.memory_ledger import MemoryFleet, MemoryLedger
from worker.ports import Unreadable
from worker.usecases.browse_rejected import RejectedPage, browse_rejected, rejected_event


def a_ledger(count: int) -> MemoryLedger:
    """Return a ledger with so many rejected events, numbered."""
    ledger = MemoryFleet().ledger("acme")
    ledger.reject([Unreadable(str(number), "no JSON") for number in range(count)])
    return ledger


def bodies(page: RejectedPage) -> str:
    """Name the events of a page."""
    return "".join(each.body for each in page.rejected)


@pytest.mark.parametrize("size", [1, 2, 3, 6, 7])
def test_rejected_events_are_browsed_there_and_back(size: int) -> None:
    """The newest first; the way back shows the same pages."""
    ledger = a_ledger(6)
    pages = [browse_rejected(ledger, size=size)]
    while pages[-1].next:
        pages.append(browse_rejected(ledger, pages[-1].next, size=size))
    assert "".join(map(bodies, pages)) == "543210"
    assert {len(bodies(page)) for page in pages[:-1]} <= {size}
    back = [pages[-1]]
    while back[-1].previous:
        back.append(browse_rejected(ledger, back[-1].previous, size=size))
    assert list(map(bodies, back)) == list(map(bodies, pages[::-1]))
    assert back[-1].next == pages[0].next


def test_a_page_before_which_little_is_left_is_the_first() -> None:
    """Also where all before it is gone."""
    ledger, size = a_ledger(5), 2
    second = browse_rejected(ledger, browse_rejected(ledger, size=size).next, size=size)
    ledger.forget_rejected([each.rejected_id for each in ledger.rejected(2)])
    assert bodies(browse_rejected(ledger, second.previous, size=size)) == "21"


def test_nothing_rejected_is_an_empty_page() -> None:
    """Without a page before or after it."""
    assert browse_rejected(a_ledger(0)) == RejectedPage(rejected=[])


def test_one_event_is_found_by_its_id() -> None:
    """None where it is not kept any more."""
    ledger = a_ledger(2)
    [newest, oldest] = ledger.rejected(2)
    assert rejected_event(ledger, oldest.rejected_id) == oldest
    ledger.forget_rejected([newest.rejected_id])
    assert rejected_event(ledger, newest.rejected_id) is None


@pytest.mark.parametrize("cursor", ["x", "-", "--", "-x", "1-x", "1"])
def test_another_text_is_no_cursor(cursor: str) -> None:
    """Somebody wrote the address by hand."""
    with pytest.raises(ValueError, match="is no id of a rejected event"):
        browse_rejected(a_ledger(1), cursor)
