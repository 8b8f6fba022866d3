"""Workers that die or are stopped in the middle of their work; another one goes on."""

from collections.abc import Iterator

import pytest

from tests.fixtures.deployment import SHORT, account
from tests.fixtures.running_service import RunningService, running
from worker.domain.order import Status
from worker.sandbox.faults import Fault

# Small batches, so that there is a middle to be stopped in; time enough to hit a call that hangs.
SETTINGS = {**SHORT, "CONFIRM_BATCH": "3", "CALL_TIMEOUT_SECONDS": "2", "LEASE_SECONDS": "3", "CLAIM_SECONDS": "3"}
FOREVER = 60.0


@pytest.fixture(scope="module")
def unmanned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """Everything but workers."""
    with running(RunningService(tmp_path_factory.mktemp("deaths"), ["took", "lost", "stopped"], SETTINGS)) as service:
        service.start_beat()
        yield service


@pytest.fixture
def service(unmanned: RunningService) -> Iterator[RunningService]:
    """Give the service, whose workers each test starts; those that survive it end here."""
    yield unmanned
    for part in unmanned.parts:
        if part.name.startswith("worker") and part.runs:
            part.kill()


def test_a_worker_killed_in_the_middle_of_a_confirmation(service: RunningService) -> None:
    """Nobody knows whether the call took effect; another worker asks the lists, and SkyHub gets one request."""
    took, lost = service.sold("took", 3), service.sold("lost", 3)
    service.sandbox.fault(Fault(call="confirm", account=account("took"), when="after", hang_seconds=FOREVER))
    service.sandbox.fault(Fault(call="confirm", account=account("lost"), hang_seconds=FOREVER, status=504))
    victim = service.start_worker("worker-victim")
    service.invoice([*took, *lost])
    service.until(lambda: service.faults() == 0, "both confirmations hang")
    victim.kill()
    # What was recorded a moment later than the others is still due.
    assert all(Status.REQUESTING in service.statuses(sold) for sold in (took, lost))

    service.start_worker("worker-heir")
    service.requested_once(took)
    service.requested_once(lost)


def test_a_worker_stopped_in_the_middle_of_a_drain(service: RunningService) -> None:
    """SIGTERM ends it between two calls, within its grace: no order is left claimed, and another worker goes on."""
    stopped = service.start_worker("worker-stopped")
    sold = service.sold("stopped", 45)
    service.invoice(sold)
    service.until(lambda: Status.REQUESTED in service.statuses(sold), "the drain is in its middle")

    assert stopped.stop() == 0
    assert service.statuses(sold) == {Status.REQUESTED, Status.DUE}
    service.start_worker("worker-successor")
    service.requested_once(sold)
