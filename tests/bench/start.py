"""How long a worker and a command take from their exec until they are of use."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator

from tests.bench.figures import Figure, Reading
from tests.bench.rows import Plan, Readings, Row
from tests.bench.stage import check_recorded, fill, hold, new_orders, stage, timed, waiting, wake
from tests.fixtures.coleta import COLETA
from tests.fixtures.deployment import environment
from tests.fixtures.running_parts import Part
from tests.fixtures.running_service import RunningService
from tests.fixtures.sales import all_events
from worker.adapters.native_event import read


def _start(plan: Plan) -> Iterator[Readings]:
    with stage(plan.folder) as service:
        hold(service, "acme")
        _worker(service, "first")  # not counted: it compiles what the others find compiled, and loads the scripts
        _help(service)
        for run in range(plan.runs):
            ready, works = _worker(service, str(run))
            yield {"ready": Reading(ready), "works": Reading(works), "help": Reading(_help(service))}


def _worker(service: RunningService, name: str) -> tuple[float, float]:
    """Start a worker for which a message waits; return the seconds until ready, and until its event is recorded."""
    sold = new_orders("acme", 1)
    fill(service, "acme", [read(event).event for event in all_events(sold)])
    wake(service, "acme")
    command = [sys.executable, "-m", "celery", "-A", "worker", "worker", "-n", f"worker-{name}@%h"]
    begun = time.perf_counter()
    worker = Part(f"worker-{name}", command, {**environment(service.secrets), **service.variables}, service.folder)
    try:
        ready = _since(begun, lambda: " ready." in worker.text, worker)
        works = _since(begun, lambda: waiting(service, "acme") == 0, worker)
    finally:
        worker.stop()
    check_recorded(service, sold)
    return ready, works


def _since(begun: float, check: Callable[[], object], worker: Part) -> float:
    timed(check, f"{worker.name} is of use", lambda: [worker])
    return time.perf_counter() - begun


def _help(service: RunningService) -> float:
    begun = time.perf_counter()
    subprocess.run(
        [COLETA, "--help"], cwd=service.folder, env=environment({}), stdout=subprocess.DEVNULL, check=True
    )  # fmt: skip
    return time.perf_counter() - begun


ROWS = (
    Row(
        name="start",
        about=(
            "from exec: a worker until its log says ready, and until the event that waited for it is recorded;"
            " `coleta --help` until its exit"
        ),
        figures={
            "ready": Figure(what="worker ready", unit="s", at_most=1.5),
            "works": Figure(what="first event recorded", unit="s"),
            "help": Figure(what="coleta --help", unit="s", at_most=0.3),
        },
        measure=_start,
    ),
)
