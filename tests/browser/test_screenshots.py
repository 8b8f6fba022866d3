"""Pictures of the pages, for README and docs/pages.md, and to be looked at one by one.

`COLETA_SCREENSHOTS` names the folder that they are written into (`make screenshots`); without it they are only drawn.
Those of every page are drawn only for a folder: they prove nothing that other tests do not.
"""

import os
from pathlib import Path
from typing import Literal
from urllib.parse import quote

import pytest

from tests.browser.conftest import Visit
from tests.browser.gallery import RICH
from tests.browser.pages import LANGUAGES, PAGES
from tests.browser.reader import PHONE, WIDE, Reader, Wishes
from tests.browser.service import PagesService

_FOLDER = os.environ.get("COLETA_SCREENSHOTS", "")
_MOST_BYTES = 150_000
_ZONE = "America/Sao_Paulo"
_OF_DOCS: dict[str, tuple[str, Wishes]] = {
    "overview": ("overview", {}),
    "overview-dark": ("overview", {"theme": "dark"}),
    "orders": ("orders", {}),
    "order": ("order-waiting", {}),
    "order-phone-pt": ("order-failed", {"width": PHONE, "language": "pt-BR"}),
    "failed": ("failed", {}),
    "stores": ("stores", {}),
}


@pytest.mark.parametrize("name", _OF_DOCS)
def test_the_docs_pictures_can_be_drawn(gallery: PagesService, visit: Visit, name: str) -> None:
    """Each fits into a page that people load: less than 150 kB."""
    page, of_docs = _OF_DOCS[name]
    wishes: Wishes = {"zone": _ZONE, **of_docs}
    # A long list, or a page on a phone, is shown as far as the screen shows it.
    whole = page != "orders" and wishes.get("width") != PHONE
    drawn = _drawn(_of_brazil(visit(gallery, **wishes)), PAGES[page], whole=whole)
    assert len(drawn) < _MOST_BYTES
    if _FOLDER:
        _write(drawn, name)


@pytest.mark.skipif(not _FOLDER, reason="COLETA_SCREENSHOTS names no folder")
@pytest.mark.parametrize("width", [WIDE, PHONE])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_can_be_drawn(
    gallery: PagesService, visit: Visit, language: str, theme: Literal["light", "dark"], width: int
) -> None:
    """In each language, theme and width, into the folder `all` of the named one."""
    wishes: Wishes = {"zone": _ZONE, "language": language, "theme": theme, "width": width}
    reader = _of_brazil(visit(gallery, **wishes))
    outside = visit(gallery, None, **wishes)
    for name, path in PAGES.items():
        _write(_drawn(reader, path), f"all/{name}-{language}-{theme}-{width}")
    _write(_drawn(outside, "/login"), f"all/login-{language}-{theme}-{width}")
    reader.open(PAGES["order-failed"])
    for fold in reader.page.locator("#actions summary").all():
        fold.click()
    _write(reader.page.screenshot(full_page=True), f"all/order-failed-unfolded-{language}-{theme}-{width}")
    reader.open(f"/stores/{RICH}?done=paused")
    for fold in reader.page.locator("main summary").all():
        fold.click()
    _write(reader.page.screenshot(full_page=True), f"all/overview-unfolded-{language}-{theme}-{width}")


def _drawn(reader: Reader, path: str, *, whole: bool = True) -> bytes:
    return reader.open(path).screenshot(full_page=whole)


def _of_brazil(reader: Reader) -> Reader:
    """Let the browser be one of Brazil, as the pages know it from its last visit."""
    reader.context.add_cookies([{"name": "zone", "value": quote(_ZONE, safe=""), "url": reader.site.web}])
    return reader


def _write(drawn: bytes, name: str) -> None:
    path = Path(_FOLDER) / f"{name}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(drawn)
