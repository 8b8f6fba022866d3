"""Signals at random processes of a running service, while a supervisor starts again what ended."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from signal import SIGKILL, Signals

from tests.fixtures.running_parts import GRACE_SECONDS, Part
from tests.fixtures.running_service import RunningService
from worker.domain.order import Status

# What each kind says once it works, and how often it is struck compared with the others.
_WORKS = {"worker": b" ready.", "beat": b"beat: Starting", "web": b"web.started"}
_WEIGHTS = {"worker": 4, "beat": 1, "web": 1}
# A strike falls once a request is on its way that no strike has met before; once a pickup was requested since the last
# strike, so that work goes on; or at any moment, that of a start too: so often each.
_MOMENTS = {"requesting": 4, "requested": 5, "any": 1}
# How long the first two are waited for, and how much later at most the strike falls.
_AIMING_SECONDS = 10.0
_LATER_SECONDS = 0.3
_ALL = 1_000_000


@dataclass(slots=True)
class Victim:
    """A process that may be struck; `struck_at` is when it was, None once it is started again."""

    part: Part
    kind: str
    struck_at: float | None = None
    _begins_at: int = 0
    _works: bool = True

    def begin(self) -> None:
        """Start it again; what it says from now on tells whether it works."""
        self.struck_at, self._begins_at, self._works = None, self.part.log.stat().st_size, False
        self.part.start()

    @property
    def works(self) -> bool:
        """Whether it has said that it works since it was started."""
        if not self._works:
            with self.part.log.open("rb") as log:
                log.seek(self._begins_at)
                self._works = _WORKS[self.kind] in log.read()
        return self._works


class Hunt:
    """Strikes, and counts what was struck; `last` is when the last strike was."""

    def __init__(self, service: RunningService, stores: Sequence[str], signal: Signals, draw: Random) -> None:
        self._service = service
        self._stores = stores
        self._signal = signal
        self._draw = draw
        kinds = {part.name: part.name.partition("-")[0] for part in service.parts}
        self._victims = [Victim(part, kinds[part.name]) for part in service.parts if kinds[part.name] in _WORKS]
        self.landed: Counter[str] = Counter()
        self.requesting: set[tuple[str, str]] = set()
        self.stops: list[float] = []
        self.overdue = 0
        self.unasked: list[str] = []
        self.last = time.monotonic()

    def strike(self, pace: float) -> None:
        """Wait about `pace` seconds and for a moment that chance chooses; then strike one that chance chooses."""
        (moment,) = self._draw.choices(list(_MOMENTS), list(_MOMENTS.values()))
        done = self._count(Status.REQUESTED)
        self._wait(self._draw.uniform(0.5, 1.5) * pace)
        tired = time.monotonic() + _AIMING_SECONDS

        def has_come() -> bool:
            if moment == "any" or time.monotonic() >= tired:
                return True
            if moment == "requested":
                return self._count(Status.REQUESTED) > done
            return self._count(Status.REQUESTING) > 0 and bool(self._requesting() - self.requesting)

        self._service.until(lambda: self.supervise() and has_come(), "the next strike")
        self._wait(self._draw.uniform(0, _LATER_SECONDS))
        candidates: list[Victim] = []

        def is_there() -> bool:
            self.supervise()
            candidates[:] = [
                each for each in self._victims if each.struck_at is None and (moment == "any" or each.works)
            ]
            return bool(candidates)

        self._service.until(is_there, "a process that can be struck", GRACE_SECONDS)
        (victim,) = self._draw.choices(candidates, [_WEIGHTS[each.kind] for each in candidates])
        before = self._requesting()
        process = victim.part.process
        if process.poll() is not None:
            return  # it ended by itself a moment ago
        process.send_signal(self._signal)
        self.last = victim.struck_at = time.monotonic()
        if self._signal is SIGKILL and process.wait(GRACE_SECONDS) != -SIGKILL:
            return  # it was faster
        self.landed[victim.kind] += 1
        self.requesting |= before if self._signal is not SIGKILL else self._requesting()

    def supervise(self) -> bool:
        """Start again what ended; note how long a stop took, and who ended unasked. Always true, to be polled."""
        for victim in self._victims:
            struck = victim.struck_at
            if struck is not None and victim.part.runs and time.monotonic() - struck > GRACE_SECONDS:
                self.overdue += 1
                victim.part.kill()
            if victim.part.runs:
                continue
            if struck is None:
                self.unasked.append(victim.part.last_lines())
            else:
                self.stops.append(time.monotonic() - struck)
            victim.begin()
        return True

    def finish(self) -> None:
        """Wait until all of them work again."""
        patience = GRACE_SECONDS * 2
        self._service.until(lambda: self.supervise() and self._all_work, "all processes work again", patience)

    @property
    def _all_work(self) -> bool:
        return all(victim.struck_at is None and victim.works for victim in self._victims)

    def _wait(self, seconds: float) -> None:
        due = time.monotonic() + seconds
        self._service.until(lambda: self.supervise() and time.monotonic() >= due, "the next strike")

    def _count(self, status: Status) -> int:
        """Return how many orders stand in a status."""
        return sum(each.counts.get(status, 0) for each in self._service.service.fleet.overview(self._stores))

    def _requesting(self) -> set[tuple[str, str]]:
        """Return the orders whose request is on its way now."""
        return {
            (store, order_id)
            for store in self._stores
            for order_id in self._service.ledger(store).order_ids(Status.REQUESTING, 0, _ALL)
        }
