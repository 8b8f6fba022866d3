"""Every crash point: each task on an order's path dies at each of its I/O calls; fresh workers heal what it left."""

from collections.abc import Sequence
from dataclasses import replace

from tests.faults.crash_nursery import Ended
from tests.faults.crash_path import INBOX, PATH, PICKUPS, UNCERTAIN, Step
from tests.faults.crash_stage import CrashStage
from tests.faults.crash_striking import Crashed, Death, Deaths, crash
from tests.faults.crash_trace import Strike, required, strikes
from tests.faults.crash_worlds import ORDERS, World
from tests.faults.outcome import Row, Run, judged
from tests.faults.scenarios import Scenario
from tests.fixtures.running_service import running
from worker.ports import Drain
from worker.sandbox.report import Report

_PART = "Every crash point"
_RECOVERY = "all stores heal at once: recovery is counted from the start of fresh workers, when every task has crashed"


def inside(run: Run) -> list[Row]:
    """Let each task count its own I/O calls, and kill itself before one of them."""
    few = {"pickups": 14, "inbox": 5}

    def plan(step: Step, ends: Sequence[Ended]) -> list[Death]:
        least = min(ended.points for ended in ends)
        assert least >= step.least, f"{step.failure}: {least} crash points are too few to be all"
        return [{"die_at": point} for point in range(1, least + 1)]

    def chosen(step: Step, points: int) -> int:
        return few.get(step.name, 2) if run.short else points

    steps = [step for step in PATH if not run.short or step is not UNCERTAIN]
    return _perform(run, steps, Deaths({}, plan, chosen), "SIGKILL before {} I/O calls")


def outside(run: Run) -> list[Row]:
    """Let strace kill each task as it enters one of its system calls on the network."""
    required()
    few = {"pickups": 12, "inbox": 4}

    def plan(step: Step, ends: Sequence[Ended]) -> list[Death]:
        deaths = [{"strike": strike} for strike in strikes([ended.calls for ended in ends])]
        assert len(deaths) >= step.least, f"{step.failure}: {len(deaths)} system calls are too few to be all"
        return deaths

    def chosen(step: Step, points: int) -> int:
        return few[step.name] if run.short else points

    steps = [INBOX, PICKUPS] if run.short else PATH
    how = "strace kills it as it enters {} system calls on the network"
    return _perform(run, steps, Deaths({"strike": Strike()}, plan, chosen), how)


SCENARIOS = (
    Scenario(name="crash-points-inside", perform=inside, seconds=200),
    Scenario(name="crash-points-outside", perform=outside, seconds=260),
)


def _perform(run: Run, steps: Sequence[Step], deaths: Deaths, how: str) -> list[Row]:
    with running(
        CrashStage(run.folder, sweep_seconds=1 if run.short else 20, nurseries=1 if run.short else 2)
    ) as stage:
        crashed = [crash(stage, step, deaths, run) for step in steps]
        _check_that_recovery_is_needed(crashed)
        stage.lose_messages()
        for each in crashed:
            if each.step.listed:
                _released(stage, each.worlds)
            else:
                _not_reconciled(stage, each.worlds)
            each.step.again(stage, each.worlds)
        settled = stage.recover(workers=1 if run.short else 2)
        report = stage.sandbox.report()
    rows = [_row(each, how, report, settled) for each in crashed]
    return [replace(rows[0], note=f"{rows[0].note}; {_RECOVERY}"), *rows[1:]]


def _row(crashed: Crashed, how: str, report: Report, settled: dict[str, float]) -> Row:
    """Return the row of a step."""
    worlds, left = crashed.worlds, crashed.left
    among = "each" if crashed.planned == crashed.points else f"{crashed.planned}"
    hints, leases = sum(each.hints > 0 for each in left), sum(each.leases > 0 for each in left)
    return Row(
        part=_PART,
        failure=crashed.step.failure,
        how=how.format(f"{among} of {crashed.points}"),
        orders=len(worlds) * ORDERS,
        landed=len(left),
        requesting=sum(each.requesting for each in left),
        broken=judged(
            _about(report, {sale.code for world in worlds for sale in world.all}),
            [sale for world in worlds for sale in world.sold],
            incomplete=[world.incomplete for world in worlds],
        ),
        recovery=max(settled[world.store] for world in worlds),
        runs=len(left),
        note=f"of {len(left)} crashes {hints} left a hint key, {leases} a lease",
    )


def _not_reconciled(stage: CrashStage, worlds: Sequence[World]) -> None:
    """Let no reconcile find what these worlds' crashes lost."""
    every_ms = round(stage.service.settings.reconcile_seconds * 1000)
    stage.service.fleet.turns([world.store for world in worlds], Drain.RECONCILE, every_ms)


def _released(stage: CrashStage, worlds: Sequence[World]) -> None:
    """Wait until the dead hold nothing: a turn of reconcile that meets a lease is left to the next turn, in 15 min.

    The message that died with them would come again much later than that, after the visibility timeout.
    """
    stage.until(lambda: not any(stage.left(world).leases for world in worlds), "the leases of the dead end")


def _check_that_recovery_is_needed(crashed: Sequence[Crashed]) -> None:
    left = [left for each in crashed for left in each.left]
    assert any(each.requesting for each in left), "no crash left an order in requesting"
    assert any(each.hints for each in left), "no crash left a hint key"
    assert any(each.leases for each in left), "no crash left a lease"


def _about(report: Report, codes: set[str]) -> Report:
    """Return the report on these orders alone."""

    def theirs(guilty: Sequence[str]) -> tuple[str, ...]:
        return tuple(code for code in guilty if code in codes)

    return replace(
        report,
        accepted={code: times for code, times in report.accepted.items() if code in codes},
        early=theirs(report.early),
        second=theirs(report.second),
        wrong_carrier=theirs(report.wrong_carrier),
    )
