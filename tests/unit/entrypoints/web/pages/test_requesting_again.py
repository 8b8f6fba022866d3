"""Requesting again by the form of an order's page: SkyHub's list is read for it."""

import html

import pytest

from tests.fakes.fake_skyhub import During
from tests.unit.domain.builders import SECOND
from tests.unit.entrypoints.web.pages.desk import Desk, page_of
from worker.domain.order import Attention, Status
from worker.entrypoints.web.pages.open_lists import OpenLists
from worker.ports import TransientError
from worker.usecases.pause_store import pause_by_operator

_SIGNED = "label printed (Ana Souza, pages)"


@pytest.fixture
def desk() -> Desk:
    """Give the pages of a store without orders."""
    return Desk()


def _undone(desk: Desk) -> None:
    """Let an order be requested, and its pickup be undone at SkyHub long after."""
    desk.stand(Status.REQUESTED, "1")
    desk.skyhub.label("1")
    desk.fleet.clock.advance(120 * SECOND)


def test_a_pickup_that_was_undone_is_requested_again(desk: Desk) -> None:
    """A new round; a second click finds the order on its way."""
    _undone(desk)

    answers = [desk.post(page_of("1"), action="request-again") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 409]
    assert (desk.order("1").status, desk.order("1").round, desk.wishes("1")) == (Status.DUE, 2, [_SIGNED])
    assert Attention.LISTED_AFTER_REQUEST not in desk.order("1").attention


def test_a_skyhub_that_is_silent_or_down_keeps_nobody_waiting() -> None:
    """The page says so, and nothing is changed, whatever it answers later."""
    desk = Desk(lists=OpenLists(seconds=0.01))
    _undone(desk)
    desk.skyhub.during[During.PAGE].append(desk.released.wait)

    silent = desk.post(page_of("1"), action="request-again")
    desk.released.set()
    desk.skyhub.faults[""] = TransientError("SkyHub answers 503")
    down = desk.post(page_of("1"), action="request-again")

    assert [silent.status_code, down.status_code] == [409, 409]
    assert "it was not read within 0.01 s" in html.unescape(silent.text)
    assert (desk.order("1").status, desk.wishes("1")) == (Status.REQUESTED, [])


def test_nothing_is_requested_again_in_a_paused_store(desk: Desk) -> None:
    """SkyHub is not even asked."""
    _undone(desk)
    pause_by_operator(desk.ledger, "inventory")

    answer = desk.post(page_of("1"), action="request-again")

    assert answer.status_code == 409
    assert "are paused (inventory); resume it first" in html.unescape(answer.text)
    assert desk.skyhub.read == []
