"""The pages speak the reader's language, and tell times as the reader's clock has them."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.gallery import RICH, WAITING
from tests.browser.pages import PAGES
from tests.browser.service import PagesService


def _speaks(page: Page, tag: str) -> None:
    expect(page.locator("html")).to_have_attribute("lang", tag)


@pytest.mark.parametrize(("wish", "tag"), [("pt-BR", "pt-BR"), ("pt-PT", "pt-BR"), ("en-GB", "en"), ("ja-JP", "en")])
def test_the_browser_says_which_language(gallery: PagesService, visit: Visit, wish: str, tag: str) -> None:
    """Portuguese to who wishes any Portuguese, else English; the way in too."""
    _speaks(visit(gallery, language=wish).open(PAGES["overview"]), tag)
    _speaks(visit(gallery, None, language=wish).open("/login"), tag)


def test_a_language_that_was_chosen_is_kept(gallery: PagesService, visit: Visit) -> None:
    """The switch shows the same page, the next pages stay in that language, and the switch leads back."""
    reader = visit(gallery, language="en")
    page = reader.open(f"/stores/{RICH}/orders?status=failed")
    page.get_by_role("link", name="Português").click()
    _speaks(page, "pt-BR")
    assert "status=failed" in reader.path
    _speaks(reader.open(PAGES["stores"]), "pt-BR")
    page.get_by_role("link", name="English").click()
    _speaks(reader.open(PAGES["overview"]), "en")


@pytest.mark.parametrize("zone", ["America/Sao_Paulo", "Asia/Kolkata", "America/St_Johns", "Pacific/Chatham"])
def test_times_are_those_of_the_readers_clock(gallery: PagesService, visit: Visit, zone: str) -> None:
    """Zones of half and quarter hours too; each time keeps its moment in UTC for machines."""
    order = gallery.ledger(RICH).load([WAITING])[0][WAITING].order
    page = visit(gallery, zone=zone).open(PAGES["order-waiting"])

    # Browsers may call a zone by an older name than it was given: Asia/Calcutta.
    name = page.evaluate("() => Intl.DateTimeFormat().resolvedOptions().timeZone")
    expect(page.locator("footer")).to_contain_text(name)
    shown = page.locator("#story time")
    for entry, told in zip(reversed(order.history), shown.all(), strict=True):
        at = datetime.fromtimestamp(entry.at // 1_000, ZoneInfo(zone))
        expect(told).to_contain_text(f"{at:%H:%M:%S}")
        assert datetime.fromisoformat(str(told.get_attribute("datetime"))) == at


def test_the_chart_begins_its_hours_where_the_readers_clock_does(gallery: PagesService, visit: Visit) -> None:
    """India's hours begin at half past."""
    page = visit(gallery, zone="Asia/Kolkata").open(PAGES["overview"])
    expect(page.locator("footer")).not_to_contain_text("UTC")
    ticks = page.locator("#chart svg text[text-anchor=middle]").all_text_contents()
    assert ticks
    assert all(re.fullmatch(r"\d\d:30", tick.strip()) for tick in ticks), ticks


def test_a_zone_that_nobody_knows_is_no_trouble(gallery: PagesService, visit: Visit) -> None:
    """The page is loaded once more at most, and shows UTC."""
    reader = visit(gallery)
    reader.context.add_cookies([{"name": "zone", "value": "Nowhere%2FAt_All", "url": gallery.web}])
    page = reader.open(PAGES["order-waiting"])
    expect(page.locator("footer")).to_contain_text("UTC")
