"""A page follows what happens within seconds, and leaves alone what its reader does."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.gallery import RICH, WAITING
from tests.browser.pages import rows
from tests.browser.reader import Reader
from tests.browser.service import PagesService
from tests.browser.test_actions import path_of
from tests.fixtures.sales import Sale
from worker.domain.order import Status

_TOP = "(node) => node.getBoundingClientRect().top"
_A_LINE = 30


@pytest.fixture
def reader(shop: PagesService, visit: Visit) -> Reader:
    """Let an operator of the store in."""
    return visit(shop, "acme")


@contextmanager
def _loaded_once(page: Page) -> Iterator[None]:
    """See that the page is not loaded anew."""
    page.evaluate("() => { window.loadedOnce = true; }")
    yield
    assert page.evaluate("() => window.loadedOnce === true")


def test_an_order_moves_before_the_readers_eyes(shop: PagesService, reader: Reader) -> None:
    """What is typed, focused and unfolded stays, and so does the place on the page."""
    (sale,) = _waiting(shop)
    page = reader.open(path_of(sale))
    with _loaded_once(page):
        page.set_viewport_size({"width": 390, "height": 400})
        page.locator("#do-release summary").click()
        field = page.locator("#do-release input[name=reason]")
        field.fill("half a sen")
        field.evaluate("(field) => field.setSelectionRange(2, 5)")
        before = field.evaluate(_TOP)

        shop.sandbox.complete([sale.code])
        shop.hand_in([sale.event(1)])

        expect(page.locator("#head")).to_contain_text("Pickup requested")
        expect(page.locator("#story")).to_contain_text("Pickup requested")
        expect(field).to_have_value("half a sen")
        expect(field).to_be_focused()
        assert field.evaluate("(field) => [field.selectionStart, field.selectionEnd]") == [2, 5]
        assert abs(field.evaluate(_TOP) - before) < _A_LINE, "what is looked at moved away"


@pytest.mark.parametrize("anchored", ["auto", "none"])
def test_a_field_stays_on_the_screen_where_somebody_types_in_it(
    gallery: PagesService, visit: Visit, anchored: str
) -> None:
    """However much comes above it, in view or out of it; also in browsers that hold no place by themselves."""
    page = visit(gallery, width=390).open(f"/stores/{RICH}/orders/{WAITING}")
    page.evaluate(f"() => {{ document.documentElement.style.overflowAnchor = '{anchored}'; }}")
    page.locator("#do-release summary").click()
    field = page.locator("#do-release input[name=reason]")
    field.fill("half a sen")
    for above in ("#story li", "#answer > div"):
        page.evaluate(f"() => document.querySelectorAll('{above}').forEach((each) => each.remove())")
        before = field.evaluate(_TOP)
        page.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
        expect(page.locator(above)).not_to_have_count(0)
        # What the browser does by itself, it does before it draws.
        page.evaluate("() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
        assert abs(field.evaluate(_TOP) - before) < 1, above


def test_a_refresh_leaves_what_the_scripts_made_of_the_page(gallery: PagesService, visit: Visit) -> None:
    """The box that chooses all stays in view, and a form that was sent stays sent."""
    page = visit(gallery).open("/stores/aurora/failed")
    page.evaluate("() => { document.querySelector('#failed').dataset.sent = '1'; }")
    for _ in range(2):  # when the second answer is there, the first one is on the page
        with page.expect_response(lambda answer: answer.request.headers.get("x-live") == "1"):
            page.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("input[data-all]")).to_be_visible()
    assert page.locator("#failed").get_attribute("data-sent") == "1"


def test_a_list_grows_around_what_is_chosen(shop: PagesService, reader: Reader) -> None:
    """Ticked boxes and a reason half typed outlive new lines."""
    first = shop.failed("acme")
    page = reader.open("/stores/acme/failed")
    with _loaded_once(page):
        box = page.locator(f"input[value='{first.order_id}']")
        box.check()
        page.locator("#failed input[name=reason]").fill("half")
        second = shop.failed("acme")
        expect(rows(page).filter(has_text=second.order_id)).to_be_visible()
        expect(box).to_be_checked()
        expect(page.locator(f"input[value='{second.order_id}']")).not_to_be_checked()
        expect(page.locator("#failed input[name=reason]")).to_have_value("half")


def test_the_overviews_figures_move(shop: PagesService, reader: Reader) -> None:
    """And its unfolded table stays unfolded."""
    page = reader.open("/stores/acme")
    with _loaded_once(page):
        page.locator("#chart summary").click()
        before = int(page.locator("#figures .waiting strong").inner_text())
        _waiting(shop)
        expect(page.locator("#figures .waiting strong")).to_have_text(str(before + 1))
        expect(page.locator("#chart table")).to_be_visible()


def test_a_service_that_is_away_is_told_of(shop: PagesService, reader: Reader) -> None:
    """What is shown may be old, says the foot; once it answers again, no longer."""
    (web,) = (part for part in shop.parts if part.name == "web")
    page = reader.open("/stores/acme")
    with _loaded_once(page):
        web.kill()
        expect(page.locator("#live")).to_be_visible()
        web.start()
        expect(page.locator("#live")).to_be_hidden()
    reader.troubles.clear()  # Chromium names each request that nobody answered.


def _waiting(shop: PagesService) -> list[Sale]:
    (sale,) = sold = shop.sold("acme")
    shop.hand_in([sale.event(0)])
    shop.await_status(sold, Status.WAITING)
    return sold
