"""What is done to one order by the form of its page, and what the person is shown."""

import html
from urllib.parse import quote

import pytest
from structlog.testing import capture_logs

from tests.unit.entrypoints.web.pages.desk import Desk, order_id, page_of
from worker.domain.facts import Carrier
from worker.domain.order import Status

_SIGNED = "label printed (Ana Souza, pages)"
_PICKUPS = ("coleta.request_pickups", "acme")


@pytest.fixture
def desk() -> Desk:
    """Give the pages of a store without orders."""
    return Desk()


def test_a_released_order_is_due_and_hinted_at(desk: Desk) -> None:
    """The person is led back to the page, which says so; history keeps who did it and why."""
    desk.waiting("1")

    answer = desk.post(page_of("1"), action="release")

    assert (answer.status_code, answer.headers["location"]) == (303, f"{page_of('1')}?done=released")
    assert (desk.order("1").status, desk.wishes("1")) == (Status.DUE, [_SIGNED])
    assert _PICKUPS in desk.messages.sent
    page = desk.follow(answer)
    assert "The order is released." in page
    assert "An operator released it." in page
    assert "Every item is invoiced." not in page


def test_a_second_click_does_nothing_twice(desk: Desk) -> None:
    """The page says that it was so before."""
    desk.waiting("1")
    desk.post(page_of("1"), action="release")

    again = desk.post(page_of("1"), action="release")

    assert desk.wishes("1") == [_SIGNED]
    assert "Nothing was changed: it was so before." in desk.follow(again)


def test_a_failed_order_is_retried_or_given_up(desk: Desk) -> None:
    """Each with its reason."""
    desk.stand(Status.FAILED, "1", "2")

    retried = desk.post(page_of("1"), action="retry")
    discarded = desk.post(page_of("2"), action="discard")

    assert [desk.order(code).status for code in "12"] == [Status.DUE, Status.CANCELED]
    assert desk.order("2").reason == f"discarded: {_SIGNED}"
    assert "The order was evaluated anew." in desk.follow(retried)
    assert "The order was discarded." in desk.follow(discarded)


def test_a_carrier_is_corrected(desk: Desk) -> None:
    """To one of those that the page offers, and to nothing else."""
    desk.due("1")

    corrected = desk.post(page_of("1"), action="set-carrier", carrier="correios")
    refused = [desk.post(page_of("1"), action="set-carrier", carrier=carrier) for carrier in ("unknown", "x", "")]

    assert (desk.order("1").carrier, desk.order("1").status) == (Carrier.CORREIOS, Status.SKIPPED)
    assert corrected.headers["location"] == f"{page_of('1')}?done=carrier-set"
    assert [answer.status_code for answer in refused] == [422, 422, 422]
    assert all("Choose one of the carriers." in answer.text for answer in refused)


def test_what_the_law_denies_is_said_and_the_form_is_kept(desk: Desk) -> None:
    """With the domain's sentence; what was typed is still there, and the form is open."""
    desk.waiting("1")

    with capture_logs() as lines:
        answer = desk.post(page_of("1"), action="set-carrier", carrier="direct", reason="x" * 401)
        denied = desk.post(page_of("1"), action="retry", reason='a "quoted" <reason>')

    assert (answer.status_code, denied.status_code) == (422, 409)
    assert "x" * 401 in answer.text
    assert '<details class="fold" id="do-set-carrier" open>' in answer.text
    said = f"only a failed or canceled order can be retried; {order_id('1')} is waiting"
    assert said in html.unescape(denied.text)
    assert "<reason>" not in denied.text
    assert desk.wishes("1") == []
    assert [(line["event"], line.get("reason")) for line in lines] == [("wish.denied", said)]


def test_the_reason_of_an_action_that_is_not_offered_any_more_is_kept(desk: Desk) -> None:
    """It is shown with the denial, to be copied, and stands in the form of each action that is offered."""
    desk.waiting("1")
    desk.stand(Status.REQUESTED, "2")
    typed = 'the "label" <was> printed'

    offers, offers_nothing = (html.unescape(desk.post(page_of(n), action="retry", reason=typed).text) for n in "12")

    assert [page.count(f"The reason that you typed: <q>{typed}</q>") for page in (offers, offers_nothing)] == [1, 1]
    assert offers.count(f'name="reason" value="{typed}"') == 2
    kept_in_its_field = desk.post(page_of("1"), action="set-carrier", carrier="x", reason=typed).text
    assert "The reason that you typed:" not in kept_in_its_field


@pytest.mark.parametrize("page", ["", "/failed", "/rejected"])
def test_a_reason_is_kept_where_there_is_no_field_for_it_any_more(desk: Desk, page: str) -> None:
    """As in a list that others emptied meanwhile, or of a store that was taken out."""
    if not page:
        desk.take_out("acme")

    answer = desk.post(f"/stores/acme{page}", action="discard", order=order_id("1"), reason="label printed")

    assert "The reason that you typed: <q>label printed</q>" in answer.text


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"action": "release", "reason": " "}, "it is empty; say why, in a few words"),
        ({"action": "delete"}, "Choose what is to be done to the order."),
        ({}, "Choose what is to be done to the order."),
    ],
)
def test_a_form_that_cannot_be_used_changes_nothing(desk: Desk, form: dict[str, str], said: str) -> None:
    """It says what is wrong with it."""
    desk.waiting("1")

    answer = desk.post(page_of("1"), form)

    assert (answer.status_code, desk.order("1").status) == (422, Status.WAITING)
    assert said in html.unescape(answer.text)


def test_every_form_needs_the_sessions_own_proof(desk: Desk) -> None:
    """Nothing is done otherwise."""
    desk.waiting("1")

    answer = desk.post(page_of("1"), action="release", csrf="another session's")

    assert (answer.status_code, desk.order("1").status) == (403, Status.WAITING)
    assert answer.headers["content-type"].startswith("text/html")


def test_an_order_that_is_not_there_cannot_be_acted_on(desk: Desk) -> None:
    """Nor a store that is not, or is not the person's."""
    desk.waiting("1")
    of_brava = Desk(store="brava", fleet=desk.fleet)

    paths = [page_of("2"), "/stores/nobody/orders/1", "/stores/_/orders/1"]

    assert [desk.post(path, action="release").status_code for path in paths] == [404, 404, 404]
    assert of_brava.post(page_of("1"), action="release").status_code == 404
    assert desk.order("1").status is Status.WAITING


def test_an_order_is_acted_on_by_any_form_of_its_code(desk: Desk) -> None:
    """The person is led to its page."""
    desk.waiting("1")

    answer = desk.post(f"/stores/acme/orders/{quote('Lojas Americanas-1')}", action="release")

    assert answer.headers["location"] == f"{page_of('1')}?done=released"


def test_who_is_not_known_any_more_does_nothing(desk: Desk) -> None:
    """They are sent to the way in, which leads back to the page."""
    desk.waiting("1")
    desk.gate.visitor_now = None

    answer = desk.post(page_of("1"), action="release")

    assert (answer.status_code, answer.headers["location"]) == (303, f"/login?next={quote(page_of('1'), safe='')}")
    assert desk.order("1").status is Status.WAITING


def test_nothing_is_done_to_a_store_that_was_taken_out(desk: Desk) -> None:
    """It can be read as before."""
    desk.waiting("1")
    desk.take_out("acme")

    answers = [
        desk.post(page_of("1"), action="release"),
        desk.post("/stores/acme", action="pause"),
        desk.post("/stores/acme", action="reconcile"),
        desk.post("/stores/acme/failed", action="retry", all="1"),
        desk.post("/stores/acme/rejected", action="discard", event="1-0"),
    ]

    assert [answer.status_code for answer in answers] == [409] * 5
    assert all("The store is not in the stores file" in answer.text for answer in answers)
    assert (desk.order("1").status, desk.pause.active, desk.messages.sent) == (Status.WAITING, False, [])
    assert desk.get(page_of("1")).status_code == 200
