"""Drains that call SkyHub use a part of a worker's threads only: others record, and who stands in line is not lost."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fixtures.deployment import SHORT, account
from tests.fixtures.running_parts import Part
from tests.fixtures.running_service import RunningService, running
from worker.domain.order import Status
from worker.sandbox.faults import Fault

# A call that hangs keeps its thread for longer than the test lasts.
SECONDS = {"CALL_TIMEOUT_SECONDS": "30", "LEASE_SECONDS": "40", "CLAIM_SECONDS": "40"}
SETTINGS = {**SHORT, **SECONDS, "WORKER_THREADS": "2"}
# Sweeps come twice a second; a worker relies on its own line for 30 s.
SOON_SECONDS = 15.0


def test_stores_whose_skyhub_hangs_leave_a_thread_for_recording(tmp_path: Path) -> None:
    """As many stores hang as the worker has threads, and an event of another store is recorded meanwhile."""
    hanging = ("one", "two")
    with running(RunningService(tmp_path, [*hanging, "three"], SETTINGS)) as service:
        service.start_worker()
        for store in hanging:
            service.sandbox.fault(Fault(call="collectables", account=account(store), hang_seconds=60))
            service.invoice(orders := service.sold(store))
            service.await_status(orders, Status.DUE)
        service.until(lambda: service.faults() < len(hanging), "a call hangs")
        service.until(lambda: not service.messages.llen("pickups"), "the worker has both drains' messages")

        service.invoice(orders := service.sold("three"))
        service.await_status(orders, Status.DUE, seconds=15)


@pytest.mark.parametrize("falls", [Part.kill, Part.pause])
def test_a_store_in_the_line_of_a_worker_that_falls_is_served_by_another(
    tmp_path: Path, falls: Callable[[Part], None]
) -> None:
    """At the next sweep, not after the half minute for which its worker would have expected it: a line dies with it."""
    with running(RunningService(tmp_path, ["hanging", "waiting"], SETTINGS)) as service:
        victim = service.start_worker("worker-victim")
        service.until(lambda: len(service.told("store.reconciled")) == 2, "nothing else wants a place")
        service.sandbox.fault(Fault(call="collectables", account=account("hanging"), hang_seconds=60))
        service.invoice(service.sold("hanging"))
        service.until(lambda: not service.faults(), "its only place for slow drains is taken")
        service.invoice(orders := service.sold("waiting"))
        service.await_status(orders, Status.DUE)
        done = "Task coleta.request_pickups["
        service.until(lambda: done in victim.text, "the other store stands in its line")
        falls(victim)
        service.start_worker("worker-heir")
        service.start_beat()
        service.requested_once(orders, SOON_SECONDS)
