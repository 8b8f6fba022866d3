"""Time that a test moves by hand, for a sandbox whose waits must cost nothing."""

import asyncio
from concurrent.futures import Future


class ManualTime:
    """Give `clock` and `sleep` to `create_app`; a sleep ends at once, or at `release` if it began after `hold`."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []
        """The seconds of every sleep so far."""
        self._gate: Future[None] | None = None

    def clock(self) -> float:
        """Return the time in seconds."""
        return self.now

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds

    def hold(self) -> None:
        """Let nobody who sleeps from now on wake before `release`."""
        self._gate = Future()

    def release(self) -> None:
        """Wake all who sleep; callable from any thread."""
        if self._gate:
            self._gate.set_result(None)
        self._gate = None

    async def sleep(self, seconds: float) -> None:
        """Note the sleep; wait only while held."""
        self.slept.append(seconds)
        if self._gate:
            # Shielded: one sleeper that is cancelled must not cancel the gate of the others.
            await asyncio.shield(asyncio.wrap_future(self._gate))
