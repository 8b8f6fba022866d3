"""Starts the processes, starts again what dies, and stops them in order."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from worker.entrypoints.up.merged_log import MergedLog
from worker.entrypoints.up.plan import Plan
from worker.entrypoints.up.restarts import Again, Broken, Restarts, how_it_ended, when
from worker.entrypoints.up.running_child import RunningChild
from worker.entrypoints.up.stop import Stop
from worker.entrypoints.up.stopping import GRACE_SECONDS, end_all

Launch = Callable[[Plan], RunningChild]


@dataclass(slots=True)
class Place:
    """A process that shall run: the one that does, if any, and when the next one is started."""

    plan: Plan
    child: RunningChild | None = None
    start_at: float = 0.0
    restarts: Restarts = field(default_factory=Restarts)
    announced: bool = False
    held: "Refusal | None" = None
    was_ready: bool = False
    moving_until: float | None = None
    """It was told to end, to be started with another address; it is killed then."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A file with which a process would end at once: which, and why."""

    file: str
    reason: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended: why it was given up, if it was, and whether every process ended without being killed."""

    gave_up: str | None
    in_order: bool


class Supervisor:
    """Runs the processes of some plans, each made by `launch`; `on_ready` is called once, when all do their work.

    `look_first` looks after what they depend on and returns why it is of no use any more, if so. None is started while
    `refusal` returns one.
    """

    def __init__(
        self,
        plans: Sequence[Plan],
        launch: Launch,
        log: MergedLog,
        stop: Stop,
        *,
        on_ready: Callable[[], None],
        look_first: Callable[[], str | None] = lambda: None,
        refusal: Callable[[], Refusal | None] = lambda: None,
    ) -> None:
        self._places = [Place(plan) for plan in plans]
        self._launch = launch
        self._log = log
        self._stop = stop
        self._on_ready: Callable[[], None] | None = on_ready
        self._look_first = look_first
        self._refusal = refusal

    def run(self) -> Outcome:
        """Run until a stop is asked for or there is no use any more; every process has ended then."""
        reason: str | None = None
        try:
            while not self._stop.asked() and reason is None:
                reason = self._look()
                self._stop.pause()
        finally:
            self._log.say("up.stopping", "stopping; what is under way ends first")
            killed = end_all([place.child for place in self._places if place.child], self._log, self._stop)
        return Outcome(reason, in_order=not killed)

    def move(self) -> None:
        """Start every process anew: what `launch` gives it has changed."""
        for place in self._places:
            if place.child is not None and place.moving_until is None:
                place.moving_until = time.monotonic() + GRACE_SECONDS
                place.child.ask_to_end()

    def _look(self) -> str | None:
        reason = self._look_first()
        for place in self._places:
            reason = reason or self._look_at(place, time.monotonic())
        if self._on_ready is not None and all(place.was_ready for place in self._places):
            self._on_ready()
            self._on_ready = None
        return reason

    def _look_at(self, place: Place, now: float) -> str | None:
        if place.child is None:
            if now >= place.start_at and self._may_start(place.plan):
                self._start(place)
            return None
        if place.child.ready_at is not None and not place.announced:
            self._announce(place, place.child)
        if place.moving_until is not None and now > place.moving_until:
            place.child.kill()
        code = place.child.exit_code()
        return None if code is None else self._buried(place, place.child, code, now)

    def _may_start(self, plan: Plan) -> bool:
        return plan.after is None or any(place.was_ready for place in self._places if place.plan.name == plan.after)

    def _start(self, place: Place) -> None:
        before, place.held = place.held, self._refusal()
        if place.held is None:
            place.child = self._launch(place.plan)
            place.announced = False
        elif place.held != before:
            name, file, reason = place.plan.name, place.held.file, place.held.reason
            message = f"{name} is started{_again(place)} when {file} is mended: {reason}"
            self._log.say("process.held", message, level="error", name=name, file=file, reason=reason)

    def _announce(self, place: Place, child: RunningChild) -> None:
        name = place.plan.name
        message = f"{name} is ready{_again(place)} (process {child.pid})"
        place.announced = place.was_ready = True
        self._log.say("process.started", message, name=name, pid=child.pid)

    def _buried(self, place: Place, child: RunningChild, code: int, now: float) -> str | None:
        child.bury()
        place.child = None
        if place.moving_until is not None:
            place.moving_until = None
            return None
        name = place.plan.name
        worked = None if child.ready_at is None else now - child.ready_at
        match place.restarts.ended(worked, code):
            case Broken(ends):
                said = f"{name} {how_it_ended(code)}, {ends} times in a row before it worked for long; it said last:"
                return f"{said}\n{child.last_lines()}"
            case Again() as again:
                place.restarts, place.start_at = again.restarts, now + again.wait_seconds
                message = f"{name} {how_it_ended(code)}; {when(again)}"
                self._log.say("process.ended", message, level="warning", name=name, pid=child.pid, code=code)
                return None


def _again(place: Place) -> str:
    return " again" if place.was_ready else ""
