"""Who hears the pages instead of seeing them finds their way; who sees little can read them."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.gallery import RICH, WAITING
from tests.browser.pages import KINDS, LANGUAGES, PAGES, UNFOLD, said
from tests.browser.reader import PHONE, WIDE
from tests.browser.service import PagesService

_GRAVE = ("serious", "critical")
# A table without a name, or a field without one: what `aria-label`, `aria-labelledby`, captions and labels give.
_NAMELESS = """() => {
  const named = (node) => node.ariaLabel || node.getAttribute("aria-labelledby") || node.caption?.textContent.trim();
  const tables = [...document.querySelectorAll("table")].filter((table) => !named(table));
  const fields = [...document.querySelectorAll("input:not([type=hidden]), select, textarea")].filter(
    (field) => !field.labels?.length && !field.ariaLabel);
  return [...tables, ...fields].map((node) => node.outerHTML.slice(0, 80));
}"""


# What depends on the colours; all else is the same in both themes.
_OF_COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}


def _grave(page: Page, options: dict[str, Any] | None = None) -> list[str]:
    """Return what axe finds serious or critical: the rule, and where."""
    violations: list[dict[str, Any]] = Axe().run(page, options=options).response["violations"]
    return [
        f"{each['id']}: {', '.join(str(node['target']) for node in each['nodes'][:3])}"
        for each in violations
        if each["impact"] in _GRAVE
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing_grave(gallery: PagesService, visit: Visit, language: str) -> None:
    """On a page of each look, in each language and theme: everything unfolded, so that all of it is looked at."""
    reader, outside = visit(gallery, language=language), visit(gallery, None, language=language)
    found: dict[str, list[str]] = {}
    for name in (*KINDS, "login"):
        page = outside.open("/login") if name == "login" else reader.open(PAGES[name])
        page.evaluate(UNFOLD)
        page.emulate_media(color_scheme="light")
        found[f"{name}, light"] = _grave(page)
        page.emulate_media(color_scheme="dark")
        found[f"{name}, dark"] = _grave(page, _OF_COLOURS)
    assert {name: grave for name, grave in found.items() if grave} == {}


@pytest.mark.parametrize("width", [WIDE, PHONE])
def test_tables_and_fields_have_names(gallery: PagesService, visit: Visit, width: int) -> None:
    """On a phone, where a table's lines stand below each other, too."""
    reader = visit(gallery, width=width)
    found = {name: reader.open(path).evaluate(_NAMELESS) for name, path in PAGES.items()}
    assert {name: nameless for name, nameless in found.items() if nameless} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_parts_of_a_page_are_announced(gallery: PagesService, visit: Visit, language: str) -> None:
    """The head with the search, the pages, the content, the foot; one heading says where one is."""
    reader = visit(gallery, language=language)
    page = reader.open(PAGES["overview"])
    expect(page.get_by_role("banner")).to_be_visible()
    expect(page.get_by_role("search").get_by_role("searchbox")).to_be_visible()
    expect(page.get_by_role("navigation", name=said("Pages", language), exact=True)).to_be_visible()
    expect(page.get_by_role("main")).to_be_visible()
    expect(page.get_by_role("contentinfo")).to_be_visible()
    for path in PAGES.values():
        assert reader.open(path).get_by_role("heading", level=1).count() == 1


def test_the_overview_is_heard_as_it_is_meant(gallery: PagesService, visit: Visit) -> None:
    """The state first, then the figures with their words, then the chart as a picture with a name."""
    page = visit(gallery).open(PAGES["overview"])
    expect(page.get_by_role("main")).to_match_aria_snapshot(
        f"""
        - heading "Overview of {RICH}" [level=1]
        - region "State"
        - navigation "Orders by status":
          - link /Waiting for invoices \\d+/
        - region "By hour":
          - figure:
            - img /table has the figures/
        """
    )


def test_an_order_is_heard_as_it_is_meant(gallery: PagesService, visit: Visit) -> None:
    """Its code, why it stands there, then tables whose bars say in words what they show."""
    page = visit(gallery).open(PAGES["order-waiting"])
    expect(page.get_by_role("main")).to_match_aria_snapshot(
        f"""
        - heading "{WAITING}" [level=1]
        - region "Why and what next":
          - heading "Why it is here"
        - region "Ordered and invoiced":
          - table "Ordered and invoiced":
            - rowgroup:
              - row:
                - columnheader "SKU"
            - rowgroup:
              - row:
                - rowheader "345117"
                - cell:
                  - img "1 of 2 units invoiced"
        """
    )
