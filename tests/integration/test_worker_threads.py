"""Slow calls never stop recording: drains that call SkyHub use a part of a worker's threads only."""

from pathlib import Path

from tests.fixtures.deployment import SHORT, account
from tests.fixtures.running_service import RunningService, running
from worker.domain.order import Status
from worker.sandbox.faults import Fault

# A call that hangs keeps its thread for longer than the test lasts.
SECONDS = {"CALL_TIMEOUT_SECONDS": "30", "LEASE_SECONDS": "40", "CLAIM_SECONDS": "40"}
SETTINGS = {**SHORT, **SECONDS, "WORKER_THREADS": "2"}


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
