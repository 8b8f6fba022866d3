"""The model check: a state machine that hypothesis plays over the real use cases, with all that can go wrong.

Three worker processes run the use cases against Redis, SkyHub and the OMS in memory, interleaved call by call: at any
port call a process may be left standing (for any time, beyond its leases too) while the others go on, or die there.
Answers of Redis are lost after their effect, and the command is repeated or given up; another Redis server takes over,
with or without the last second's writes. SkyHub refuses, throttles, hangs, takes a part of a batch, takes it after the
timeout, and shows lists that are old. Doors are told twice, out of order, or not at all, and every hint is lost: jobs
come by chance. Some stores want their boxes packed, and webhooks that say so may be wrong; so may the OMS's copies of
what was pushed. People cancel, correct invoices and carriers, undo pickups, pause the store, and operate.

At every moment: nothing early, nothing twice, never Correios, and the idempotency keys agree with the documents. In the
end, when faults have stopped and sweeps have run until nothing is left to do: nothing lost, nothing uncertain, nothing
in `requesting`, and whatever was not requested says why.

Outside of its moves is what the design names as residual: a stop between the last look at the leases and the send for
longer than both; SkyHub applying a call later, or showing lists older, than the settling delay covers; a failover that
forgets more than a second, or the first second of a store's life. Where a correction of an invoice was told and lost
again, and the OMS has it, the older one that was told still outranks it (design, "Counting"): such an order may end
waiting for the units that it lacks. The ledger in memory reads its indexes off its
documents; that the real one's agree is for tests/contracts.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from logging import CRITICAL
from types import MappingProxyType
from typing import Any
from unittest.mock import patch

import structlog
from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis import strategies as st

from tests.fakes.later import Later
from tests.faults.model_moves import SETTING_BYTES, TURN_BYTES, Store, all_moves
from tests.faults.model_rest import come_to_rest, judge
from tests.faults.model_story import story
from tests.faults.model_truth import CODES
from tests.faults.model_world import World
from tests.faults.outcome import Broken, Row, Run
from tests.faults.scenarios import Scenario
from worker.usecases import reread_orders

MOST_TURNS = 12


class BrokenError(AssertionError):
    """A promise broke; `promise` is its column, the message the story."""

    def __init__(self, promise: str, told: str) -> None:
        super().__init__(told)
        self.promise = promise


@dataclass(slots=True)
class Tally:
    """What all runs saw."""

    runs: int = 0
    orders: int = 0
    requesting: int = 0
    named: int = 0
    landed: Counter[str] = field(default_factory=Counter)


def play(tape: bytes, moves: tuple[str, ...], tally: Tally, fixed: Mapping[str, object]) -> None:
    """Do one run, chosen by the bytes of the tape: a store, and turns of a few bytes each."""
    turns = [tape[start : start + TURN_BYTES] for start in range(SETTING_BYTES, len(tape), TURN_BYTES)]
    # A turn of zeros is none: what hypothesis takes out of a story leaves the rest as it is.
    chosen = ((moves[kind % len(moves)], *choices) for kind, *choices in turns if kind)
    world = _played(Store(tape[:SETTING_BYTES], fixed), chosen, tally)
    if world.broken:
        raise BrokenError(world.broken[0][0], story(world))


def told(turns: Iterable[tuple[Any, ...]], fixed: Mapping[str, object]) -> str:
    """Play a story that a person tells, each turn by its kind and choices; return the promise that broke, if any."""
    padded = (turn + (0,) * (TURN_BYTES - len(turn)) for turn in turns)
    with _quiet(), patch.object(reread_orders, "ThreadPoolExecutor", _in_turn):
        world = _played(Store(bytes(SETTING_BYTES), fixed), padded, Tally())
    return world.broken[0][0] if world.broken else ""


def _played(store: Store, turns: Iterable[tuple[Any, ...]], tally: Tally) -> World:
    """Let the turns happen, then the end and the verdict, unless a promise breaks before."""
    world = store.world
    try:
        for turn in turns:
            store.turn(*turn)
            world.check()
            if world.broken:
                break
        else:
            come_to_rest(world)
            world.check()
            tally.named += judge(world)
    finally:
        for process in world.processes.values():
            process.kill()
    tally.runs += 1
    tally.orders += len(CODES)
    tally.landed += world.landed
    tally.requesting += world.requesting
    return world


def explore(
    runs: int,
    number: int,
    *,
    shrink: bool = True,
    moves: tuple[str, ...] = (),
    fixed: Mapping[str, object] = MappingProxyType({}),
) -> tuple[Tally, BrokenError | None]:
    """Do so many runs by the chances of this number; return what they saw, and the shortest story of what broke.

    `moves` narrows what may happen, `fixed` fixes parts of the setting.
    """
    tally, chosen = Tally(), moves or all_moves()
    length = SETTING_BYTES + MOST_TURNS * TURN_BYTES

    @seed(number)
    @settings(
        max_examples=runs,
        phases=[Phase.generate, Phase.shrink] if shrink else [Phase.generate],
        database=None,
        verbosity=Verbosity.quiet,  # the story says it better
        deadline=None,  # a busy machine is no failure
        derandomize=False,
        report_multiple_bugs=False,
        print_blob=False,
        suppress_health_check=list(HealthCheck),  # a run is long: that is what it is for
    )
    @given(st.binary(min_size=length, max_size=length))
    def run(tape: bytes) -> None:
        play(tape, chosen, tally, fixed)

    with _quiet(), patch.object(reread_orders, "ThreadPoolExecutor", _in_turn):
        try:
            run()
        except BrokenError as broken:
            return tally, broken
    return tally, None


def _in_turn(_at_once: int) -> Later:
    """In place of a thread pool: the reads that the use case makes side by side are made one after the other."""
    return Later()


@contextmanager
def _quiet() -> Iterator[None]:
    """Log nothing: thousands of runs go wrong on purpose."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(CRITICAL), cache_logger_on_first_use=False)
    try:
        yield
    finally:
        structlog.configure(**before)


# ---- the scenarios

RUNS = 50_000
RUNS_SHORT = 2_000
LANES = 4
# Runs whose chances hypothesis remembers, so as not to do one twice: it grows slow over more.
_AT_A_TIME = 1_000


def model(lane: int, runs: int, number: int) -> Row:
    """Do so many runs; one broken promise ends them, and its story is the row's note."""
    total, broken = Tally(), None
    while total.runs < runs and broken is None:
        tally, broken = explore(min(_AT_A_TIME, runs - total.runs), number + total.runs)
        total.runs += tally.runs
        total.orders += tally.orders
        total.requesting += tally.requesting
        total.named += tally.named
        total.landed += tally.landed
    return Row(
        part="Model check",
        failure=f"all of it, in any order ({lane})",
        how="a state machine over the real use cases in memory: three processes interleaved call by call, left standing"
        " beyond their leases or killed at any call; answers, messages and servers lost; SkyHub's every answer",
        orders=total.orders,
        landed=total.landed.total(),
        requesting=total.requesting,
        broken=Broken(**{broken.promise: 1}) if broken is not None else Broken(),
        named=total.named,
        runs=total.runs,
        note=f"```\n{broken}\n```" if broken is not None else "",
    )


def _lane(lane: int, run: Run) -> list[Row]:
    runs = (RUNS_SHORT if run.short else RUNS) // LANES
    return [model(lane, runs, run.seed * 10_000_000 + lane * 1_000_000)]


SCENARIOS = tuple(
    Scenario(name=f"model-{lane}", perform=partial(_lane, lane), seconds=95) for lane in range(1, LANES + 1)
)
