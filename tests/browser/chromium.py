"""The browser of these tests: the system's Chromium, steered by Playwright, none of whose own browsers is needed."""

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Timer
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, BrowserContext, Playwright, sync_playwright
from playwright.sync_api import Error as PlaywrightError

_NAMES = ("chromium", "chromium-browser", "google-chrome")
# Whatever a page may ask for elsewhere, no name is ever looked up.
_ARGUMENTS = ("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",)
_PATIENCE_SECONDS = 30.0


class Chromium:
    """A browser for one person after the other.

    Once in thousands of times Chromium never answers when it is told to forget a person (`Target.disposeBrowserContext`
    of its protocol). It is ended then, and the next person has another one.
    """

    def __init__(self, playwright: Playwright, patience: float = _PATIENCE_SECONDS) -> None:
        self.playwright = playwright
        self._patience = patience
        self._program = _program()
        self._browser: Browser | None = None
        self._mark = ""

    @contextmanager
    def person(self, **wishes: Any) -> Iterator[BrowserContext]:  # noqa: ANN401 - as Playwright's `new_context` takes them
        """Let somebody use it who has never been anywhere."""
        context = self._running().new_context(**wishes)
        try:
            yield context
        finally:
            watch = Timer(self._patience, self.send, [signal.SIGKILL])
            watch.start()
            try:
                with suppress(PlaywrightError):  # said of a browser that is gone
                    context.close()
            finally:
                watch.cancel()

    def send(self, sign: signal.Signals) -> None:
        """Send a signal to the process that all others of this browser belong to."""
        for entry in Path("/proc").glob("[0-9]*/cmdline"):
            with suppress(OSError):
                arguments = entry.read_bytes().decode(errors="replace").split("\0")
                if self._mark in arguments and not any(each.startswith("--type=") for each in arguments):
                    os.kill(int(entry.parent.name), sign)

    def close(self) -> None:
        """End it."""
        if self._browser is not None:
            self._browser.close()

    def _running(self) -> Browser:
        if self._browser is None or not self._browser.is_connected():
            self._mark = f"--of-test={uuid4().hex}"
            arguments = [*_ARGUMENTS, self._mark]
            self._browser = self.playwright.chromium.launch(executable_path=self._program, args=arguments)
        return self._browser


@contextmanager
def running() -> Iterator[Chromium]:
    """Have it, headless. Without it the test is skipped, and fails where everything must be there.

    Playwright starts it without Chromium's sandbox, which root cannot have. As long as the block lasts, the thread has
    a running event loop: no other can be run in it.
    """
    with sync_playwright() as playwright:
        chromium = Chromium(playwright)
        try:
            yield chromium
        finally:
            chromium.close()


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
