"""SkyHub's list of what is not requested, read for somebody who waits at a page: so long, and for so few at once."""

import contextvars
import threading
import time
from collections.abc import Collection
from concurrent.futures import Future
from itertools import count

from worker.ports import SkyHub, TransientError
from worker.usecases.skyhub_lists import read_open

# Proxies give up after a minute, and people sooner.
_SECONDS = 20.0
# Each may hold a slot of the store's rate limit, and a thread, for a while after nobody waits for it any more.
_MOST_AT_ONCE = 4


class OpenLists:
    """Reads lists for a process, each in a thread of its own; one that nobody waits for ends before its next page."""

    def __init__(self, seconds: float = _SECONDS, most: int = _MOST_AT_ONCE) -> None:
        self._seconds = seconds
        self._free = threading.BoundedSemaphore(most)

    def read(self, skyhub: SkyHub) -> Collection[str]:
        """Return what `read_open` does; raises what it raises, and `TransientError` where that takes too long."""
        if not self._free.acquire(blocking=False):
            raise TransientError("it is being read for others")
        deadline = time.monotonic() + self._seconds
        found: Future[Collection[str]] = Future()
        context = contextvars.copy_context()
        # The end of the process does not wait for it: nothing is done with what it would still read.
        threading.Thread(target=context.run, args=(self._read, skyhub, deadline, found), daemon=True).start()
        try:
            return found.result(self._seconds)
        except TimeoutError:
            raise self._late() from None

    def _read(self, skyhub: SkyHub, deadline: float, found: "Future[Collection[str]]") -> None:
        pages = count()

        def in_time() -> None:
            if next(pages) and time.monotonic() > deadline:
                raise self._late()

        try:
            found.set_result(read_open(skyhub, in_time))
        except Exception as error:  # noqa: BLE001 - it is raised in the thread that waits
            found.set_exception(error)
        finally:
            self._free.release()

    def _late(self) -> TransientError:
        return TransientError(f"it was not read within {self._seconds:g} s")
