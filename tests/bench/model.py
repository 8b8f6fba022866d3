"""What a load needs, in closed formulas: rounds of pickups, places in line, processor time, memory."""

import math
from dataclasses import dataclass

_DAY_SECONDS = 86_400.0
# More than so much of a processor or of the places, and lines grow long.
FULL = 0.7
# A fixed point of two lines; it settles in a few steps.
_STEPS = 60
# Within this long an event that comes alone has been recorded; what comes meanwhile is taken along.
_RECORDING_SECONDS = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What one of each costs: microseconds of a worker and of Redis, calls at SkyHub, bytes of Redis."""

    lone_event: tuple[float, float]
    event: tuple[float, float]
    lone_order: tuple[float, float]
    order: tuple[float, float]
    reconcile: tuple[float, float]
    reconcile_calls: float
    sweep: tuple[float, float]
    open_bytes: float
    ended_bytes: float
    key_bytes: float
    cores: int
    bytes_measured: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """So many stores with so many orders a day each; in the busiest hour `peak` times the mean of a day."""

    stores: int
    orders_a_day: float = 100.0
    peak: float = 4.0
    events_an_order: float = 2.2  # two invoices, one event in ten twice
    open_days: float = 2.0  # from an order's first event to its pickup
    call_seconds: float = 0.2

    @property
    def rate(self) -> float:
        """Orders a second and store in the busiest hour."""
        return self.orders_a_day * self.peak / _DAY_SECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """What of the settings counts here; the defaults are the service's."""

    places: int = 15  # three quarters of a process's threads: so many slow calls at once
    page: int = 20  # orders in one of SkyHub's lists
    batch: int = 25
    calls_a_second: float = 7.0
    sweep_seconds: float = 10.0
    reconcile_seconds: float = 900.0
    retention_days: float = 90.0
    key_days: float = 400.0


@dataclass(frozen=True, slots=True)
class Rounds:
    """A store's rounds: orders in one, its calls, its seconds, and the mean seconds from due to confirmed."""

    orders: float
    calls: float
    seconds: float
    wait: float


@dataclass(frozen=True, slots=True)
class Need:
    """What a load takes: processor seconds a second of workers, of Redis, of the sweep; places; bytes."""

    workers: float
    redis: float
    sweep: float
    places: float
    calls_a_second: float
    bytes: float
    rounds: Rounds

    def processes(self, deployment: Deployment) -> int:
        """Worker processes, one a core, filled to `FULL`."""
        return max(1, math.ceil(max(self.workers, self.places / deployment.places) / FULL))


def rounds(rate: float, call_seconds: float, deployment: Deployment) -> Rounds:
    """Return a store's rounds while so many of its orders become due a second, if a place is always free.

    A round reads the list to its end, which is an empty page, and confirms what was due when it began, batch by batch.
    While it lasts (R seconds), others become due: they make the next one, which follows at once; when none did, the
    next begins with the next order. So one in 1 + rate x R x exp(rate x R) orders begins a row of rounds, and the
    others wait half a round more. That long rounds have two calls at a time is left out: rounds of few pages have one.
    """
    gap = max(call_seconds, 1 / deployment.calls_a_second)
    orders = pages = batches = 1.0
    for _ in range(_STEPS):
        seconds = (pages + batches) * gap + call_seconds
        orders = math.exp(-rate * seconds) + rate * seconds
        # Half a page and half a batch are a whole call; the page behind the last one is the `+ call_seconds`.
        pages, batches = max(1.0, orders / deployment.page + 0.5), max(1.0, orders / deployment.batch + 0.5)
    seconds = (pages + batches) * gap + call_seconds
    confirmed = (pages + 1 + (batches - 1) / 2) * gap + call_seconds
    first = 1 / (1 + rate * seconds * math.exp(min(rate * seconds, 100.0)))
    return Rounds(orders, pages + 1 + batches, seconds, confirmed + seconds / 2 * (1 - first))


def in_line(busy: float, places: int, seconds: float) -> float:
    """Return the mean wait for a place: Erlang's formula, halved since rounds are about equally long."""
    if busy >= places:
        return math.inf
    blocked = 1.0  # Erlang B, by its recursion
    for place in range(1, places + 1):
        blocked = busy * blocked / (place + busy * blocked)
    waits = blocked / (1 - busy / places * (1 - blocked))
    return waits * seconds / (places - busy) / 2


def need(load: Load, costs: Costs, deployment: Deployment) -> Need:
    """Return what a load needs in its busiest hour, and the memory it fills in the long run."""
    cycle = rounds(load.rate, load.call_seconds, deployment)
    orders = load.stores * load.rate
    together = load.events_an_order * load.rate * _RECORDING_SECONDS
    alone = (1 / (math.exp(-together) + together), 1 / cycle.orders)
    of_each = [_order(costs, load, alone, whose) for whose in (0, 1)]
    sweeps, reconciles = load.stores / deployment.sweep_seconds, load.stores / deployment.reconcile_seconds
    workers, redis = (
        (orders * of_each[whose] + sweeps * costs.sweep[whose] + reconciles * costs.reconcile[whose]) / 1e6
        for whose in (0, 1)
    )
    calls = orders / cycle.orders * cycle.calls + reconciles * costs.reconcile_calls
    places = orders / cycle.orders * cycle.seconds + reconciles * costs.reconcile_calls * load.call_seconds
    documents = load.open_days * costs.open_bytes + deployment.retention_days * costs.ended_bytes
    memory = load.stores * load.orders_a_day * (documents + deployment.key_days * costs.key_bytes)
    swept = load.stores * sum(costs.sweep) / 1e6 / deployment.sweep_seconds
    return Need(workers, redis, swept, places, calls, memory, cycle)


def _order(costs: Costs, load: Load, alone: tuple[float, float], whose: int) -> float:
    """Return the microseconds of an order: its events and its pickup, each between its costs alone and of many."""
    event = costs.event[whose] + (costs.lone_event[whose] - costs.event[whose]) * alone[0]
    order = costs.order[whose] + (costs.lone_order[whose] - costs.order[whose]) * alone[1]
    return load.events_an_order * event + order
