"""A small simulation of stores, places and SkyHub, event by event: it checks the capacity plan's closed formulas."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count
from math import ceil
from random import Random
from statistics import quantiles

from tests.bench.model import Deployment, Load

_WARM_UP = 0.1


@dataclass(frozen=True, slots=True)
class Seen:
    """What happened in the window: orders confirmed, calls, the mean of busy places, seconds from due to confirmed."""

    orders: int
    calls: int
    busy: float
    wait: float
    wait_p99: float

    @property
    def calls_an_order(self) -> float:
        """How many calls at SkyHub an order took."""
        return self.calls / self.orders


def simulate(
    load: Load,
    deployment: Deployment,
    processes: int,
    seconds: float,
    *,
    seed: int = 1,
    shape: Callable[[float], float] = lambda _share: 1.0,
) -> Seen:
    """Let the stores sell for so long and return what happened; the first tenth is not counted.

    Orders become due one by one, independently (a Poisson stream), `shape` (0 to 1) times the busiest hour's rate at
    each share of the time. A store has one round at a time; a round takes a place, reads the list, confirms in batches,
    each call after the last one's answer and within the store's rate, and is followed by the next one at once if orders
    became due meanwhile. Stores that find no place stand in line.
    """
    return _World(load, deployment, processes * deployment.places, seconds, Random(seed), shape).run()  # noqa: S311


@dataclass(slots=True)
class _World:
    load: Load
    deployment: Deployment
    free: int
    seconds: float
    draw: Random
    shape: Callable[[float], float]
    now: float = 0.0
    due: dict[int, list[float]] = field(default_factory=dict)
    running: set[int] = field(default_factory=set)
    line: deque[int] = field(default_factory=deque)
    ends: list[tuple[float, int, int]] = field(default_factory=list)
    numbers: "count[int]" = field(default_factory=count)
    waits: list[float] = field(default_factory=list)
    calls: int = 0
    occupied: float = 0.0

    def run(self) -> Seen:
        most = self.load.stores * self.load.rate
        arrival = self.draw.expovariate(most)
        while arrival < self.seconds or self.ends:
            if self.ends and self.ends[0][0] <= arrival:
                self.now, _, store = heappop(self.ends)
                self._end(store)
            elif arrival < self.seconds:
                self.now = arrival
                if self.draw.random() < self.shape(self.now / self.seconds):
                    self._becomes_due(self.draw.randrange(self.load.stores))
                arrival = self.now + self.draw.expovariate(most)
            else:
                arrival = float("inf")
        waits = self.waits
        busy = self.occupied / (self.seconds * (1 - _WARM_UP))
        return Seen(len(waits), self.calls, busy, sum(waits) / len(waits), quantiles(waits, n=100)[98])

    def _becomes_due(self, store: int) -> None:
        known = store in self.due
        self.due.setdefault(store, []).append(self.now)
        if known or store in self.running:
            return
        if self.free:
            self.free -= 1
            self._begin(store)
        else:
            self.line.append(store)

    def _begin(self, store: int) -> None:
        """Begin a round of what is due now."""
        fixed = self.due.pop(store)
        self.running.add(store)
        call = self.load.call_seconds
        gap = max(call, 1 / self.deployment.calls_a_second)
        pages = ceil(len(fixed) / self.deployment.page) + 1  # the last one is empty
        calls = pages + ceil(len(fixed) / self.deployment.batch)
        end = self.now + (calls - 1) * gap + call
        heappush(self.ends, (end, next(self.numbers), store))
        if self.now >= _WARM_UP * self.seconds:
            self.calls += calls
            self.occupied += min(end, self.seconds) - min(self.now, self.seconds)
            for place, since in enumerate(fixed):
                self.waits.append(self.now + (pages + place // self.deployment.batch) * gap + call - since)

    def _end(self, store: int) -> None:
        """End a round; what became due meanwhile keeps the place, else it goes to who stands in line."""
        self.running.discard(store)
        if store in self.due:
            self._begin(store)
        elif self.line:
            self._begin(self.line.popleft())
        else:
            self.free += 1
