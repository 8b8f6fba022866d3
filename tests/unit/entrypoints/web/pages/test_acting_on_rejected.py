"""What is done to rejected events by the form of their page."""

import html
import json

import pytest

from tests.fakes.memory_ledger import MemoryFleet
from tests.fixtures.native_events import INVOICED
from tests.unit.entrypoints.web.pages.desk import Desk
from worker.adapters.redis_ledger import Limits
from worker.entrypoints.native_events import Origin, came_by
from worker.ports import Unreadable

_SIGNED = "label printed (Ana Souza, pages)"


@pytest.fixture
def desk() -> Desk:
    """Give the pages of a store without orders."""
    return Desk()


def _kept(desk: Desk, *unreadable: Unreadable, store: str = "acme") -> list[str]:
    desk.fleet.ledger(store).reject(unreadable)
    return [event.rejected_id for event in desk.fleet.ledger(store).rejected_after("", 100)]


_READABLE = Unreadable(json.dumps(INVOICED), "store 'acme' is not in the stores file")


def test_chosen_events_are_handed_in_again(desk: Desk) -> None:
    """Those that can be read are in the inbox, which is hinted at; the others stay, each with its reason."""
    pushed = Unreadable("{}", came_by(Origin.INVOICE_PUSH, "no such field"))
    ids = _kept(desk, _READABLE, Unreadable("rubbish", "no JSON"), pushed)

    answer = desk.post("/stores/acme/rejected", {"event": ids}, action="resend")
    text = html.unescape(answer.text)

    assert answer.status_code == 409
    assert "1 event was handed in again." in text
    assert "Nothing was done to 2 events:" in text
    assert "its source has to send it again" in text
    assert len(desk.ledger.kept.inbox) == 1
    assert ("coleta.drain_inbox", "acme") in desk.messages.sent
    assert [event.rejected_id for event in desk.ledger.rejected(10)] == [ids[2], ids[1]]


def test_events_of_unknown_stores_are_the_administrators(desk: Desk) -> None:
    """They go to the store that they name, once it is known; who may see one store does not even find them."""
    ids = _kept(desk, _READABLE, store="_")

    denied = Desk(store="acme", fleet=desk.fleet).post("/stores/_/rejected", {"event": ids}, action="resend")
    done = desk.post("/stores/_/rejected", {"event": ids}, action="resend")

    assert denied.status_code == 404
    assert done.headers["location"] == "/stores/_/rejected?done=resent&number=1"
    assert "1 event was handed in again." in desk.follow(done)
    assert (len(desk.ledger.kept.inbox), desk.fleet.ledger("_").rejected(10)) == (1, [])


def test_chosen_events_are_forgotten(desk: Desk) -> None:
    """Once: a second click finds nothing to do."""
    ids = _kept(desk, _READABLE, _READABLE)

    first, again = [desk.post("/stores/acme/rejected", {"event": ids[:1]}, action="discard") for _ in range(2)]

    assert first.headers["location"] == "/stores/acme/rejected?done=forgotten&number=1"
    assert again.headers["location"] == "/stores/acme/rejected?done=nothing"
    assert [event.rejected_id for event in desk.ledger.rejected(10)] == ids[1:]


def test_an_inbox_that_is_full_takes_no_event() -> None:
    """It stays kept, and the page says why."""
    desk = Desk(fleet=MemoryFleet(limits=Limits(inbox_limit=0)))
    ids = _kept(desk, _READABLE)

    answer = desk.post("/stores/acme/rejected", {"event": ids}, action="resend")

    assert answer.status_code == 409
    assert len(desk.ledger.rejected(10)) == 1


@pytest.mark.parametrize("form", [{"action": "discard"}, {"action": "discard", "event": "x"}, {"action": "x"}])
def test_a_form_without_events_does_nothing(desk: Desk, form: dict[str, str]) -> None:
    """Whatever stands for one."""
    _kept(desk, _READABLE)

    assert desk.post("/stores/acme/rejected", form).status_code == 422
    assert len(desk.ledger.rejected(10)) == 1
