"""Pictures of the pages, for README and docs/pages.md; `make screenshots` writes them, tests only draw them."""

import pytest

from tests.browser.conftest import Visit
from tests.browser.drawing import ZONE, drawn, of_brazil, write
from tests.browser.pages import PAGES
from tests.browser.reader import PHONE, Wishes
from tests.browser.service import PagesService

_MOST_BYTES = 150_000
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
    wishes: Wishes = {"zone": ZONE, **of_docs}
    # A long list, or a page on a phone, is shown as far as the screen shows it.
    whole = page != "orders" and wishes.get("width") != PHONE
    picture = drawn(of_brazil(visit(gallery, **wishes)), PAGES[page], whole=whole)
    assert len(picture) < _MOST_BYTES
    write(picture, name)
