"""On a phone, every page is read and worked by moving up and down alone."""

import pytest

from tests.browser.conftest import Visit
from tests.browser.pages import LANGUAGES, PAGES, UNFOLD
from tests.browser.reader import PHONE
from tests.browser.service import PagesService

# What sticks out at the right, unless it scrolls within a part of the page; and whether the page as a whole does.
_STICKS_OUT = """() => {
  const scrolls = (node) => node && node !== document.documentElement &&
    (["auto", "scroll"].includes(getComputedStyle(node).overflowX) || scrolls(node.parentElement));
  const out = [...document.querySelectorAll("body *")].filter((node) => {
    const box = node.getBoundingClientRect();
    return box.width > 1 && box.height > 1 && node.checkVisibility() && (box.right > innerWidth + 1 || box.left < -1) && !scrolls(node);
  });
  const name = (node) => `${node.tagName}.${node.className} ${node.textContent.trim().slice(0, 40)}`;
  const shown = out.slice(0, 3).map(name);
  return document.documentElement.scrollWidth > innerWidth ? ["the page", ...shown] : shown;
}"""
# What a finger meets: within a form or a table, not a link in a sentence.
_TOO_SMALL = """() =>
  [...document.querySelectorAll("button, summary, input, select, nav a, .button")].filter((node) => {
    const box = (node.closest("label") ?? node).getBoundingClientRect();
    return box.width && box.height && node.checkVisibility() && Math.min(box.width, box.height) < 24;
  }).map((node) => `${node.tagName} ${node.name ?? node.textContent.trim().slice(0, 40)}`)"""


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_beside_the_screen(gallery: PagesService, visit: Visit, language: str) -> None:
    """On no page, folded or unfolded, the way in included, whatever long code stands on it."""
    reader = visit(gallery, language=language, width=PHONE)
    outside = visit(gallery, None, language=language, width=PHONE)
    found = {"login": outside.open("/login").evaluate(_STICKS_OUT)}
    for name, path in PAGES.items():
        page = reader.open(path)
        found[name] = page.evaluate(_STICKS_OUT)
        page.evaluate(UNFOLD)
        found[f"{name}, unfolded"] = page.evaluate(_STICKS_OUT)
    assert {name: out for name, out in found.items() if out} == {}


def test_what_is_touched_is_large_enough(gallery: PagesService, visit: Visit) -> None:
    """At least 24 pixels each way, as WCAG 2.2 has it (criterion 2.5.8)."""
    reader = visit(gallery, width=PHONE)
    found = {name: reader.open(path).evaluate(_TOO_SMALL) for name, path in PAGES.items()}
    assert {name: small for name, small in found.items() if small} == {}


def test_everything_is_led_to(gallery: PagesService, visit: Visit) -> None:
    """Each page of a store has links to the others that can be seen."""
    reader = visit(gallery, width=PHONE)
    page = reader.open(PAGES["overview"])
    for name in ("orders", "failed", "rejected", "stores", "overview"):
        page.locator(f"nav.tabs a[href='{PAGES[name]}']").click()
        page.wait_for_url(f"**{PAGES[name]}")
        if name == "stores":
            page.locator(f"main a[href='{PAGES['overview']}']").click()
