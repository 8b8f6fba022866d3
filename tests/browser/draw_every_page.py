"""Draws every page in each language, theme and width, to be looked at one by one.

No test collects it, it is named to be run, and writes into the folder `all` of the one that is named:
`COLETA_SCREENSHOTS=pictures .venv/bin/pytest tests/browser/draw_every_page.py`.
"""

from typing import Literal

import pytest

from tests.browser.conftest import Visit
from tests.browser.drawing import ZONE, drawn, of_brazil, write
from tests.browser.gallery import RICH
from tests.browser.pages import LANGUAGES, PAGES
from tests.browser.reader import PHONE, WIDE, Wishes
from tests.browser.service import PagesService


@pytest.mark.parametrize("width", [WIDE, PHONE])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_can_be_drawn(
    gallery: PagesService, visit: Visit, language: str, theme: Literal["light", "dark"], width: int
) -> None:
    """It can be, in each language, theme and width."""
    wishes: Wishes = {"zone": ZONE, "language": language, "theme": theme, "width": width}
    reader = of_brazil(visit(gallery, **wishes))
    outside = visit(gallery, None, **wishes)
    for name, path in PAGES.items():
        write(drawn(reader, path), f"all/{name}-{language}-{theme}-{width}")
    write(drawn(outside, "/login"), f"all/login-{language}-{theme}-{width}")
    reader.open(PAGES["order-failed"])
    for fold in reader.page.locator("#actions summary").all():
        fold.click()
    write(reader.page.screenshot(full_page=True), f"all/order-failed-unfolded-{language}-{theme}-{width}")
    reader.open(f"/stores/{RICH}?done=paused")
    for fold in reader.page.locator("main summary").all():
        fold.click()
    write(reader.page.screenshot(full_page=True), f"all/overview-unfolded-{language}-{theme}-{width}")
