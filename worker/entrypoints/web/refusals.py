"""Log lines of what may happen a thousand times a second: the first of a kind, then how many more there were."""

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from threading import Lock

import structlog

from worker.metrics import Door
from worker.telemetry import Log

log = structlog.get_logger()

_SECONDS_BETWEEN_LINES = 10.0


@dataclass(slots=True)
class _Kind:
    next_line: float = 0.0
    unsaid: int = 0


class SparingLog:
    """Writes a warning a kind every ten seconds at most; for any thread. There must be few kinds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kinds: dict[Hashable, _Kind] = {}
        self._lock = Lock()

    def warning(self, event: Log, *kind: Hashable, **fields: object) -> None:
        """Write it, or count it for the next line of its kind, which says in `more` how many were not written."""
        with self._lock:
            known = self._kinds.setdefault((event, *kind), _Kind())
            now = self._clock()
            if now < known.next_line:
                known.unsaid += 1
                return
            unsaid, known.next_line, known.unsaid = known.unsaid, now + _SECONDS_BETWEEN_LINES, 0
        log.warning(event, **fields, **({"more": unsaid} if unsaid else {}))


class Refusals:
    """Logs what the doors refuse: as many kinds as there are stores, doors and statuses, whatever is asked for."""

    def __init__(self, lines: SparingLog | None = None) -> None:
        self._lines = lines if lines is not None else SparingLog()

    def note(self, store: str, door: Door, address: str, status: int, reason: str) -> None:
        """Note a refusal; `store` is one that is configured, "" for every other name. The reason holds no secret.

        `address` is who asked, as `client_address` tells it: a line has that of the first of its kind.
        """
        named = {"store": store} if store else {}
        said = {"door": door.value, "address": address, "status": status, "reason": reason}
        self._lines.warning(Log.DOOR_REFUSED, store, door, status, **named, **said)
