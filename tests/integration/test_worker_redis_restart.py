"""The Redis server dies in mid-run and comes back with what was on its disk."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fixtures.deployment import SHORT
from tests.fixtures.running_service import RunningService, running
from worker.domain.order import Status
from worker.ports import Drain

SETTINGS = {**SHORT, "CONFIRM_BATCH": "3"}
QUARANTINE_SECONDS = float(SHORT["CLAIM_SECONDS"]) + float(SHORT["SETTLING_SECONDS"])


@pytest.fixture
def service(tmp_path: Path) -> Iterator[RunningService]:
    """Start a worker and beat, on one server for state and messages."""
    with running(RunningService(tmp_path, settings=SETTINGS, engine="redis")) as service:
        service.start_beat()
        service.start_worker()
        yield service


def test_a_restart_of_redis_loses_nothing_and_repeats_nothing(service: RunningService) -> None:
    """Recording goes on at once, no confirmation is sent in quarantine, and afterwards every order has one."""
    before = service.sold("acme", 30)
    service.invoice(before)
    service.until(lambda: Status.REQUESTED in service.statuses(before), "the drain is in its middle")
    service.redis.kill()
    service.redis.start()

    after = service.sold("acme", 5)
    service.invoice(after)
    service.until(lambda: service.statuses(after) == {Status.DUE}, "the events are recorded", supervised=True)
    changed_at = _changed_at(service)
    everything = [*before, *after]
    service.until(lambda: service.statuses(everything) == {Status.REQUESTED}, "all is requested", supervised=True)

    assert service.accepted(everything) == [1] * 35
    assert service.violations(everything) == {}
    accepted = [at for times in service.sandbox.report().accepted.values() for at in times]
    in_quarantine = [at for at in accepted if 0 <= at - changed_at < QUARANTINE_SECONDS]
    assert in_quarantine == []
    assert max(accepted) >= changed_at + QUARANTINE_SECONDS


def _changed_at(service: RunningService) -> float:
    """Return when a drain noticed that the server was another one, in Unix seconds."""
    ledger = service.ledger("acme")
    service.until(lambda: ledger.standing(Drain.PICKUPS).changed_at > 0, "the change is noticed")
    return ledger.standing(Drain.PICKUPS).changed_at / 1000
