"""One browser and two services for all tests of this folder: one to be looked at, one in which things happen.

They live as long as the folder's tests, not the session: Playwright keeps an event loop running in its thread.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Protocol, Unpack

import pytest

from tests.browser import chromium
from tests.browser.chromium import Chromium
from tests.browser.gallery import STORES, hang
from tests.browser.reader import Reader, Wishes, reading
from tests.browser.service import ADMIN, PagesService
from tests.fixtures.running_service import running


class Visit(Protocol):
    """Opens the pages for a person until the test ends."""

    def __call__(self, site: PagesService, who: str | None = ADMIN, **wishes: Unpack[Wishes]) -> Reader:
        """Return the person; `who` names the store whose password was given, None: nobody entered."""


@pytest.fixture(scope="package")
def browser() -> Iterator[Chromium]:
    """Run the browser."""
    with chromium.running() as running_browser:
        yield running_browser


@pytest.fixture(scope="package")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PagesService]:
    """Show orders of every kind, which no test changes: no worker runs."""
    with running(PagesService(tmp_path_factory.mktemp("gallery"), STORES)) as service:
        service.start_web()
        hang(service)
        yield service


@pytest.fixture(scope="package")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PagesService]:
    """Run a service with two stores; whoever pauses one, or fails its calls, takes `brava`."""
    with running(PagesService(tmp_path_factory.mktemp("shop"), ("acme", "brava"))) as service:
        service.start_beat()
        service.start_web()
        service.start_worker()
        yield service


@pytest.fixture
def visit(browser: Chromium) -> Iterator[Visit]:
    """Let people visit the pages; their browsers have had no trouble when the test ends."""
    with ExitStack() as visits:

        def enter(site: PagesService, who: str | None = ADMIN, **wishes: Unpack[Wishes]) -> Reader:
            return visits.enter_context(reading(browser, site, who, **wishes))

        yield enter
