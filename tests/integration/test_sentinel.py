"""State and messages on servers that Sentinels watch: the primary dies under load, and the work goes on by itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from tests.fixtures.deployment import SHORT
from tests.fixtures.running_service import RunningService, running
from tests.fixtures.sentinels import Watched, watched
from worker.domain.order import Status

ORDERS = 24
# Small batches, so that the primary dies in the middle of them.
_SETTINGS = {**SHORT, "CONFIRM_BATCH": "3"}
# Claim and settling delay of `SHORT`: the quarantine after a change of server.
_QUARANTINE_SECONDS = 3.0


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[Watched]:
    """Give a primary, its replica, and three Sentinels."""
    folder = tmp_path / "servers"
    folder.mkdir()
    with watched(folder) as servers:
        yield servers


@pytest.fixture
def service(tmp_path: Path, servers: Watched) -> Iterator[RunningService]:
    """Give a worker, beat and web that know the Sentinels and nothing else."""
    settings = {**_SETTINGS, "REDIS_URL": servers.url}
    with running(RunningService(tmp_path, settings=settings, doors=True)) as service:
        service.start_worker()
        service.start_beat()
        service.start_web()
        yield service


def test_a_failover_in_the_middle_of_requesting_breaks_no_promise(service: RunningService, servers: Watched) -> None:
    """By hand nothing is done: doors, recording and requesting go on at the new primary, after the quarantine."""
    before = service.sold("acme", ORDERS)
    service.invoice(before)
    service.until(lambda: service.statuses(before) <= {Status.DUE, Status.REQUESTING, Status.REQUESTED}, "all are due")
    with Redis(port=servers.primary.port) as client:
        assert client.wait(1, 5_000) == 1  # what was acknowledged so far, the replica has
    service.until(lambda: 0 < sum(service.accepted(before)) < ORDERS, "some are requested")
    servers.primary.kill()

    during = service.sold("acme", 3)
    service.tell(during)
    service.until(lambda: service.told("server.changed"), "the new primary is noticed", supervised=True)
    changed_at = service.service.fleet.overview(["acme"])[0].changed_at / 1000
    service.requested_once([*before, *during])
    accepted = [at for times in service.sandbox.report().accepted.values() for at in times]
    assert [at for at in accepted if changed_at < at < changed_at + _QUARANTINE_SECONDS] == []
    with Redis(port=servers.replica.port, decode_responses=True) as client:
        assert client.role()[0] == "master"
