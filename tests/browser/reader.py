"""A person at the pages with a browser of their own, in which nothing may happen that the pages do not mean."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal, TypedDict, Unpack
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Dialog, Page, Request, expect

from tests.browser.chromium import Chromium
from tests.browser.service import ADMIN, PagesService

WIDE, PHONE = 1280, 390
_HEIGHT = 844
# What a busy machine may take for a page.
_PATIENCE_MS = 20_000.0
# Chromium says of any page with such a status, and of an answer to a script.
_STATUS_SAID = "Failed to load resource: the server responded with a status of "
_TELL_VIOLATIONS = """
  addEventListener("securitypolicyviolation", (event) =>
    console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`))
"""

expect.set_options(timeout=_PATIENCE_MS)


class Reader:
    """A browser, and what went wrong in it beside the pages: messages, dialogs, requests that are not the site's."""

    def __init__(self, context: BrowserContext, site: PagesService) -> None:
        self.context = context
        self.site = site
        self.troubles: list[str] = []
        self._origin = urlsplit(site.web)[:2]
        context.set_default_timeout(_PATIENCE_MS)
        context.add_init_script(_TELL_VIOLATIONS)
        context.on("console", self._heard)
        context.on("dialog", self._asked)
        context.on("request", self._requested)
        context.on("weberror", lambda error: self.troubles.append(f"script: {error.error}"))
        self.page: Page = context.new_page()

    def open(self, path: str) -> Page:
        """Look at a page of the site."""
        self.page.goto(f"{self.site.web}{path}")
        return self.page

    @property
    def path(self) -> str:
        """Where the browser is, its query included."""
        return self.page.url.removeprefix(self.site.web)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(_STATUS_SAID):
            self.troubles.append(f"{message.type}: {message.text}")

    def _asked(self, dialog: Dialog) -> None:
        self.troubles.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _requested(self, request: Request) -> None:
        if urlsplit(request.url)[:2] != self._origin:
            self.troubles.append(f"request: {request.url}")


class Wishes(TypedDict, total=False):
    """How a browser is set: its language, zone, width in pixels and theme; whether it runs scripts."""

    language: str
    zone: str
    width: int
    theme: Literal["light", "dark"]
    scripts: bool


@contextmanager
def reading(
    browser: Chromium, site: PagesService, who: str | None = ADMIN, **wishes: Unpack[Wishes]
) -> Iterator[Reader]:
    """Let somebody read the pages, None: who has not entered; nothing may go wrong in their browser meanwhile."""
    with browser.person(
        locale=wishes.get("language", "en"),
        timezone_id=wishes.get("zone", "UTC"),
        viewport={"width": wishes.get("width", WIDE), "height": _HEIGHT},
        color_scheme=wishes.get("theme", "light"),
        reduced_motion="reduce",
        java_script_enabled=wishes.get("scripts", True),
        storage_state=site.entered(who) if who is not None else None,
    ) as context:
        reader = Reader(context, site)
        yield reader
        assert reader.troubles == []
