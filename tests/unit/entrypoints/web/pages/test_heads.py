"""Whoever may open a page may ask for its head, as monitors, proxies and link checkers do."""

import httpx
import pytest

from tests.unit.entrypoints.web.login.gatehouse import Gatehouse
from tests.unit.entrypoints.web.pages.desk import Desk, page_of
from worker.entrypoints.web.pages.static_files import address_of

_PAGES = ("/", "/stores", "/stores/acme", "/stores/acme/orders", page_of("1"), "/stores/acme/failed")


@pytest.mark.parametrize("path", [*_PAGES, "/stores/acme/rejected", "/stores/nobody", address_of("coleta.css")])
def test_a_head_is_that_of_the_page(path: str) -> None:
    """With the status and the headers of its GET; the server sends no body with it."""
    desk = Desk()
    desk.due("1")

    assert _head(desk.head(path)) == _head(desk.get(path))


def test_who_asks_for_the_head_of_a_page_unknown_is_sent_to_the_way_in() -> None:
    """It leads back to the same page; the way in has a head of its own."""
    desk = Desk()
    desk.gate.visitor_now = None

    answers = [ask("/stores/acme/orders?status=due") for ask in (desk.head, desk.get)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].headers["location"] == answers[1].headers["location"]
    assert Gatehouse().browser().ask("HEAD", "/login").status_code == 200


def test_a_page_takes_no_other_method() -> None:
    """Nor is a head asked for where only a form arrives."""
    desk = Desk()

    assert [desk.ask(method, "/stores").status_code for method in ("PUT", "DELETE", "OPTIONS")] == [405] * 3
    assert Gatehouse().browser().ask("HEAD", "/logout").status_code == 405


def _head(answer: httpx.Response) -> tuple[int, dict[str, str]]:
    return answer.status_code, dict(answer.headers)
