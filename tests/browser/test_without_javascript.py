"""A browser that runs no scripts shows and does the same, only does not refresh by itself."""

from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.gallery import FAILED, RICH, WAITING
from tests.browser.pages import PAGES, rows
from tests.browser.service import PERSON, PagesService, password


def test_the_pages_are_entered_and_left_again(gallery: PagesService, visit: Visit) -> None:
    """By the form of the way in, which leads to the page that was asked for, and the button in the head."""
    reader = visit(gallery, None, scripts=False)
    page = reader.open(PAGES["failed"])
    page.locator("input[name=name]").fill(PERSON)
    page.locator("input[name=password]").fill(password(RICH))
    page.get_by_role("button").first.click()
    assert reader.path == PAGES["failed"]
    expect(rows(page).filter(has_text=FAILED)).to_be_visible()
    page.locator("form[action='/logout'] button").click()
    assert reader.path == "/login"


def test_each_page_is_whole(gallery: PagesService, visit: Visit) -> None:
    """As with scripts, which hide or show nothing but the box that chooses all."""
    plain, scripted = visit(gallery, scripts=False), visit(gallery)
    for path in PAGES.values():
        heading = scripted.open(path).get_by_role("heading", level=1).inner_text()
        assert plain.open(path).get_by_role("heading", level=1).inner_text() == heading
        assert plain.page.get_by_role("link").count() == scripted.page.get_by_role("link").count()


def test_forms_are_unfolded(gallery: PagesService, visit: Visit) -> None:
    """What an operator can do is found behind its name."""
    page = visit(gallery, scripts=False).open(f"/stores/{RICH}/orders/{WAITING}")
    page.locator("#do-release summary").click()
    expect(page.locator("#do-release input[name=reason]")).to_be_visible()
