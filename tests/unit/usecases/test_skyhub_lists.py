"""SkyHub's list of what is not requested yet, read to its end; one that never ends is trouble, not a list."""

from collections.abc import Callable

import pytest

from tests.fakes.fake_skyhub import ROWS, FakeSkyHub
from tests.fakes.later import Later
from tests.unit.domain.builders import SECOND
from tests.unit.usecases.world import BEARER, TimedWorld, pages
from worker.domain.order import Status
from worker.ports import SkyHub, TransientError
from worker.usecases.skyhub_lists import read_open
from worker.usecases.store_trouble import Rest


class Paged(FakeSkyHub):
    """Serves what `serve` gives for the number of a page."""

    def __init__(self, serve: Callable[[int], tuple[str, ...]]) -> None:
        super().__init__(lambda: 0)
        self.serve = serve

    def collectables(self, *, requested: bool, page: int) -> tuple[str, ...]:
        assert not requested
        return self.serve(page)


def paged(*pages: tuple[str, ...]) -> SkyHub:
    """Serve these pages, then nothing, however often they are asked for beyond the end."""
    return Paged(lambda number: pages[number - 1] if number <= len(pages) else ())


def stuck_at(page: int) -> SkyHub:
    """Serve a page of its own for every number up to this one, then that one for ever."""
    return Paged(lambda number: (f"a{min(number, page)}", f"b{min(number, page)}"))


@pytest.mark.parametrize(
    ("listed", "codes"),
    [
        ((), set()),
        ((("1", "2"),), {"1", "2"}),
        ((("1", "2"), ("3", "4"), ("5",)), {"1", "2", "3", "4", "5"}),
        ((("1", "2"), ("2", "3"), ("3",)), {"1", "2", "3"}),
        ((("1", "2"), ("2", "1")), {"1", "2"}),
    ],
)
def test_all_pages_make_one_set(listed: tuple[tuple[str, ...], ...], codes: set[str]) -> None:
    """Up to the first empty page; a code that moved to the next page meanwhile is one code."""
    assert read_open(paged(*listed)) == codes


@pytest.mark.parametrize("page", [1, 2, 7])
def test_a_page_that_is_repeated_for_ever_is_trouble(page: int) -> None:
    """What was read is not passed on: nobody knows whether it is all."""
    with pytest.raises(TransientError) as error:
        read_open(stuck_at(page))
    assert error.value.reason == f"SkyHub answers page {page + 1} of its list with page {page}"


def test_full_pages_that_are_repeated_for_ever_are_trouble() -> None:
    """Two at a time they are held against each other in their order."""
    page = tuple(str(number) for number in range(ROWS))
    with pytest.raises(TransientError, match="answers page 2 of its list with page 1"):
        read_open(Paged(lambda _: page), threads=Later)


def test_trouble_on_the_way_is_passed_on() -> None:
    """Half a list is no list."""

    def page(number: int) -> tuple[str, ...]:
        if number > 1:
            raise TransientError("SkyHub answered 503")
        return ("1",)

    with pytest.raises(TransientError, match="503"):
        read_open(Paged(page))


def test_requesting_rests_while_the_list_never_ends(timed: TimedWorld) -> None:
    """Two pages are read, nothing is confirmed; when SkyHub has mended its list, everything is."""
    timed.ready("1", "2")
    timed.skyhub.stuck = True
    done = timed.pickups()
    assert (done.rest, done.drains, done.confirmed) == (Rest(BEARER, SECOND), set(), 0)
    assert pages(timed, "false") == ["1", "2"]
    assert timed.skyhub.sent == []
    assert timed.statuses("1", "2") == [Status.DUE] * 2
    assert not timed.paused.active
    timed.skyhub.stuck = False
    timed.advance(1)
    timed.pickups()
    assert timed.requests("1", "2") == [1, 1]
