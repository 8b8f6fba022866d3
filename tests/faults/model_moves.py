"""What may happen in a run of the model: a store, and turns that are chosen by a few bytes each, 0 = the mildest."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from tests.faults.model_jobs import do
from tests.faults.model_process import Stop
from tests.faults.model_skyhub import FAULTS, MOST_LAG_MS, SECOND
from tests.faults.model_truth import CARRIERS, CODES, UNITS
from tests.faults.model_world import PROCESSES, Setting, World
from tests.unit.domain.builders import an_invoice, canceled
from tests.unit.usecases.world import event, order_id
from worker.domain.events import Announcer, Event
from worker.domain.facts import Carrier
from worker.usecases.pause_store import pause_by_operator, resume

Choice = TypeVar("Choice")

SETTING_BYTES = 9
TURN_BYTES = 5
JOBS = ("inbox", "record", "learn", "reread", "reconcile")
ACTS = ("release", "retry", "discard", "request-again", "set-carrier direct", "set-carrier correios")
# Where a process is left standing: mostly where it matters. None: it goes on to its end.
STOPS = (
    *(None, Stop("confirm"), Stop("save"), Stop("confirm"), Stop("collectables"), Stop("confirm"), Stop("save", 2)),
    *(Stop("collectables", 2), Stop("renew", 3), Stop(), Stop(times=5), Stop("release")),
)
WAITS = (1, 5, 21, 31, 46, 61, 110, 400, 2_000)
BODIES = (("1", UNITS), ("1", 1), ("2", 1), ("2", UNITS), None)
DOORS = ("http", "twice", "celery", "oms", "hook", "unanswered")
# How often each kind of turn comes, of all of them.
MOVES: Mapping[str, int] = {
    "pickups": 10,
    "job": 4,
    "go on": 3,
    "kill": 2,
    "wait": 5,
    "tell": 3,
    "another server": 2,
    "operator": 2,
    "undo": 1,
    "label": 1,
    "pack": 1,
    "webhook": 1,
    "less": 1,
    "all": 1,
    "told again": 1,
    "sent again": 1,
    "message lost": 1,
    "pause": 1,
    "resume": 1,
}


def all_moves() -> tuple[str, ...]:
    """Return every kind of turn, as often as its weight says."""
    return tuple(name for name, weight in MOVES.items() for _ in range(weight))


class Store:
    """One store, and whatever may happen to it."""

    def __init__(self, choices: bytes, fixed: Mapping[str, Any]) -> None:
        """Open the store; orders are invoiced and recorded, packed and labelled, unless they are not yet."""
        oms, lag, sticky, panel, batch, unsold, unlabelled, boxed, fallible = choices
        setting = Setting(
            oms=bool(oms % 2),
            lag_ms=MOST_LAG_MS * (lag % 2),
            sticky=bool(sticky % 2),
            panel=bool(panel % 2),
            batch=_of((25, 2, 1), batch),
            boxed=bool(boxed % 2),
            fallible=bool(fallible % 2),
        )
        setting = replace(setting, **fixed)
        if setting.sticky:  # nobody here asked for these, so nobody may be shown them as open
            setting = replace(setting, panel=False)
        self.world = World(setting, do)
        for number, code in enumerate(CODES):
            if not _of((0, 0, 1, 6, 9), unsold) >> number & 1:
                self._tell(code, BODIES[0], "http")
            if not _of((0, 0, 0, 1, 6), unlabelled) >> number & 1:
                self.world.market.label(code)
            if not _of((0, 1, 6, 9, 15), boxed // 2) >> number & 1:
                self.world.pack(code)
        self.world.start(self.world.processes["a"], "inbox")

    def turn(self, kind: str, one: int, two: int, three: int, four: int) -> None:
        """Let something happen."""
        world, process = self.world, self.world.processes[_of(PROCESSES, one)]
        match kind:
            case "pickups":
                self._work(one, "pickups", two, three)
            case "job":
                self._work(one, _of(JOBS, four), two, three)
            case "operator":
                self._operate(one, _of(ACTS, four), two, three)
            case "go on" if process.busy:
                world.go_on(process)
            case "kill" if process.busy:
                world.kill(process)
            case "wait":
                self._wait(_of(WAITS, one))
            case "tell":
                self._tell(_of(CODES, one), _of(BODIES, two), _of(DOORS, three))
            case "less" | "all":
                self._record_at_once(_of(CODES, one), UNITS - (kind == "less"))
            case "another server":
                world.change_server(_of((0, 1, 2, 3, 4, 5, 8, 12), one))
            case _:
                self._outside(kind, one)

    def _outside(self, kind: str, which: int) -> None:
        """Let messages, SkyHub and people do what they do."""
        world, code = self.world, _of(CODES, which)
        delivery = world.market.deliveries.get(code)
        match kind:
            case "told again" | "sent again" if world.acknowledged:
                world.struck(kind)
                self._repeat(kind, *_of(world.acknowledged, which))
            case "message lost" if world.queue:
                world.struck(kind)  # nobody was promised anything yet
                del world.queue[0]
            case "label" if delivery is None:
                world.tell("  ", f"label of {code} printed")
                world.market.label(code)
            case "pack":
                world.tell("  ", f"{code} packed")
                world.pack(code)
            case "webhook":  # true or not
                world.tell("  ", f"a webhook tells that {code} is packed")
                world.announce(code, Announcer.PICK_AND_PACK, "READY_FOR_SHIPPING")
            case "undo" if delivery is not None and delivery.taken_at is not None:
                world.tell("  ", f"pickup of {code} undone at SkyHub")
                world.undo(code)
            case "pause":
                world.tell("  ", f"paused: {pause_by_operator(world.ledger, 'why')}")
            case "resume":
                world.tell("  ", f"resumed: {resume(world.ledger)}")

    def _work(self, who: int, job: str, stop: int, fault: int) -> None:
        """Let a process do a job up to a stop, or go on with what it is in."""
        process, where = self.world.processes[_of(PROCESSES, who)], _of(STOPS, stop)
        if where is not None:
            where = replace(where, fault=fault % FAULTS)
        if process.busy:
            self.world.go_on(process, where)
        else:
            self.world.start(process, job, where)

    def _record_at_once(self, code: str, units: int) -> None:
        """Let an order's first invoice be replaced, and the Celery door record that at once, if a process is free."""
        free = [process for process in self.world.processes.values() if not process.busy]
        if free and not self.world.queue:
            self._tell(code, ("1", units), "celery")
            self.world.start(free[0], "record")

    def _operate(self, which: int, act: str, stop: int, fault: int) -> None:
        """Let an operator wish something of an order."""
        code = _of(CODES, which)
        what, _, word = act.partition(" ")
        delivery = self.world.market.deliveries.get(code)
        if what == "request-again" and (delivery is None or delivery.taken_at is not None):
            return  # whoever does that has looked at SkyHub
        if word == Carrier.DIRECT and CARRIERS[code][0] is not Carrier.DIRECT:
            return  # an operator knows the carrier
        self.world.advance(1)  # nobody says two things within a millisecond
        self._work(which, f"{what} {code} {word}", stop, fault)

    def _wait(self, seconds: int) -> None:
        world = self.world
        if seconds > 30 and any(process.busy for process in world.processes.values()):
            world.struck("a process stands still beyond its leases")
        world.advance(seconds * SECOND)

    def _tell(self, code: str, body: tuple[str, int] | None, door: str) -> None:
        """Issue an invoice, replace one, or cancel the order, and tell of it by some door or none."""
        at = self.world.clock() + len(self.world.story)
        told: Event = canceled(order_id=order_id(code), at=at)
        if body is not None:
            number, units = body
            invoice = an_invoice(number, {"a": units}, dated_at=at)
            told = event(code, invoice, ordered={"a": UNITS}, carrier=CARRIERS[code][1], at=at)
        self._pass_on(code, told, door)

    def _pass_on(self, code: str, told: Event, door: str) -> None:
        world = self.world
        if door in ("oms", "hook"):
            if not world.policy.oms or not _fresh(world, code, told):
                return
            world.struck("no door tells")
        world.tell("  ", f"{door} tells of {code}: {_said(told)}")
        world.sold[code] = world.sold[code].heard(told)
        match door:
            case "celery":
                world.queue.append((code, told))
            case "hook":
                world.announce(code, Announcer.HOOK, "invoiced")
            case "oms":
                pass
            case _:
                world.door(code, told, answered=door != "unanswered")
                if door == "twice":
                    world.struck("told again")
                    world.door(code, told)

    def _repeat(self, how: str, code: str, told: Event) -> None:
        """Tell once more, out of order, what was told before."""
        if how == "sent again":
            self.world.queue.insert(0, (code, told))
        else:
            self.world.door(code, told)


def _of(choices: Sequence[Choice], number: int) -> Choice:
    return choices[number % len(choices)]


def _fresh(world: World, code: str, told: Event) -> bool:
    """Whether the OMS may tell of it: its copy of an invoice that an event told of before counts for nothing."""
    body = getattr(told, "invoice", None)
    return body is None or body.number not in world.sold[code].pushed


def _said(told: Event) -> str:
    body = getattr(told, "invoice", None)
    return "canceled" if body is None else f"invoice {body.number} of {body.items['a']} units"
