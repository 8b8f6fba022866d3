"""Time: a worker whose clock jumps, and workers that are stopped for longer than their leases and wake up late."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise

from tests.faults.outcome import Row, Run, judged
from tests.faults.scenarios import Scenario
from tests.faults.stops import stopped_workers
from tests.fixtures.deployment import SHORT, account
from tests.fixtures.running_parts import Part
from tests.fixtures.running_service import RunningService, running
from tests.fixtures.sales import Sale
from tests.fixtures.stepped_clock import SteppedClock
from worker.domain.order import Status
from worker.sandbox.faults import Fault
from worker.sandbox.report import Report

PART = "Time"
_HOUR = 3600
_SEEN_SECONDS = _HOUR / 2
_STORES = ("waits", "lost", "limited", "told", "plain")
_ORDERS = 3
_MOST_SECONDS = 120.0
# From one place of the clock to the next: where the time is true, before it and behind it.
_STEPS = (_HOUR, 0, -_HOUR, 0)


@dataclass(slots=True)
class Jump:
    """A jump, the orders that were under way, how many of them were being requested, and how long all took then."""

    to: int
    forward: bool
    sold: list[Sale] = field(default_factory=list)
    incomplete: list[Sale] = field(default_factory=list)
    requesting: int = 0
    at: float = 0.0
    recovery: float = 0.0


def clock_jumps(run: Run) -> list[Row]:
    """Let a worker's clock jump by an hour, forth and back, while it requests pickups; then another one helps it."""
    clock = SteppedClock(run.folder)
    settings = {**SHORT, "SWEEP_SECONDS": "1", "CALL_TIMEOUT_SECONDS": "2", "LEASE_SECONDS": "4", "CLAIM_SECONDS": "4"}
    jumps: list[Jump] = []
    with running(RunningService(run.folder, _STORES, settings)) as service:
        jumping = service.start_worker("worker-jumping", clock.variables)
        service.start_beat()
        before = 0
        for number, to in enumerate(_STEPS[:2] if run.short else _STEPS):
            jump = Jump(to, forward=to > before)
            _strike(service, clock, jump)
            others = [] if run.short else [service.start_worker(f"worker-steady-{number}")]
            _recover(service, jump)
            assert [other.stop() for other in others] == [0] * len(others)
            jumps.append(jump)
            before = to
        report = service.sandbox.report()
        seen = _jumps_seen(jumping)
    return [_row(jumps, forward=forward, seen=seen[forward], report=report) for forward in (True, False)]


def _strike(service: RunningService, clock: SteppedClock, jump: Jump) -> None:
    """Bring orders into every state that time decides about, then let the clock jump."""
    sandbox = service.sandbox
    rest = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)
    hangs = sandbox.fault(Fault(call="confirm", account=account("waits"), when="after", hang_seconds=1))
    sandbox.fault(Fault(call="confirm", account=account("lost"), when="after", reset=True))
    sandbox.fault(Fault(call="confirm", account=account("limited"), status=429, headers={"Retry-After": rest}, times=2))
    for store in _STORES:
        jump.sold += service.sold(store, _ORDERS)
        jump.sold += service.sold(store, 1, carrier="correios")
        jump.incomplete += service.sold(store)
    service.invoice(jump.sold)
    service.hand_in([sale.event(0) for sale in jump.incomplete])
    service.until(lambda: hangs in sandbox.struck(), "a request is on its way", _MOST_SECONDS)
    clock.step(jump.to)
    jump.at = time.monotonic()
    jump.requesting = sum(service.ledger(store).counts().get(Status.REQUESTING, 0) for store in _STORES)
    later = service.sold("told", _ORDERS)  # by the door whose messages Celery dates
    sandbox.complete([sale.code for sale in later])
    for event in [event for sale in later for event in sale.events]:
        service.app.send_task("coleta.order_invoiced", [event], queue="inbox")
    jump.sold += later


def _recover(service: RunningService, jump: Jump) -> None:
    direct = [sale for sale in jump.sold if sale.carrier == "direct"]
    for store in _STORES:
        service.await_status([sale for sale in direct if sale.store == store], Status.REQUESTED, _MOST_SECONDS)
    jump.recovery = time.monotonic() - jump.at
    assert service.faults() == 0, "every fault struck"


def _jumps_seen(worker: Part) -> dict[bool, int]:
    """Return how often its clock moved on (True) and back by over half an hour between two lines of its log."""
    lines = [json.loads(line) for line in worker.text.splitlines() if line.startswith("{")]
    times = [datetime.fromisoformat(line["timestamp"]).timestamp() for line in lines if "timestamp" in line]
    moves = [after - before for before, after in pairwise(times)]
    return {True: sum(move > _SEEN_SECONDS for move in moves), False: sum(move < -_SEEN_SECONDS for move in moves)}


def _row(jumps: Sequence[Jump], *, forward: bool, seen: int, report: Report) -> Row:
    mine = [jump for jump in jumps if jump.forward is forward]
    return Row(
        part=PART,
        failure=f"a worker's clock jumps {'forward' if forward else 'back'} by an hour",
        how="libfaketime moves the wall clock of one worker while a confirmation hangs, another was lost, a"
        " third was put off by a dated Retry-After and events come in as tasks; another worker, whose"
        " clock is true, joins it then",
        orders=sum(len(jump.sold) + len(jump.incomplete) for jump in mine),
        landed=seen,
        requesting=sum(jump.requesting for jump in mine),
        broken=judged(
            report,
            [sale for jump in mine for sale in jump.sold],
            incomplete=[sale for jump in mine for sale in jump.incomplete],
        ),
        recovery=max(jump.recovery for jump in mine),
        runs=len(mine),
        note="the clock of the leases (CLOCK_BOOTTIME) and the monotonic clock go on, as in a real step; landed = jumps"
        " between two lines of the worker's own log",
    )


SCENARIOS = (
    Scenario(name="clock-jumps", perform=clock_jumps, seconds=40),
    Scenario(name="stopped-workers", perform=stopped_workers, seconds=70),
)
