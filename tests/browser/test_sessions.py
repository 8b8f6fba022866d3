"""Who has not entered sees nothing; who has entered leaves, or is shown the way in after a while."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.gallery import RICH
from tests.browser.pages import PAGES
from tests.browser.reader import Reader
from tests.browser.service import PERSON, PagesService, password

_TRIES = 10  # that an address has


@pytest.fixture
def reader(gallery: PagesService, visit: Visit) -> Iterator[Reader]:
    """Give somebody who has not entered a browser; tries are forgotten afterwards."""
    yield visit(gallery, None)
    redis = gallery.service.redis
    for key in redis.scan_iter("coleta:{_}:tries:*"):
        redis.delete(key)


def enter(reader: Reader, word: str) -> None:
    """Fill in the form of the way in, and send it."""
    reader.page.locator("input[name=name]").fill(PERSON)
    reader.page.locator("input[name=password]").fill(word)
    reader.page.locator("main button").click()


@pytest.mark.parametrize("name", ["stores", "overview", "orders-attention", "order-waiting", "failed", "rejected"])
def test_the_way_in_leads_to_the_page_that_was_asked_for(reader: Reader, name: str) -> None:
    """With its query; before, nothing of it is shown."""
    page = reader.open(PAGES[name])
    assert reader.path.startswith("/login?next=")
    expect(page.locator("body")).not_to_contain_text(RICH)
    enter(reader, password("") if name == "stores" else password(RICH))
    assert reader.path == PAGES[name]


def test_a_session_that_ended_shows_the_way_in_and_leads_back(gallery: PagesService, reader: Reader) -> None:
    """Without a click: the page that refreshes itself finds out."""
    page = reader.open(PAGES["orders-attention"])
    before = set(gallery.service.redis.scan_iter("coleta:{_}:session:*"))
    enter(reader, password(RICH))
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    (session,) = set(gallery.service.redis.scan_iter("coleta:{_}:session:*")) - before

    gallery.service.redis.delete(session)

    page.wait_for_url("**/login?next=*")
    enter(reader, password(RICH))
    assert reader.path == PAGES["orders-attention"]


def test_who_left_is_out(gallery: PagesService, reader: Reader) -> None:
    """Also with the cookie that somebody kept, and by the browser's way back."""
    page = reader.open("/login")
    enter(reader, password(RICH))
    expect(page.locator("header .name")).to_have_text(PERSON)
    kept = reader.context.cookies()
    page.locator("form[action='/logout'] button").click()
    page.wait_for_url("**/login")
    page.evaluate("() => history.back()")
    page.wait_for_url("**/login?next=*")
    expect(page.locator("input[name=password]")).to_be_visible()

    reader.context.add_cookies([{"name": each["name"], "value": each["value"], "url": gallery.web} for each in kept])
    reader.open(PAGES["overview"])
    assert reader.path.startswith("/login")


@pytest.mark.parametrize("language", ["en", "pt-BR"])
def test_wrong_passwords_are_limited(gallery: PagesService, reader: Reader, visit: Visit, language: str) -> None:
    """After ten, even the right one is not compared; the page says for how long."""
    other = visit(gallery, None, language=language)
    page = other.open("/login")
    for _ in range(_TRIES):
        enter(other, "wrong")
        expect(page.locator("[role=alert]")).to_be_visible()
    wrong = page.locator("[role=alert]").inner_text()
    enter(other, password(RICH))
    expect(page.locator("[role=alert]")).not_to_have_text(wrong)
    expect(page.locator("[role=alert]")).to_contain_text("10")  # minutes
    assert reader.open(PAGES["overview"]).url.startswith(f"{gallery.web}/login")
