"""The cursors of lists that are browsed."""

import pytest

from worker.domain.order import Status
from worker.ports import Spot
from worker.usecases.places import CursorError, Place

DUE = Place(Status.DUE, Spot(1_800_000_000_000, "BWW-Lojas: Ação-1"))
BOTH = (Status.DUE, None)


@pytest.mark.parametrize("place", [DUE, DUE.backwards(), Place(None, Spot(0, "-:-\n"), back=True)])
def test_a_cursor_leads_back_to_its_place(place: Place) -> None:
    """Whatever the order is called; a person can read it."""
    assert Place.read(place.cursor, BOTH) == place
    assert DUE.backwards().cursor == "-due:1800000000000:BWW-Lojas: Ação-1"


@pytest.mark.parametrize(
    "cursor",
    ["due", "due:1", "due:1:", "due:-1:a", "due:1.5:a", "due:x:a", "due:9999999999999999:a", "--due:1:a", "other:1:a"],
)
def test_another_text_is_no_place(cursor: str) -> None:
    """Somebody wrote the address by hand, or it is another list's."""
    with pytest.raises(CursorError, match=f"'{cursor}' is no place in this list; begin at its first page"):
        Place.read(cursor, BOTH)


def test_a_place_of_another_list_is_none_of_this() -> None:
    """A page of due orders does not go on among the waiting."""
    with pytest.raises(CursorError, match="is no place"):
        Place.read(DUE.cursor, (Status.WAITING, None))


def test_a_long_text_is_quoted_in_part() -> None:
    """The message is for a page."""
    with pytest.raises(CursorError) as caught:
        Place.read("x" * 10_000, BOTH)
    assert len(str(caught.value)) < 200
