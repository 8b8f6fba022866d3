"""A task runs to its end, to learn where it can die; then it dies at each of these points."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from random import Random
from signal import SIGKILL
from typing import Any

from tests.faults.crash_nursery import Ended
from tests.faults.crash_path import Step
from tests.faults.crash_stage import CrashStage, Left
from tests.faults.crash_worlds import World
from tests.faults.outcome import Run

# How a job dies: the fields of `Job` that say so.
Death = dict[str, Any]
# A run may have fewer calls than the ones that were counted (a connection was free, an index was looked through): its
# last points are tried again, and if there are none any more, they are no points.
_MOST_TRIES = 5
_MOST_MISSED = 0.1


@dataclass(frozen=True, slots=True)
class Deaths:
    """How tasks die: how an undisturbed run counts, every death by what such runs came to, how many are chosen."""

    counting: Death
    every: Callable[[Step, Sequence[Ended]], list[Death]]
    chosen: Callable[[Step, int], int]


@dataclass(slots=True)
class Crashed:
    """What a step's crashes came to: at `planned` of `points` places, the worlds, and what each crash left."""

    step: Step
    planned: int
    points: int
    worlds: list[World]
    left: list[Left] = field(default_factory=list)


def crash(stage: CrashStage, step: Step, deaths: Deaths, run: Run) -> Crashed:
    """Let a step's task run to its end, to learn where it can die, then die at each of these points."""
    numbers = count()
    shared = _made(stage, step, step.shared, numbers) if step.shared else []
    ends = []
    counted = 1 if run.short else 2
    for worlds in [shared] * counted if shared else [[world] for world in _made(stage, step, counted, numbers)]:
        ends.append(_run(stage, step, worlds, deaths.counting))
        assert ends[-1].code == ends[-1].signal == 0, f"{step.failure} by itself: {ends[-1]}"
    every = deaths.every(step, ends)
    some = _some(every, deaths.chosen(step, len(every)), run.seed)
    crashed = Crashed(step, len(some), len(every), shared)
    places = [shared] * len(some) if shared else [[world] for world in _made(stage, step, len(some), numbers)]

    def die(death: Death, worlds: list[World]) -> Left | None:
        came: list[Ended] = []
        while len(came) < _MOST_TRIES:
            came.append(_run(stage, step, worlds, death))
            if came[-1].signal == SIGKILL:
                return _left(stage, worlds)
            passed = came[-1].points if "die_at" in death else 0
            assert passed < death.get("die_at", 1), f"{step.failure}: not killed by {death}: {came}"
            worlds = worlds if shared else _made(stage, step, 1, numbers)
        assert all(ended.code == 0 for ended in came), f"{step.failure}: {death} was never reached: {came}"
        return None

    with ThreadPoolExecutor(1 if shared else stage.width) as pool:
        crashed.left = [left for left in pool.map(die, some, places) if left is not None]
    missed = len(some) - len(crashed.left)
    assert missed <= _MOST_MISSED * len(every), f"{step.failure}: {missed} of {len(some)} points were never reached"
    crashed.planned, crashed.points = len(some) - missed, len(every) - missed
    crashed.worlds = [world for world in stage.worlds if world.store.startswith(f"{step.name}-")]
    return crashed


def _run(stage: CrashStage, step: Step, worlds: Sequence[World], death: Death) -> Ended:
    step.before_each(stage)
    return stage.perform(stage.job(worlds, step.call, step.arguments(worlds[0]), step.named, **death))


def _made(stage: CrashStage, step: Step, number: int, numbers: Iterator[int]) -> list[World]:
    worlds = [step.world(next(numbers)) for _ in range(number)]
    stage.add(worlds)
    step.prepare(stage, worlds)
    return worlds


def _left(stage: CrashStage, worlds: Sequence[World]) -> Left:
    each = [stage.left(world) for world in worlds]
    return Left(
        requesting=sum(left.requesting for left in each),
        hints=sum(left.hints for left in each),
        leases=sum(left.leases for left in each),
    )


def _some(deaths: Sequence[Death], most: int, seed: int) -> list[Death]:
    """Return at most so many of them, evenly spread, from a place that chance decides."""
    if len(deaths) <= most:
        return list(deaths)
    step = len(deaths) / most
    start = Random(seed).random() * step  # noqa: S311 - the seed is printed, to run it again
    return [deaths[int(start + number * step)] for number in range(most)]
