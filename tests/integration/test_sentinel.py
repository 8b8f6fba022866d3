"""State and messages on servers that Sentinels watch: the primary dies under load, and the work goes on by itself."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from redis import Redis

from tests.fixtures.deployment import SHORT
from tests.fixtures.running_parts import NO_TLS
from tests.fixtures.running_service import RunningService, running
from tests.fixtures.sentinels import Watched, watched
from worker.adapters.redis_clients import brief_client
from worker.adapters.redis_ledger import RedisMeters
from worker.adapters.redis_ledger.processes import RedisProcesses
from worker.domain.order import Status
from worker.entrypoints.probe import judge
from worker.ports.processes import Kind

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


def _is_seen_whole(service: RunningService, servers: Watched) -> None:
    """Expect doctor, probes, the processes' traces and the metrics to find the primary, of state and of messages."""
    with brief_client(servers.url) as client:
        processes = RedisProcesses(client)
        service.until(lambda: {trace.kind for trace in processes.seen()[0]} == {*Kind}, "each has said something")
        assert [kind for kind in (Kind.WORKER, Kind.BEAT) if not judge(kind, "", processes).well] == []
    service.until(lambda: RedisMeters(service.service.redis).swept_at(), "a sweep came to its end")
    done = service.coleta("doctor", "--json")
    found = {each["check"]: each["found"] for each in json.loads(done.stdout)["findings"]}
    well = {f"{name}.ok" for name in ("redis", "broker", "worker", "beat", "web", "skyhub")}
    assert well - found.keys() == set(), found
    assert servers.url.partition("?")[0] in found["redis.ok"]
    assert ", the state's own server: " in found["broker.ok"]
    metrics = httpx.get(f"{service.web}/metrics", verify=NO_TLS, timeout=10).text
    assert "coleta_up 1.0\n" in metrics
    assert 'coleta_store_away{store="acme"} 0.0\n' in metrics


def test_a_failover_in_the_middle_of_requesting_breaks_no_promise(service: RunningService, servers: Watched) -> None:
    """By hand nothing is done: doors, recording and requesting go on at the new primary, after the quarantine.

    Before it whatever looks at the service finds the old one.
    """
    _is_seen_whole(service, servers)
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
