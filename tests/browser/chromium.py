"""The browser of these tests: the system's Chromium, steered by Playwright, none of whose own browsers is needed."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome")
# Whatever a page may ask for elsewhere, no name is ever looked up.
_ARGUMENTS = ("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",)


@contextmanager
def running() -> Iterator[Browser]:
    """Run it, headless. Without it the test is skipped, and fails where everything must be there.

    Playwright starts it without Chromium's sandbox, which root cannot have. As long as the block lasts, the thread has
    a running event loop: no other can be run in it.
    """
    program = _program()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(_ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


def _program() -> str:
    named = os.environ.get("COLETA_CHROMIUM", "")
    found = next(filter(None, map(shutil.which, (named,) if named else _NAMES)), None)
    if found is None:
        wanted = f"COLETA_CHROMIUM names {named}, which is no program" if named else "Chromium is not installed"
        missing = f"{wanted} (Debian: apt-get install chromium)"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    return found
