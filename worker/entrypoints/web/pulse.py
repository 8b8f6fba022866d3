"""The pulse of the HTTP process: whether its loop turns, when it last saved something, whether its pages are closed."""

import asyncio
from collections.abc import Callable

from worker.adapters.redis_clients import brief_client
from worker.adapters.redis_ledger.processes import RedisProcesses
from worker.entrypoints import process
from worker.entrypoints.pulse import Pulse, named_here
from worker.ports.processes import Kind

_MOMENTS = ("turned", "saved")


class WebPulse:
    """Begins when the process answers, with the loop that answers; `closed`: no password opens its pages."""

    def __init__(self, port: int, closed: Callable[[], bool]) -> None:
        self._closed = closed
        traces = RedisProcesses(brief_client(process.settings().redis_url))
        self._pulse = Pulse(Kind.WEB, f"{named_here(Kind.WEB)}:{port}", _MOMENTS, traces, sample=self._turn)
        self._loop: asyncio.AbstractEventLoop | None = None

    def begin(self) -> None:
        """Begin to say what the process does; called in its loop."""
        self._loop = asyncio.get_running_loop()
        self._pulse.did("turned")
        self._pulse.start()

    def saved(self) -> None:
        """Note that what came through a door is safe."""
        self._pulse.did("saved")

    def end(self) -> None:
        """Say good-bye."""
        self._pulse.stop()

    def _turn(self, pulse: Pulse) -> None:
        pulse.numbers["closed"] = int(self._closed())
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(pulse.did, "turned")
