"""A store's password opens that store's pages: of another store nothing is seen and nothing is done."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import cast
from urllib.parse import quote

import httpx
import pytest
from fastapi.routing import APIRoute
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.gallery import FAILED, PAUSED, RICH, STORES
from tests.browser.service import PagesService
from worker.entrypoints.web.pages.acting import actions
from worker.entrypoints.web.pages.routes import pages
from worker.entrypoints.web.pages.visits import Site
from worker.ports import Drain

_OPEN = {"/", "/login", "/logout", "/static/{name}"}


def _routes() -> Iterator[tuple[str, str]]:
    """Yield the method and address of each page and action, those of the way in left out."""
    # No request is answered here: nothing of the site is needed.
    nothing = SimpleNamespace(gate=None, renderer=SimpleNamespace(without_visitor=None))
    site = cast("Site", nothing)
    for route in (*pages(site).routes, *actions(site).routes):
        if isinstance(route, APIRoute) and route.path not in _OPEN:
            yield from ((method, route.path) for method in route.methods or ())


ROUTES = sorted(_routes())


def _filled(path: str, store: str) -> str:
    return path.replace("{store}", store).replace("{order_id:path}", quote(FAILED, safe=""))


@pytest.mark.parametrize("store", [RICH, "_", "nobody"])
@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_no_address_opens_another_store(gallery: PagesService, method: str, path: str, store: str) -> None:
    """Whether the store exists is not told either: all are answered as what is not there."""
    before = _standing(gallery)
    with gallery.enter(PAUSED) as client:
        own = client.get(f"/stores/{PAUSED}").text
        csrf = own.partition('name="csrf" value="')[2].partition('"')[0]
        assert csrf
        form = {"csrf": csrf, "reason": "x", "order": FAILED, "all": "1", "event": "1-1", "carrier": "direct"}
        actions = ("retry", "discard", "release", "pause", "reconcile", "resend") if method == "POST" else ("",)
        for action in actions:
            data = {**form, "action": action} if action else None
            answer = client.request(method, _filled(path, store), data=data)
            assert answer.status_code == httpx.codes.NOT_FOUND, (action, answer.text)
            assert FAILED not in answer.text.replace(quote(FAILED), "")
    assert _standing(gallery) == before


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_who_has_not_entered_gets_nowhere(gallery: PagesService, method: str, path: str) -> None:
    """Not by a form, either."""
    answer = httpx.request(
        method,
        f"{gallery.web}{_filled(path, RICH)}",
        data={"action": "pause"} if method == "POST" else None,
        trust_env=False,
    )
    assert answer.headers["location"].startswith("/login")


def test_a_store_finds_only_its_own_orders(gallery: PagesService, visit: Visit) -> None:
    """By address, by search, by a part of a code."""
    reader = visit(gallery, PAUSED)
    reader.open(f"/stores/{PAUSED}/orders/{FAILED}")
    expect(reader.page.locator("body")).not_to_contain_text("Pedido sem contrato")
    for text in (FAILED, "28526464030"):
        page = reader.open(f"/stores/{PAUSED}/orders?q={text}")
        expect(page.locator("main a", has_text=FAILED)).to_have_count(0)
        expect(page.locator("tbody")).to_have_count(0)


def test_the_search_over_all_stores_is_the_administrators(gallery: PagesService, visit: Visit) -> None:
    """A store's own people are answered alike whether a code is known elsewhere or not."""
    reader = visit(gallery)
    reader.open("/stores").keyboard.press("/")
    reader.page.keyboard.type(FAILED)
    reader.page.keyboard.press("Enter")
    expect(reader.page.locator("h1")).to_have_text(FAILED)
    assert reader.path == f"/stores/{RICH}/orders/{FAILED}"

    with gallery.enter(PAUSED) as client:
        answers = {name: client.get("/stores", params={"q": name}) for name in (FAILED, "nothing", RICH)}
    assert [answer.status_code for answer in answers.values()] == [httpx.codes.NOT_FOUND] * 3
    assert len({answer.text.replace(name, "") for name, answer in answers.items()}) == 1


def test_the_pages_of_a_store_name_no_other(gallery: PagesService, visit: Visit) -> None:
    """Neither in a link nor in a word."""
    reader = visit(gallery, PAUSED)
    for path in ("/", f"/stores/{PAUSED}/orders", f"/stores/{PAUSED}/failed", f"/stores/{PAUSED}/rejected"):
        content = reader.open(path).content()
        assert [store for store in STORES if store != PAUSED and store in content] == []


def _standing(gallery: PagesService) -> object:
    ledger = gallery.ledger(RICH)
    return ledger.counts(), ledger.standing(Drain.PICKUPS).pause, len(ledger.rejected(100))
