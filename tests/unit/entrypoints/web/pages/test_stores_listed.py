"""All stores at one look: page by page where they are many, and searched for an order whose store nobody knows."""

import html
import re
from urllib.parse import quote

import pytest

from tests.unit.domain.builders import invoiced
from tests.unit.entrypoints.web.pages.desk import Desk, a_store, order_id, page_of
from worker.domain.order import Status
from worker.usecases.record_invoices import record_now


@pytest.fixture
def desk() -> Desk:
    """Give the pages of the administrator of two stores."""
    return Desk()


@pytest.mark.parametrize("name", [order_id("1"), "Lojas Americanas-1", " Lojas_Americanas-1 "])
def test_the_code_of_an_order_leads_to_it_whatever_its_store(desk: Desk, name: str) -> None:
    """In any form."""
    desk.due("1")

    answer = desk.get(f"/stores?q={quote(name)}")

    assert (answer.status_code, answer.headers["location"]) == (303, page_of("1"))


def test_a_page_that_refreshes_leads_nobody_away(desk: Desk) -> None:
    """Of several orders one may be left while somebody reads, or types into the search."""
    desk.due("1")

    answer = desk.get(f"/stores?q={order_id('1')}", x_live="1")

    assert answer.status_code == 200
    assert f'href="{page_of("1")}"' in answer.text


def test_orders_of_one_code_in_several_stores_are_listed(desk: Desk) -> None:
    """Each with its store and a link to its page."""
    desk.due("1")
    _due_in(desk, "brava", "1")

    page = desk.get(f"/stores?q={order_id('1')}").text

    for store in ("acme", "brava"):
        assert f'href="/stores/{store}/orders/{order_id("1")}"' in page


@pytest.mark.parametrize(
    ("language", "said"), [("en", "No order of any store has the code"), ("pt-BR", "Nenhum pedido de nenhuma loja")]
)
def test_a_code_that_no_store_knows_is_said_to_be_none(desk: Desk, language: str, said: str) -> None:
    """With what was typed, harmless; stores of that name are listed."""
    page = html.unescape(desk.get("/stores?q=<b>bra", accept_language=language).text)
    assert said in page
    assert _stores(page) == []

    assert _stores(desk.get("/stores?q=BRA").text) == ["brava"]


def test_a_store_that_was_taken_out_is_searched_as_well(desk: Desk) -> None:
    """It is listed as long as it holds something."""
    desk.due("1")
    desk.take_out("acme")
    desk.take_out("brava")

    assert desk.get(f"/stores?q={order_id('1')}").headers["location"] == page_of("1")
    assert _stores(desk.get("/stores").text) == ["acme"]


def test_a_stores_password_searches_no_other_store(desk: Desk) -> None:
    """Neither is the search there, nor does an address tell whether a code is known."""
    desk.due("1")
    of_brava = Desk(store="brava", fleet=desk.fleet)

    answers = {code: of_brava.get(f"/stores?q={code}") for code in (order_id("1"), order_id("2"), "acme")}

    assert [answer.status_code for answer in answers.values()] == [404] * 3
    assert len({answer.text.replace(code, "") for code, answer in answers.items()}) == 1
    page = of_brava.get(f"/stores/brava/orders?q={order_id('1')}").text
    assert 'href="/stores?' not in page
    assert 'action="/stores"' not in page
    assert f'href="/stores?q={order_id("1")}"' in desk.get(f"/stores/brava/orders?q={order_id('1')}").text


def test_a_thousand_stores_are_shown_page_by_page(desk: Desk) -> None:
    """Fifty at a time, so that a page is small; an address that is none begins at the first."""
    desk.stores = {name: a_store(name) for name in (f"store{n:03}" for n in range(120))}
    desk.fleet.remember(list(desk.stores))

    pages = [desk.get(path).text for path in ("/stores", "/stores?from=50", "/stores?from=100")]

    assert [len(_stores(page)) for page in pages] == [50, 50, 20]
    assert [name for page in pages for name in _stores(page)] == sorted(desk.stores)
    links = [re.findall(r'rel="(prev|next)" href="([^"]+)"', page) for page in pages]
    assert links == [
        [("next", "/stores?from=50")],
        [("prev", "/stores"), ("next", "/stores?from=100")],
        [("prev", "/stores?from=50")],
    ]
    assert "50 of 120 on this page" in pages[0]
    for asked in ("-1", "x", "9" * 400, "²"):
        assert len(_stores(desk.get(f"/stores?from={asked}").text)) in (50, 20)
    assert _stores(desk.get("/stores?q=store11").text) == [f"store11{n}" for n in range(10)]


def _stores(page: str) -> list[str]:
    return re.findall(r'<tr id="store-([^"]+)">', page)


def _due_in(desk: Desk, store: str, code: str) -> None:
    record_now(desk.fleet.ledger(store), desk.service.policy(store), invoiced(order_id=order_id(code)), "")
    assert desk.fleet.ledger(store).counts()[Status.DUE] == 1
