"""The pace towards counterparties where there is no Redis to keep it: nobody else calls then, but this process does."""

import threading
import time


class OwnPace:
    """`adapters.limits.RateLimit` in memory: a call an interval and key, one second at least for all that follow."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next: dict[str, float] = {}

    def wait(self, key: str, *, interval: float, deadline: float) -> bool:
        """See `RateLimit.wait`."""
        with self._lock:
            slot = max(self._next.get(key, 0.0), time.monotonic())
            if slot > deadline:
                return False
            self._next[key] = slot + interval
        time.sleep(max(0.0, slot - time.monotonic()))
        return True
