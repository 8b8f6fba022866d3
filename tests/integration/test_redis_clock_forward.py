"""The clock of the Redis server is set forward while a request is on its way: SkyHub gets no second one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fixtures.deployment import SHORT, account
from tests.fixtures.running_parts import RedisPart
from tests.fixtures.running_service import RunningService, running
from tests.fixtures.stepped_clock import SteppedClock
from worker.domain.order import Status
from worker.entrypoints.hints import hint
from worker.ports import Drain
from worker.sandbox.faults import Fault

# The lists show it later than the other worker looks, and sooner than settling ends; the step is far longer.
LAG_SECONDS, STEP_SECONDS = 1.9, 200
SETTINGS = {**SHORT, "CLAIM_SECONDS": "2", "SETTLING_SECONDS": "2"}


class Clocked(RunningService):
    """A service whose Redis has a clock of its own."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, settings=SETTINGS)
        self.clock = SteppedClock(folder)

    def own_redis(self) -> RedisPart:
        return RedisPart("redis", self.folder, "valkey", variables=self.clock.variables)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Clocked]:
    """Redis and the sandbox; the test starts its workers, and nobody beats."""
    with running(Clocked(tmp_path)) as service:
        yield service


def test_a_request_on_its_way_is_not_sent_again(service: Clocked) -> None:
    """By the new clock both its claim and its settling are long over, while no list shows it yet.

    The worker that sent it died. The other one met the server at its start, and has not worked for the store since.
    """
    service.sandbox.settings(lists_lag_seconds=LAG_SECONDS)
    sending = service.start_worker("worker-sending")
    on_its_way = service.sandbox.fault(Fault(call="confirm", account=account("acme"), when="after", hang_seconds=9))
    sold = service.sold("acme", 2)
    other = service.start_worker("worker-other")
    other.pause()
    service.invoice(sold)

    def sent() -> bool:
        """Whether it is, hinting on: the first message went to the worker that is stopped."""
        service.ledger("acme").clear_hint(Drain.INBOX)
        hint(service.app, service.ledger("acme"), Drain.INBOX)
        return on_its_way in service.sandbox.struck()

    service.until(sent, "the request is on its way")
    sending.kill()
    before = service.ledger("acme").now()
    service.clock.step(STEP_SECONDS)
    service.until(lambda: service.ledger("acme").now() > before + STEP_SECONDS * 1000, "the clock is ahead")
    service.messages.flushdb()  # what the dead worker held
    other.resume()

    def asked_again() -> bool:
        hint(service.app, service.ledger("acme"), Drain.PICKUPS)
        return service.statuses(sold) == {Status.REQUESTED}

    service.until(asked_again, "the lists have told")
    assert service.accepted(sold) == [1, 1]
    assert service.violations(sold) == {}
    assert [line["seconds"] for line in service.told("clock.set_forward")] == [STEP_SECONDS]
