"""The browser of these tests, where it does what a browser should not."""

import signal

from tests.browser.chromium import Chromium


def test_a_browser_that_hangs_is_ended_and_the_next_person_has_another(browser: Chromium) -> None:
    """No test waits for it, and none that follows fails."""
    hanging = Chromium(browser.playwright, patience=0.5)
    with hanging.person() as context:
        context.new_page()
        hanging.send(signal.SIGSTOP)
    with hanging.person() as context:
        assert context.new_page().title() == ""
    hanging.close()
