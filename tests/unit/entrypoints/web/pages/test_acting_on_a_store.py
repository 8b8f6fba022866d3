"""What is done to a store by the forms of its page."""

import html

import pytest
from structlog.testing import capture_logs

from tests.unit.entrypoints.web.pages.desk import Desk
from worker.ports import Drain

_SIGNED = "label printed (Ana Souza, pages)"


@pytest.fixture
def desk() -> Desk:
    """Give the pages of a store without orders."""
    return Desk()


def test_a_store_is_paused_and_resumed(desk: Desk) -> None:
    """Each once; the pause keeps who and why, the log lines both."""
    with capture_logs() as lines:
        paused, again = [desk.post("/stores/acme", action="pause") for _ in range(2)]
        kept = desk.pause
        resumed, nothing = [desk.post("/stores/acme", action="resume") for _ in range(2)]

    assert (kept.active, kept.by_person, kept.reason) == (True, True, _SIGNED)
    assert not desk.pause.active
    locations = [answer.headers["location"].partition("?")[2] for answer in (paused, again, resumed, nothing)]
    assert locations == ["done=paused", "done=nothing", "done=resumed", "done=nothing"]
    assert ("coleta.request_pickups", "acme") in desk.messages.sent
    assert [line["event"] for line in lines] == ["store.paused", "wish.granted", "store.resumed", "wish.granted"]


def test_a_comparison_is_hinted_at_once(desk: Desk) -> None:
    """However often it is asked for while it is on its way; it needs no reason."""
    answers = [desk.post("/stores/acme", action="reconcile", reason="") for _ in range(2)]

    assert [answer.headers["location"] for answer in answers] == ["/stores/acme?done=reconciling"] * 2
    assert desk.messages.sent == [("coleta.reconcile", "acme")]


def test_no_comparison_is_promised_that_cannot_be_made(desk: Desk) -> None:
    """The store is paused, or SkyHub is in trouble: the page says which."""
    desk.ledger.back_off(Drain.RECONCILE, "token", 1, 60_000, "SkyHub answers 503")
    troubled = desk.post("/stores/acme", action="reconcile")
    desk.post("/stores/acme", action="pause")
    paused = desk.post("/stores/acme", action="reconcile")

    assert [troubled.status_code, paused.status_code] == [409, 409]
    assert "SkyHub is in trouble, next try at" in html.unescape(troubled.text)
    assert "an operator since" in html.unescape(paused.text)
    assert ("coleta.reconcile", "acme") not in desk.messages.sent


@pytest.mark.parametrize("action", ["", "delete"])
def test_nothing_else_is_done_to_a_store(desk: Desk, action: str) -> None:
    """The page says what can be chosen."""
    answer = desk.post("/stores/acme", action=action)

    assert (answer.status_code, desk.pause.active) == (422, False)
