"""That `up` was told to stop, and how often."""

import signal
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from queue import Empty, SimpleQueue

from worker.entrypoints.signals import ENDING, heeding

_POLL_SECONDS = 0.1
# A signal may come twice for one wish: to this process, and to its group.
_SAME_WISH_SECONDS = 0.3


class StoppedError(Exception):
    """A stop was asked for before what was waited for."""


class Stop:
    """Asked for by signals or by other threads; `wake` ends a pause of the main thread early."""

    def __init__(self) -> None:
        self.hurried = False
        """Ctrl-C came once more: nothing is waited for."""
        self._asked_at: float | None = None
        # Of the waiting things only this one may be used in a signal's handler: its put never waits for a lock.
        self._woken: SimpleQueue[None] = SimpleQueue()

    def asked(self) -> bool:
        """Return whether it was asked for."""
        return self._asked_at is not None

    def check(self) -> None:
        """Raise `StoppedError` if it was asked for."""
        if self.asked():
            raise StoppedError

    def ask(self) -> None:
        """Ask for it; may be asked for again."""
        if self._asked_at is None:
            self._asked_at = time.monotonic()
        self.wake()

    def wake(self) -> None:
        """Let the main thread look around."""
        self._woken.put(None)

    def pause(self) -> None:
        """Wait a moment, or until there is something to see."""
        try:
            self._woken.get(timeout=_POLL_SECONDS)
        except Empty:
            return
        while not self._woken.empty():
            self._woken.get()

    def wait_for(self, check: Callable[[], bool], seconds: float) -> bool:
        """Wait until `check` is true, False if it was not in time; raises `StoppedError`."""
        deadline = time.monotonic() + seconds
        while not check():
            self.check()
            if time.monotonic() > deadline:
                return False
            self.pause()
        return True

    def by_signals(self) -> AbstractContextManager[None]:
        """Let SIGINT, SIGTERM and SIGHUP ask for it, as long as the block lasts; an ignored one stays so (nohup)."""
        return heeding(ENDING, self._take)

    def _take(self, number: int, _frame: object) -> None:
        asked_at = self._asked_at
        if asked_at is not None and number == signal.SIGINT:
            self.hurried = time.monotonic() - asked_at > _SAME_WISH_SECONDS
        self.ask()
