"""The right to run one drain of one store."""

import time
from collections.abc import Callable
from uuid import uuid4

from worker.adapters.redis_ledger.keys import Keys
from worker.adapters.redis_ledger.scripts import Scripts
from worker.ports import Drain


def boottime() -> float:
    """Seconds of a clock that goes on while the machine is suspended."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class RedisLease:
    """A lease whose end is reckoned from before the command that took it: never later than the server's.

    `key` is where the server keeps it, so that a fence finds it.
    """

    def __init__(
        self, scripts: Scripts, keys: Keys, drain: Drain, lease_ms: int, clock: Callable[[], float] = boottime
    ) -> None:
        self.token = uuid4().hex
        self._scripts = scripts
        self.key = keys(f"lease:{drain}")
        self.keys = [self.key, keys("holders"), keys("counters")]
        self.drain = drain
        self.seconds = lease_ms / 1000
        self._lease_ms = lease_ms
        self._clock = clock
        self._ends = 0.0

    def take(self) -> bool:
        """Take the lease; False while another holds it."""
        return self._call("take")

    def renew(self) -> bool:
        """Prolong it; False if it ran out or is another's now."""
        return self._call("renew")

    def outlives(self, seconds: float) -> bool:
        """Whether it surely lasts that much longer."""
        return self._ends - self._clock() > seconds

    def release(self) -> None:
        """Give it back."""
        self._ends = 0.0
        self._scripts.call("lease", self.keys, [self.token, 0, "release", self.drain])

    def taken_by(self, take: Callable[[str, int], bool]) -> bool:
        """Whether `take`, told the token and the milliseconds, took the lease on the server."""
        before = self._clock()
        held = take(self.token, self._lease_ms)
        self._ends = before + self.seconds if held else 0.0
        return held

    def _call(self, how: str) -> bool:
        return self.taken_by(
            lambda token, lease_ms: bool(self._scripts.call("lease", self.keys, [token, lease_ms, how, self.drain]))
        )
