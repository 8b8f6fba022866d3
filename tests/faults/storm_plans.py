"""What a storm is made of: the signal, how often it strikes, and the loads that come through each door meanwhile."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from signal import Signals
from typing import Literal

from tests.faults.storm_doors import CeleryDoor, Door, HttpDoor
from tests.fixtures.deployment import SHORT
from tests.fixtures.loads import Load, Mix, load
from tests.fixtures.running_deployment import Broker
from tests.fixtures.running_service import RunningService

DoorName = Literal["http", "celery"]
# Several stores a door, so that a door's orders are told apart, and no store's lists are too long to be read
# between two strikes.
STORES: dict[DoorName, tuple[str, ...]] = {
    "http": ("acme", "brava", "costa", "delta"),
    "celery": ("ester", "fauna", "gomes", "horta"),
}
_MEANS: dict[DoorName, str] = {"http": "events over HTTP", "celery": "events as Celery tasks"}
_FIRST_NUMBERS: dict[DoorName, int] = {"http": 285_264_640_001, "celery": 385_264_640_001}
# What SkyHub allows in a second is kept elsewhere; here its lists are read as fast as processes die.
SETTINGS = {
    **SHORT,
    "LEASE_SECONDS": "2.5",
    "CLAIM_SECONDS": "2.5",
    "SETTLING_SECONDS": "2",
    "SHIPMENTS_RATE": "100",
    "ORDERS_RATE": "20",
}
LATENCY_MS = 15.0
LAG_SECONDS = 0.7
_MIX = Mix(orders=0, events=0, most_items=5, unfinished=0.06, says_carrier=0.5, spread=0.05)
WHOLE: Mapping[DoorName, Mix] = {
    "http": replace(_MIX, orders=3_500, events=14_000),
    "celery": replace(_MIX, orders=1_500, events=6_000),
}
_SHORT_SHARE = 0.1
_SHORT_STRIKES_SHARE = 0.04
_LEAST_STRIKES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A storm: which signal, how often, about every how many seconds, over which load at which doors.

    Messages go through the service's own Redis, or through the `broker` that is given. `part` heads its rows.
    """

    signal: Signals
    strikes: int
    loads: Mapping[DoorName, Mix] = field(default_factory=lambda: WHOLE)
    pace: float = 0.3
    broker: Broker | None = None
    part: str = "Storms"

    @property
    def stores(self) -> tuple[str, ...]:
        """Every store, of all doors."""
        return tuple(store for door in self.loads for store in STORES[door])


def share(loads: Mapping[DoorName, Mix], of_it: float) -> dict[DoorName, Mix]:
    """Return smaller loads of the same kind."""
    return {
        door: replace(mix, orders=round(mix.orders * of_it), events=round(mix.events * of_it))
        for door, mix in loads.items()
    }


def short(plan: Plan) -> Plan:
    """Return the cut of a plan that `make test` runs."""
    strikes = max(_LEAST_STRIKES, round(plan.strikes * _SHORT_STRIKES_SHARE))
    return replace(plan, strikes=strikes, loads=share(plan.loads, _SHORT_SHARE))


@dataclass(frozen=True, slots=True)
class Lane:
    """A door, and what comes through it."""

    door_name: DoorName
    door: Door
    work: Load

    @property
    def stores(self) -> tuple[str, ...]:
        """The stores whose events come through this door, and through no other."""
        return STORES[self.door_name]

    @property
    def means(self) -> str:
        """How events come, in a few words."""
        return _MEANS[self.door_name]


def lanes(service: RunningService, plan: Plan, seed: int) -> list[Lane]:
    """Return the plan's doors, each with its load."""
    doors: dict[DoorName, type[HttpDoor | CeleryDoor]] = {"http": HttpDoor, "celery": CeleryDoor}
    return [
        Lane(name, doors[name](service), load(replace(mix, stores=STORES[name]), seed, _FIRST_NUMBERS[name]))
        for name, mix in plan.loads.items()
    ]
