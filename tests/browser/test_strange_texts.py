"""Whatever comes from outside is text on a page: nothing of it runs, leads elsewhere or is computed.

Each browser of these tests notes dialogs, errors, violated policies and requests to other hosts; one is a failure.
"""

from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.gallery import STRANGE
from tests.browser.pages import rows
from tests.browser.reader import Reader
from tests.browser.service import ADMIN, PagesService, password
from tests.browser.strange import COMPUTED, HOSTILE, IMAGE, SCRIPT, TEMPLATE
from worker.domain.order import Status

_NAMES = (IMAGE, "<script>alert(4)</script>", "'-alert(5)-'", "{{7*191}}", 'x" autofocus onfocus="alert(6)')


def _harmless(page: Page) -> None:
    """See that nothing of it became a part of the page."""
    assert COMPUTED not in page.content()
    assert page.locator("img, script:not([src]), [onerror], [onfocus], style, [style]").count() == 0


def test_an_order_may_hold_anything(gallery: PagesService, visit: Visit) -> None:
    """Its code, SKUs, invoices and their keys, SkyHub's answer, the cancel's reason, Pick and Pack's status."""
    reader = visit(gallery)
    ledger = gallery.ledger(STRANGE)
    for status in (Status.WAITING, Status.FAILED, Status.CANCELED):
        for order_id in ledger.order_ids(status, 0, 10):
            page = reader.open(f"/stores/{STRANGE}/orders/{quote(order_id, safe='')}")
            expect(page.get_by_role("heading", level=1)).to_have_text(order_id)
            _harmless(page)
    expect(reader.open(f"/stores/{STRANGE}/failed").locator("tbody")).to_contain_text(HOSTILE)
    _harmless(reader.page)


def test_lists_lead_to_orders_of_any_code(gallery: PagesService, visit: Visit) -> None:
    """However it is spelled, the link finds it."""
    reader = visit(gallery)
    page = reader.open(f"/stores/{STRANGE}/orders")
    codes = rows(page).locator("th a").all_inner_texts()
    assert any(HOSTILE in code for code in codes)
    _harmless(page)
    for code in codes:
        page = reader.open(f"/stores/{STRANGE}/orders")
        page.get_by_role("link", name=code, exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(code)


@pytest.mark.parametrize("path", [f"/stores/{STRANGE}", f"/stores/{STRANGE}/rejected", "/stores/_/rejected", "/stores"])
def test_rejected_events_may_hold_anything(gallery: PagesService, visit: Visit, path: str) -> None:
    """Body, reason, the name of a store that nobody knows."""
    page = visit(gallery).open(path)
    for fold in page.locator("main tbody summary").all():
        fold.click()
    if path.endswith("rejected"):
        expect(page.locator("tbody").first).to_contain_text(HOSTILE)
    _harmless(page)


@pytest.mark.parametrize(
    "path",
    [
        "/stores/{}",
        "/stores/{}/orders",
        f"/stores/{STRANGE}/orders/{{}}",
        f"/stores/{STRANGE}/orders?q={{}}",
        f"/stores/{STRANGE}/orders?after={{}}",
        f"/stores/{STRANGE}/orders?status={{}}",
        f"/stores/{STRANGE}/orders?attention={{}}",
        f"/stores/{STRANGE}/failed?after={{}}",
        f"/stores/{STRANGE}/rejected?after={{}}",
        f"/stores/{STRANGE}?span={{}}",
        f"/stores/{STRANGE}?done={{}}",
        f"/stores/{STRANGE}?language={{}}",
        f"/stores/{STRANGE}?{{}}={{}}",
        "/login?next={}",
    ],
)
def test_an_address_may_hold_anything(gallery: PagesService, visit: Visit, path: str) -> None:
    """It is found, not found, or led back from; never shown as anything but text."""
    reader = visit(gallery, None if path.startswith("/login") else ADMIN)
    for text in (SCRIPT, IMAGE, TEMPLATE, "javascript:alert(7)", "\x00\x1f\ufffe"):
        _harmless(reader.open(path.replace("{}", quote(text, safe=""))))


@pytest.mark.parametrize("name", _NAMES)
def test_a_persons_name_may_be_anything(gallery: PagesService, visit: Visit, name: str) -> None:
    """It is shown as it was typed, on the way in and on each page."""
    reader = visit(gallery, None)
    _enter(reader, name, "wrong")
    expect(reader.page.locator("input[name=name]")).to_have_value(name)
    _harmless(reader.page)
    reader.page.locator("input[name=password]").fill(password(ADMIN))
    reader.page.keyboard.press("Enter")
    expect(reader.page.locator("header .name")).to_have_text(name)
    _harmless(reader.page)


@pytest.mark.parametrize("to", ["//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:alert(8)"])
def test_the_way_in_leads_to_no_other_site(gallery: PagesService, visit: Visit, to: str) -> None:
    """Whatever `next` says, who enters is at a page of this site."""
    reader = visit(gallery, None)
    reader.open(f"/login?next={quote(to, safe='')}")
    _enter(reader, "Ana", password(ADMIN), at=None)
    expect(reader.page.locator("header .name")).to_have_text("Ana")
    assert reader.page.url.startswith(f"{gallery.web}/")


def test_what_a_browser_keeps_may_hold_anything(gallery: PagesService, visit: Visit) -> None:
    """Cookies that somebody else wrote are wishes that nobody has."""
    reader = visit(gallery)
    for name in ("zone", "language"):
        reader.context.add_cookies([{"name": name, "value": quote(HOSTILE), "url": gallery.web}])
    page = reader.open(f"/stores/{STRANGE}")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    _harmless(page)


def _enter(reader: Reader, name: str, word: str, at: str | None = "/login") -> None:
    if at is not None:
        reader.open(at)
    reader.page.locator("input[name=name]").fill(name)
    reader.page.locator("input[name=password]").fill(word)
    reader.page.keyboard.press("Enter")
