"""The short cut of what time can do; `make faults` runs all of it."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.faults.clocks import clock_jumps
from tests.faults.outcome import Run
from tests.faults.stops import stopped_workers
from tests.fixtures.stepped_clock import SteppedClock

SEED = 6
HOUR = 3600
CLOCKS = """
import time
from worker.adapters.redis_ledger.lease import boottime
began = time.monotonic()
time.sleep(0.01)
print(time.time(), boottime(), time.monotonic() - began)
"""


@pytest.fixture
def short(tmp_path: Path) -> Run:
    """Return the cut that is part of the tests."""
    return Run(folder=tmp_path, seed=SEED, short=True)


def test_a_step_of_the_clock_leaves_the_leases_alone(tmp_path: Path) -> None:
    """What the suite calls a jump moves the wall clock, and neither the clock of the leases nor a sleep."""
    clock = SteppedClock(tmp_path)
    clock.step(-HOUR)
    ran = subprocess.run(
        [sys.executable, "-c", CLOCKS], env=dict(clock.variables), capture_output=True, text=True, check=True
    )
    wall, boot, slept = map(float, ran.stdout.split())
    assert time.time() - wall == pytest.approx(HOUR, abs=60)
    assert time.clock_gettime(time.CLOCK_BOOTTIME) - boot == pytest.approx(0, abs=60)
    assert 0 < slept < 60


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_clock_that_jumps_requests_nothing_early_or_twice(short: Run) -> None:
    """An hour forward and an hour back, with requests on their way: each order is requested once, and soon."""
    rows = clock_jumps(short)
    assert [row for row in rows if not row.kept] == []


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_worker_that_wakes_up_late_sends_and_settles_nothing(short: Run) -> None:
    """Stopped for longer than its leases, wherever it was: what another worker did meanwhile stands."""
    rows = stopped_workers(short)
    assert [row for row in rows if not row.kept] == []
    assert all(row.requesting for row in rows[1:])
