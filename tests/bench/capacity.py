"""The capacity plan: what one machine carries, what many stores need, what is full first, from measured costs.

`python -m tests.bench.capacity` prints it as Markdown, from build/bench.json; docs/performance.md has it too.
"""

import json
import math
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from tests.bench.model import FULL, Costs, Deployment, Load, in_line, need, rounds
from tests.bench.outcomes import Outcome
from tests.bench.simulation import simulate
from tests.fixtures.running_parts import ROOT

_JSON = ROOT / "build" / "bench.json"
_GIB = 2.0**30
_LOADS = (Load(stores=100), Load(stores=1_000), Load(stores=100_000))
_MACHINE_BYTES = 8 * _GIB
# The bars of the bench, where the documents were not measured.
_BYTES = {"open": 1_200.0, "ended": 700.0, "key": 200.0}
_SIMULATED = (
    (Load(stores=1_000), 1),
    (Load(stores=100_000), 27),
    (Load(stores=1_000, orders_a_day=400), 1),
    (Load(stores=20, orders_a_day=50_000), 2),
)
_MOST_SIMULATED = 60_000
_NEEDED = (
    "stores", "orders/s, busiest hour", "worker processes", "Redis, of a core", "calls/s", "calls at once", "a sweep",
    "Redis memory",
)  # fmt: skip


def costs_of(outcomes: Iterable[Outcome], cores: int) -> Costs | None:
    """Return the costs that were measured on so many cores; None without the row that measures them."""
    by_name = {outcome.name: outcome for outcome in outcomes}
    if "costs" not in by_name or not by_name["costs"].results:
        return None
    found = {name: result.measured.middle for name, result in by_name["costs"].results.items()}
    memory = by_name["memory"].results if "memory" in by_name else {}
    sizes = {name: memory[name].measured.middle if name in memory else least for name, least in _BYTES.items()}

    def both(what: str) -> tuple[float, float]:
        return found[f"{what} worker"], found[f"{what} redis"]

    return Costs(
        lone_event=both("lone event"),
        event=both("event"),
        lone_order=both("lone order"),
        order=both("order"),
        reconcile=both("reconcile"),
        reconcile_calls=found["reconcile calls"],
        sweep=both("sweep"),
        open_bytes=sizes["open"],
        ended_bytes=sizes["ended"],
        key_bytes=sizes["key"],
        cores=cores,
        bytes_measured=_BYTES.keys() <= memory.keys(),
    )


def plan(costs: Costs, deployment: Deployment | None = None) -> list[str]:
    """Return the plan as lines of Markdown."""
    settings = deployment or Deployment()
    return [*_about(costs), "", *_needs(costs, settings), "", *_first(costs, settings), "", *_checked(settings)]


def full_at(costs: Costs, settings: Deployment) -> dict[str, float]:
    """Return with how many stores each part of one machine is full, the first one first.

    One machine: a worker process a core, Redis, beat; 8 GiB for Redis. What grows with the number of stores alone grows
    in proportion, so one load tells.
    """
    load = Load(stores=1_000)
    it = need(load, costs, settings)
    used = {
        "its processors (workers and Redis)": (it.workers + it.redis) / costs.cores / FULL,
        "Redis, which uses one core": it.redis / FULL,
        "places for calls at SkyHub": it.places / (settings.places * costs.cores) / FULL,
        "the sweep, which must end within its interval": it.sweep,
        "8 GiB for Redis": it.bytes / _MACHINE_BYTES,
    }
    return dict(sorted(((what, load.stores / share) for what, share in used.items()), key=lambda pair: pair[1]))


def differences(load: Load, settings: Deployment, processes: int, *, seed: int = 1) -> dict[str, tuple[float, float]]:
    """Return what the formulas say and what the simulation saw, of each thing that both know."""
    cycle = rounds(load.rate, load.call_seconds, settings)
    busy = load.stores * load.rate / cycle.orders * cycle.seconds
    line = in_line(busy, processes * settings.places, cycle.seconds)
    seen = simulate(load, settings, processes, _seconds(load), seed=seed)
    return {
        "places busy": (busy, seen.busy),
        "calls an order": (cycle.calls / cycle.orders, seen.calls_an_order),
        "s until confirmed": (cycle.wait + line, seen.wait),
    }


def _seconds(load: Load) -> float:
    """Return how long is simulated: a quarter of an hour, less where so many orders need not be."""
    return min(900.0, _MOST_SIMULATED / (load.stores * load.rate))


def _about(costs: Costs) -> Iterator[str]:
    load = _LOADS[0]
    yield "## Capacity"
    yield ""
    yield "From what the row `costs` says of processor time (of workers and of Redis) and the row `memory` of bytes."
    yield f"A store sells {load.orders_a_day:,.0f} orders a day, in the busiest hour {load.peak:g} times the mean;"
    yield f"an order brings {load.events_an_order:g} events; SkyHub answers in {load.call_seconds * 1000:.0f} ms."
    yield f"Processors and places are filled to {FULL:.0%}. Doors and TLS are not in it."
    if not costs.bytes_measured:
        yield "The bytes are the bars of the row `memory`, of which not all were measured."


def _needs(costs: Costs, settings: Deployment) -> Iterator[str]:
    yield f"| {' | '.join(_NEEDED)} |"
    yield "|---" * len(_NEEDED) + "|"
    for load in _LOADS:
        it = need(load, costs, settings)
        swept = f"{it.sweep * settings.sweep_seconds:.2g} s of its {settings.sweep_seconds:g} s"
        cells = [
            f"{load.stores:,}",
            f"{load.stores * load.rate:,.2f}",
            f"{it.processes(settings):,}",
            f"{it.redis:.1%}",
        ]
        cells += [f"{it.calls_a_second:,.1f}", f"{it.places:,.1f}", swept, f"{it.bytes / _GIB:,.1f} GiB"]
        yield f"| {' | '.join(cells)} |"
    day, keep = 10_000, Load(stores=1, orders_a_day=10_000)
    yield ""
    filled = need(keep, costs, settings).bytes / _GIB
    yield f"{day:,} orders a day fill {filled:.2f} GiB of Redis with the default retention."


def _first(costs: Costs, settings: Deployment) -> Iterator[str]:
    yield f"One machine of {costs.cores} cores, a worker process each, Redis beside them, is full with so many stores:"
    yield ""
    yield "| what | full at |"
    yield "|---|---|"
    for what, stores in full_at(costs, settings).items():
        yield f"| {what} | {stores:,.0f} stores |"
    load = _LOADS[0]
    gap = max(load.call_seconds / 2, 1 / settings.calls_a_second)
    most = 1 / gap / (1 / settings.page + 1 / settings.batch)
    yield ""
    yield f"One store alone is full at {most:.0f} orders/s: two calls at a time, {settings.calls_a_second:g} a second."


def _checked(settings: Deployment) -> Iterator[str]:
    yield "The formulas against a simulation that plays every order and call (`tests/bench/simulation.py`):"
    yield ""
    yield "| stores | orders a day each | processes | what | formula | simulation | difference |"
    yield "|---|---|---|---|---|---|---|"
    for load, processes in _SIMULATED:
        for what, (said, seen) in differences(load, settings, processes).items():
            head = f"| {load.stores:,} | {load.orders_a_day:,.0f} | {processes} | {what}"
            yield f"{head} | {said:.3g} | {seen:.3g} | {said / seen - 1:+.1%} |"
    load, processes = _SIMULATED[2]
    steady = differences(load, settings, processes)["s until confirmed"][0]
    day = simulate(load, settings, processes, 3_600.0, shape=_noon)
    yield ""
    yield f"In an hour with its peak in the middle, {load.stores:,} stores of {load.orders_a_day:g} orders a day,"
    yield f"one process: an order is confirmed {day.wait:.2f} s after it is due, 99 % within {day.wait_p99:.2f} s."
    yield f"Steady at the peak, says the formula, {steady:.2f} s."


def _noon(share: float) -> float:
    """Return how much of the peak's rate there is: a quarter at both ends, all of it in the middle."""
    return 0.25 + 0.75 * math.sin(math.pi * share) ** 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the plan from the file that is named, or from the last whole run; return the exit code."""
    named = sys.argv[1:] if arguments is None else arguments
    file = Path(named[0]) if named else _JSON
    if not file.exists():
        print(f"{file} does not exist; measure first: python -m tests.bench", file=sys.stderr)
        return 1
    kept = json.loads(file.read_text())
    costs = costs_of([Outcome.from_json(row) for row in kept["rows"]], kept["machine"]["cores"])
    if costs is None:
        print(f"{file} lacks the row `costs`; measure it: python -m tests.bench costs --keep", file=sys.stderr)
        return 1
    print("\n".join(plan(costs)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
