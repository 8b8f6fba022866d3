"""All of it is done without a mouse, and one always sees where one is."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visit
from tests.browser.pages import PAGES
from tests.browser.service import PERSON, PagesService, password

# More than the steps to anything on a page.
_MOST_STEPS = 60
_IS_FOCUSED = "(node) => node === document.activeElement"
# A ring, or a shadow drawn as one, around what has the focus or what it is the box of.
_IS_SEEN = """() => {
  const style = getComputedStyle(document.activeElement);
  return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none";
}"""

_STOPS = """() => [...document.querySelectorAll("a, button, input:not([type=hidden]), summary, select")]
  .filter((node) => node.checkVisibility()).length"""


def _step_to(page: Page, wanted: Locator) -> None:
    """Press Tab until it has the focus, which is seen on the way."""
    for _ in range(_MOST_STEPS):
        page.keyboard.press("Tab")
        assert page.evaluate(_IS_SEEN), page.evaluate("() => document.activeElement.outerHTML.slice(0, 120)")
        if wanted.evaluate(_IS_FOCUSED):
            return
    pytest.fail(f"no way to {wanted}")


def test_a_failed_order_is_retried_by_keyboard(shop: PagesService, visit: Visit) -> None:
    """From the way in to the retry: Tab, Enter, Space and letters."""
    sale = shop.failed("acme")
    page = visit(shop, None).open("/")
    expect(page.locator("input[name=name]")).to_be_focused()
    page.keyboard.type(PERSON)
    page.keyboard.press("Tab")
    page.keyboard.type(password("acme"))
    page.keyboard.press("Enter")
    expect(page.locator("#figures")).to_be_visible()

    _step_to(page, page.locator("nav.tabs a[href$='/failed']"))
    page.keyboard.press("Enter")
    expect(page.locator("#failed")).to_be_visible()
    _step_to(page, page.get_by_role("link", name=sale.order_id))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(sale.order_id)
    _step_to(page, page.locator("#do-retry summary"))
    page.keyboard.press("Space")
    _step_to(page, page.locator("#do-retry input[name=reason]"))
    page.keyboard.type("by keyboard")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")

    expect(page.locator(".note[role=status]")).to_be_visible()
    shop.requested_once([sale])


def test_the_first_step_skips_to_the_content(gallery: PagesService, visit: Visit) -> None:
    """Behind the head and the pages."""
    page = visit(gallery).open(PAGES["failed"])
    page.keyboard.press("Tab")
    skip = page.locator("a.skip")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.getElementById('content').contains(document.activeElement)")


def test_a_slash_leads_to_the_search(gallery: PagesService, visit: Visit) -> None:
    """Where somebody types, it is a letter."""
    page = visit(gallery).open(PAGES["overview"])
    page.keyboard.press("/")
    search = page.get_by_role("searchbox")
    expect(search).to_be_focused()
    page.keyboard.type("a/b")
    expect(search).to_have_value("a/b")


@pytest.mark.parametrize("name", ["stores", "overview", "orders", "order-waiting", "failed", "rejected"])
def test_each_step_is_seen(gallery: PagesService, visit: Visit, name: str) -> None:
    """And nothing keeps the focus: the steps come round to the first one."""
    page = visit(gallery).open(PAGES[name])
    stops = page.evaluate(_STOPS)
    assert stops > 5
    for _ in range(min(stops, _MOST_STEPS)):
        page.keyboard.press("Tab")
        assert page.evaluate(_IS_SEEN), page.evaluate("() => document.activeElement.outerHTML.slice(0, 120)")
