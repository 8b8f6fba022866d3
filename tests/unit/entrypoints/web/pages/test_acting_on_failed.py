"""What is done to failed orders by the form of their page."""

import html
from collections.abc import Callable

import pytest
from structlog.testing import capture_logs

from tests.unit.entrypoints.web.pages.desk import Desk, order_id
from worker.domain.order import Status
from worker.entrypoints.web.pages import acting_orders

_SIGNED = "label printed (Ana Souza, pages)"


@pytest.fixture
def desk() -> Desk:
    """Give the pages of a store without orders."""
    return Desk()


def test_the_chosen_orders_are_retried(desk: Desk) -> None:
    """And no others; the page counts them, one line of the log names them."""
    desk.stand(Status.FAILED, "1", "2", "3")

    with capture_logs() as lines:
        answer = desk.post("/stores/acme/failed", {"order": [order_id("1"), order_id("2")]}, action="retry")

    assert answer.headers["location"] == "/stores/acme/failed?done=retried&number=2"
    assert [desk.order(code).status for code in "123"] == [Status.DUE, Status.DUE, Status.FAILED]
    assert desk.wishes("1") == [_SIGNED]
    assert "2 orders were evaluated anew." in desk.follow(answer)
    assert [(line["event"], line["orders"], line["order_ids"]) for line in lines] == [
        ("wish.granted", 2, [order_id("1"), order_id("2")])
    ]


def test_all_failed_orders_are_discarded(desk: Desk) -> None:
    """More than one page shows; what has not failed is left alone."""
    codes = [str(number) for number in range(120)]
    desk.stand(Status.FAILED, *codes)
    desk.due("200")

    answer = desk.post("/stores/acme/failed", action="discard", all="1")

    assert answer.headers["location"] == "/stores/acme/failed?done=discarded&number=120"
    assert {desk.order(code).status for code in codes} == {Status.CANCELED}
    assert desk.order("200").status is Status.DUE


def test_what_was_denied_is_shown_with_its_reason(desk: Desk) -> None:
    """Beside the number of those that were done; who sends the form again does nothing twice."""
    desk.stand(Status.FAILED, "1")
    desk.stand(Status.CANCELED, "2", reason="canceled at its source")
    form = {"order": [order_id("1"), order_id("2"), order_id("3")]}

    answer = desk.post("/stores/acme/failed", form, action="retry")
    text = html.unescape(answer.text)

    assert answer.status_code == 409
    assert "1 order was evaluated anew." in text
    assert "Nothing was done to 2 orders:" in text
    assert "it changed meanwhile: it is canceled" in text
    assert f"there is no order {order_id('3')}" in text
    assert (desk.order("2").status, desk.wishes("2")) == (Status.CANCELED, [])
    again = desk.post("/stores/acme/failed", form, action="retry")
    assert "Nothing was done to 3 orders:" in again.text
    assert desk.wishes("1") == [_SIGNED]


def test_thousands_end_in_time(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """What there was no time for is told, and left as it is."""
    desk.stand(Status.FAILED, "1", "2")
    left = iter([False, True])

    def late(_seconds: float) -> Callable[[], bool]:
        return lambda: next(left)

    monkeypatch.setattr(acting_orders, "_after", late)

    answer = desk.post("/stores/acme/failed", action="retry", all="1")

    assert answer.headers["location"] == "/stores/acme/failed?done=retried&number=1&left=1"
    assert sorted(desk.order(code).status for code in "12") == [Status.DUE, Status.FAILED]
    assert "There was no time for the others: repeat it." in desk.follow(answer)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"action": "retry"}, "Choose at least one order."),
        ({"action": "retry", "all": "1", "reason": ""}, "it is empty; say why, in a few words"),
        ({"action": "release", "all": "1"}, "Choose what is to be done to the orders."),
    ],
)
def test_a_form_without_orders_reason_or_action_does_nothing(desk: Desk, form: dict[str, str], said: str) -> None:
    """It says what is missing, and keeps what was chosen."""
    desk.stand(Status.FAILED, "1")

    answer = desk.post("/stores/acme/failed", form)

    assert (answer.status_code, desk.order("1").status) == (422, Status.FAILED)
    assert said in html.unescape(answer.text)
