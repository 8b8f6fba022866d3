"""What is told of a cluster as a whole, by metrics, doctor and probes: on three nodes, of which one dies."""

import os
from collections.abc import Iterator

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from config.settings import load_settings
from config.stores import SkyHubAccount, Store
from tests.contracts.samples import canceled
from tests.fixtures.redis_clusters import cluster_url, node_of, running_cluster
from tests.fixtures.redis_servers import NOT_PERSISTENT, Server, free_port, required, started
from worker.adapters.redis_clients import connect_briefly
from worker.adapters.redis_ledger import GatheringTally, Limits, RedisFleet, RedisMeters
from worker.adapters.redis_ledger.keys import NO_STORE
from worker.adapters.redis_ledger.oldest import oldest_events
from worker.adapters.redis_ledger.processes import RedisProcesses
from worker.entrypoints.doctor.examine import Report, examine
from worker.entrypoints.doctor.findings import Check
from worker.entrypoints.doctor.preparing import Prepared
from worker.entrypoints.probe import judge
from worker.ports import Drain
from worker.ports.processes import Kind, Trace

NODES = 3
DEAD = node_of(NO_STORE, NODES)
NAMES = [f"store-{number}" for number in range(12)]
AWAY = [name for name in NAMES if node_of(name, NODES) == DEAD]
THERE = [name for name in NAMES if name not in AWAY]
WORKER = Trace(kind=Kind.WORKER, name="worker@here", host="here", pid=os.getpid(), version="1")


class Looked:
    """A cluster as it was whole, and as it is with a dead node: what the doctor found of it, and its client."""

    def __init__(self, servers: list[Server], broker: Server) -> None:
        self.servers = servers
        urls = {"REDIS_URL": cluster_url([server.port for server in servers]), "BROKER_URL": _url(broker)}
        self.settings = load_settings({f"COLETA_{name}": url for name, url in urls.items()})
        self.client = connect_briefly(self.settings.redis_url)
        self.fleet, self.meters = RedisFleet(self.client, Limits()), RedisMeters(self.client)
        self.processes = RedisProcesses(self.client)
        self.fleet.remember(NAMES)
        self.fleet.append({name: [canceled()] for name in NAMES})
        self.meters.swept()
        self.processes.note(WORKER, {"began": 0.0})

    def examine(self) -> Report:
        """Let the doctor look; no SkyHub is there."""
        account = SkyHubAccount(
            base_url=f"http://127.0.0.1:{free_port()}",
            user_email="a@b.example",
            api_key="key",
            accountmanager_key="key",
        )
        stores = {name: Store(name=name, skyhub=account) for name in (AWAY[0], THERE[0])}
        return examine(Prepared(self.settings, stores))

    def places(self, report: Report, check: Check) -> list[str]:
        """Return the nodes, or the stores, of which this was found."""
        return [each.store or each.found.partition(": ")[0] for each in report.everything if each.check is check]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Looked, Report]]:
    """Give three nodes, and what the doctor says of them."""
    folder = tmp_path_factory.mktemp("looks")
    with (
        running_cluster("redis", folder, NODES) as servers,
        started(required("redis"), folder / "broker", *NOT_PERSISTENT) as broker,
    ):
        looked = Looked(servers, broker)
        yield looked, looked.examine()
        looked.client.close()


@pytest.fixture(scope="module")
def crippled(whole: tuple[Looked, Report]) -> Looked:
    """Give them with one dead, the one that has the keys of no store."""
    looked, _ = whole
    looked.servers[DEAD].process.kill()
    looked.servers[DEAD].process.wait(10)
    return looked


def _url(server: Server) -> str:
    return f"redis://127.0.0.1:{server.port}/0"


def _nodes(servers: list[Server]) -> list[str]:
    return sorted(f"127.0.0.1:{server.port}" for server in servers)


def test_the_doctor_looks_at_every_node_and_names_it(whole: tuple[Looked, Report]) -> None:
    """These keep nothing; processes and stores are seen as on one server."""
    looked, report = whole
    assert sorted(looked.places(report, Check.REDIS_FORGETS)) == _nodes(looked.servers)
    checks = {each.check for each in report.everything}
    assert {Check.WORKER_OK, Check.BROKER_OK, Check.STORE_TAKEN_OUT} <= checks
    assert not checks & {Check.REDIS_UNREACHABLE, Check.REDIS_NODE_AWAY, Check.STORE_AWAY, Check.PROCESS_UNKNOWN}
    assert [each.store for each in report.stores] == sorted(NAMES)


def test_the_metrics_leave_out_what_is_away_and_name_it(crippled: Looked) -> None:
    """Neither does what they count for the others wait for the node."""
    reading = crippled.meters.read(NAMES)
    assert [figures.store for figures in reading.stores] == THERE
    assert {figures.inbox for figures in reading.stores} == {1}
    assert (reading.away, reading.shared, reading.swept_at) == (AWAY, None, None)
    crippled.meters.swept()
    work = [(name, Drain.INBOX) for name in NAMES]
    assert crippled.meters.forgotten(work, -60_000) == [(name, Drain.INBOX) for name in THERE]
    assert oldest_events(crippled.client, NAMES).keys() == set(THERE)
    tally = GatheringTally(crippled.meters)
    for name in ("", *NAMES):
        tally.add(name, "call:order:2xx")
    tally.flush()
    assert [each.counters["call:order:2xx"] for each in crippled.meters.read(NAMES).stores] == [1] * len(THERE)


def test_the_doctor_names_the_node_that_is_away_and_shows_the_rest(crippled: Looked) -> None:
    """The processes cannot be told: what they say of themselves is there."""
    report = crippled.examine()
    dead = crippled.servers[DEAD]
    assert crippled.places(report, Check.REDIS_NODE_AWAY) == _nodes([dead])
    others = [server for server in crippled.servers if server is not dead]
    assert sorted(crippled.places(report, Check.REDIS_FORGETS)) == _nodes(others)
    checks = {each.check for each in report.findings}
    assert Check.PROCESS_UNKNOWN in checks
    assert Check.REDIS_UNREACHABLE not in checks
    assert crippled.places(report, Check.STORE_AWAY) == [AWAY[0]]
    assert crippled.places(report, Check.STORE_NO_TELLER) == [THERE[0]]
    assert crippled.places(report, Check.SKYHUB_UNREACHABLE) == sorted([AWAY[0], THERE[0]])


def test_no_process_is_restarted_for_a_node_that_is_away(crippled: Looked) -> None:
    """The probe learns that it cannot know, as where a whole server is away."""
    with pytest.raises(RedisConnectionError):
        judge(Kind.WORKER, "", crippled.processes)
