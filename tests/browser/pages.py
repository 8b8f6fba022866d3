"""The pages of the gallery, by name, and how their words are found in a reader's language."""

from collections.abc import Mapping

from playwright.sync_api import Locator, Page

from tests.browser.gallery import FAILED, REQUESTED, RICH, STRANGE, WAITING
from worker.entrypoints.web.pages.languages import translations

LANGUAGES = ("en", "pt-BR")
PAGES: Mapping[str, str] = {
    "stores": "/stores",
    "overview": f"/stores/{RICH}",
    "overview-week": f"/stores/{RICH}?span=week",
    "orders": f"/stores/{RICH}/orders",
    "orders-attention": f"/stores/{RICH}/orders?attention=unknown_sku",
    "order-waiting": f"/stores/{RICH}/orders/{WAITING}",
    "order-failed": f"/stores/{RICH}/orders/{FAILED}",
    "order-requested": f"/stores/{RICH}/orders/{REQUESTED}",
    "failed": f"/stores/{RICH}/failed",
    "rejected": f"/stores/{RICH}/rejected",
    "rejected-unknown": "/stores/_/rejected",
    "strange-orders": f"/stores/{STRANGE}/orders",
}
"""What the administrator can look at."""

KINDS = tuple(name for name in PAGES if name not in {"overview-week", "orders-attention", "order-requested"})
"""One page of each look, where to look at all would take long."""

UNFOLD = "() => document.querySelectorAll('details').forEach((each) => (each.open = true))"


def said(words: str, language: str) -> str:
    """Return words of the pages in a language."""
    return str(translations(language.replace("-", "_")).gettext(words))


def texts(page: Page) -> list[str]:
    """Return the lines that a page shows."""
    return [line.strip() for line in page.locator("body").inner_text().splitlines() if line.strip()]


def rows(within: Page | Locator) -> Locator:
    """Return the rows of the body of a table."""
    return within.locator("tbody tr")
