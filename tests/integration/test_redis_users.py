"""The users of config/redis-users.conf: the service can work as one, a producer can do nothing but send events."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from kombu import Queue
from kombu.exceptions import OperationalError
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, NoPermissionError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.retry import Retry

from tests.fixtures.redis_servers import ENGINES, free_port, required
from tests.fixtures.running_parts import ROOT, Part, until
from tests.fixtures.running_service import RunningService, running
from worker.domain.order import Status

PASSWORD = "secret-of-a-test"
NO_RETRY = Retry(NoBackoff(), 0)  # redis-py takes a refusal for a connection that may come back
FILE = ROOT / "config" / "redis-users.conf"
Attempt = Callable[["Redis"], object]


class WithUsers(RunningService):
    """State and messages on one server, where nobody gets in without a user."""

    def open(self) -> None:
        """Start everything, and let the service use its own user."""
        super().open()
        with Redis(port=self.redis.port) as client:
            users = [line.split()[1:] for line in FILE.read_text().splitlines() if line.startswith("user ")]
            for name, *rules in reversed(users):  # the one that this client is goes last
                client.execute_command("ACL", "SETUSER", name, *rules, f">{PASSWORD}")
        for name, database in (("REDIS_URL", 0), ("BROKER_URL", 1)):
            self.variables[f"COLETA_{name}"] = self.address("coleta", database)

    def address(self, user: str, database: int) -> str:
        """Return the address of a database for a user."""
        return f"redis://{user}:{PASSWORD}@127.0.0.1:{self.redis.port}/{database}"


@pytest.fixture(scope="module", params=ENGINES)
def service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WithUsers]:
    """Start a worker and beat."""
    folder: Path = tmp_path_factory.mktemp("users")
    with running(WithUsers(folder, engine=request.param)) as service:
        service.start_worker()
        service.start_beat()
        yield service


def test_an_event_that_the_producer_sends_is_recorded(service: WithUsers) -> None:
    """Celery needs nothing more if it does not declare the queue; and nothing was refused to the service."""
    (sale,) = service.sold("acme")
    producer = service.producer(
        broker_url=service.address("producer", 1), task_queues=[Queue("inbox", no_declare=True)]
    )
    for event in sale.events:
        producer.send_task("coleta.order_invoiced", args=[event], queue="inbox")

    service.await_status([sale], Status.REQUESTED)
    refused = [line for part in service.parts for line in part.text.splitlines() if "no permission" in line]
    assert refused == []


def test_the_producer_can_send_to_no_other_queue(service: WithUsers) -> None:
    """Neither to one of ours."""
    producer = service.producer(
        broker_url=service.address("producer", 1), task_queues=[Queue("pickups", no_declare=True)]
    )

    with pytest.raises(OperationalError, match="permission"):
        producer.send_task("coleta.request_pickups", args=["acme"], queue="pickups", retry=False)


@pytest.mark.parametrize("database", [0, 1], ids=["state", "broker"])
@pytest.mark.parametrize(
    "attempt",
    [
        lambda client: client.lrange("inbox", 0, -1),
        lambda client: client.llen("inbox"),
        lambda client: client.rpop("inbox"),
        lambda client: client.delete("inbox"),
        lambda client: client.expire("inbox", 1),
        lambda client: client.lpush("pickups", "x"),
        lambda client: client.lpush("unacked", "x"),
        lambda client: client.lpush("coleta.aside", "x"),
        lambda client: client.lpush("inbox\x06\x163", "x"),
        lambda client: client.hgetall("unacked"),
        lambda client: client.xadd("coleta:{acme}:inbox", {"event": "x"}),
        lambda client: client.hgetall("coleta:{acme}:order:1"),
        lambda client: client.eval("return redis.call('LLEN', 'inbox')", 0),
        lambda client: client.keys("*"),
        lambda client: client.flushdb(),
        lambda client: client.flushall(),
        lambda client: client.swapdb(0, 1),
        lambda client: client.config_get("*"),
        lambda client: client.info(),
        lambda client: client.publish("/1.celery.pidbox", "x"),
        lambda client: client.acl_list(),
        lambda client: client.shutdown(),
    ],
)
def test_the_producer_can_do_nothing_else(service: WithUsers, attempt: Attempt, database: int) -> None:
    """It reads nothing, empties nothing, and reaches neither another queue nor an order."""
    with Redis.from_url(service.address("producer", database)) as client, pytest.raises(NoPermissionError):
        attempt(client)


def test_the_service_cannot_empty_its_server(service: WithUsers) -> None:
    """What it never does it may not do either."""
    with Redis.from_url(service.address("coleta", 0)) as client, pytest.raises(NoPermissionError):
        client.flushall()


@pytest.mark.parametrize("engine", ENGINES)
def test_a_server_with_these_users_reads_back_all_that_it_wrote(engine: str, tmp_path: Path) -> None:
    """Scripts and transactions too: the server reads its file as the user as whom nobody can log in."""
    users = tmp_path / "users.conf"
    users.write_text(FILE.read_text().replace(" on ", f" on >{PASSWORD} "))
    port = free_port()
    where = ("--port", str(port), "--bind", "127.0.0.1", "--dir", str(tmp_path), "--include", str(users))
    command = [str(required(engine)), str(ROOT / "config" / "redis.conf"), *where]
    for run in ("first", "second"):
        server = Part(run, command, {}, tmp_path)
        try:
            until(partial(_answers, port), f"the {run} server answers", partial(list, (server,)))
            with Redis(port=port, username="coleta", password=PASSWORD, decode_responses=True) as client:
                if run == "first":
                    client.eval("redis.call('SET', 'a', 1) redis.call('SET', 'b', 1)", 2, "a", "b")
                    client.pipeline(transaction=True).set("c", 1).set("d", 1).execute()
                assert client.mget("a", "b", "c", "d") == ["1"] * 4
            with Redis(port=port, retry=NO_RETRY) as nobody, pytest.raises(AuthenticationError):
                nobody.ping()
        finally:
            server.kill()
        assert "CRITICAL" not in server.text


def _answers(port: int) -> bool:
    with Redis(port=port, username="coleta", password=PASSWORD) as client:
        try:
            return bool(client.ping())
        except RedisConnectionError:
            return False
