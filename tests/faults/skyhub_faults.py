"""Every fault of SkyHub on every call, one poisoned order in a batch, a store with a wrong key, lists that lag."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import groupby

from tests.faults.outcome import Broken, Row, Run
from tests.faults.scenarios import Scenario
from tests.faults.skyhub_case import FULL, SHORT_CUT, Case, Times
from tests.faults.skyhub_cases import cases, chosen, poisons
from tests.faults.skyhub_stores import PART, long_lag, wrong_key
from tests.faults.skyhub_world import Played, World
from tests.fixtures.deployment import SHORT
from tests.fixtures.running_service import RunningService, running

_MOST_SECONDS = 240.0
_SHORT_SECONDS = 200.0
_MOST_SHOWN = 120


def every_fault(run: Run) -> list[Row]:
    """Let each store have a fault of its own, all at once; a row a fault, over all calls that it was put to."""
    times = SHORT_CUT if run.short else FULL
    return _played(run, chosen(times) if run.short else cases(times), times)


def poison_and_lag(run: Run) -> list[Row]:
    """Let one order spoil each batch, and lists lag for long: each waits much and works little, so side by side."""
    folders = [run.folder / name for name in ("poison", "lag")]
    for folder in folders:
        folder.mkdir()
    of_poison, of_lag = (replace(run, folder=folder) for folder in folders)
    with ThreadPoolExecutor(2) as pool:
        lag = pool.submit(long_lag, of_lag)
        return [*_played(of_poison, list(poisons()), SHORT_CUT if run.short else FULL), *lag.result()]


def _played(run: Run, chosen: Sequence[Case], times: Times) -> list[Row]:
    named = [(f"s{number}", case) for number, case in enumerate(chosen)]
    stores = [store for store, _ in named]
    with running(RunningService(run.folder, stores, _settings(times))) as service:
        service.start_worker("worker-1")
        if not run.short:
            service.start_worker("worker-2")
        service.start_beat()
        world = World(service, named, times.strikes)
        world.play(_SHORT_SECONDS if run.short else _MOST_SECONDS)
        broken = {each.store: world.broken(each) for each in world.played}
    by_fault = groupby(sorted(world.played, key=lambda each: each.case.fault), key=lambda each: each.case.fault)
    rows = {fault: _row(fault, list(group), broken) for fault, group in by_fault}
    return [rows[fault] for fault in dict.fromkeys(case.fault for case in chosen)]


def _settings(times: Times) -> dict[str, str]:
    return {
        **SHORT,
        "CALL_TIMEOUT_SECONDS": f"{times.call}",
        "LEASE_SECONDS": f"{2 * times.call}",
        "CLAIM_SECONDS": f"{2 * times.call}",
        "SETTLING_SECONDS": f"{times.settling}",
        "WORKER_THREADS": "32",
        "SWEEP_SECONDS": f"{times.sweep}",
    }


def _row(fault: str, played: Sequence[Played], broken: dict[str, Broken]) -> Row:
    missed = [each.case.title for each in played if not each.landed]
    calls = ", ".join(f"{each.case.title} {each.landed}" for each in played)
    recoveries = [each.recovery for each in played if each.recovery is not None]
    return Row(
        part=PART,
        failure=fault,
        how=f"a store a call, until it was seen; struck {calls}",
        orders=sum(len(each.orders) for each in played),
        landed=0 if missed else sum(each.landed for each in played),
        requesting=sum(each.requesting for each in played),
        broken=sum((broken[each.store] for each in played), Broken()),
        recovery=max(recoveries, default=None),
        runs=len(played),
        note="; ".join(_outcomes(played)) + (f"; did not land on {', '.join(missed)}" if missed else ""),
    )


def _outcomes(played: Iterable[Played]) -> Iterable[str]:
    """Yield what was seen while the fault lasted, and on which calls; then that nothing was left."""
    by_outcome: dict[str, list[str]] = {}
    for each in played:
        seen = each.seen if len(each.seen) <= _MOST_SHOWN else f"{each.seen[: _MOST_SHOWN - 1]}…"
        after = "" if each.case.ends.value == each.seen else ", requested once it was over"
        retried = " (after an operator's retry)" if each.retried else ""
        text = f"BROKEN, {each.wrong}" if each.wrong else f"{seen}{after}{retried}"
        by_outcome.setdefault(text, []).append(each.case.title)
    yield from (f"{', '.join(titles)}: {text}" for text, titles in by_outcome.items())


SCENARIOS = (
    Scenario(name="skyhub-faults", perform=every_fault, seconds=150),
    Scenario(name="skyhub-wrong-key", perform=wrong_key, seconds=40),
    Scenario(name="skyhub-poison-and-lag", perform=poison_and_lag, seconds=80),
)
