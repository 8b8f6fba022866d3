"""What `coleta up` and a worker do where RabbitMQ refuses them: they end with one sentence, and do not ask for ever."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from kombu import Connection, Exchange, Queue

from config.settings import load_settings
from tests.fixtures.deployment import environment, secrets, stores_file
from tests.fixtures.rabbitmq import RabbitPart
from tests.fixtures.redis_servers import NOT_PERSISTENT, free_port, required, started
from tests.fixtures.running_parts import Part, until
from tests.fixtures.running_up import Up, ending
from worker.entrypoints.doctor.broker_state import check_broker
from worker.entrypoints.doctor.findings import Check

WORKER = ("-m", "celery", "-A", "worker", "worker")
FOREIGN = Queue("inbox", Exchange("inbox"), routing_key="inbox")


@pytest.fixture(scope="module")
def rabbit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RabbitPart]:
    """Give a broker to which a producer sent by the queue's name before the service first came up."""
    part = RabbitPart("rabbit", tmp_path_factory.mktemp("rabbitmq"))
    try:
        with Connection(part.url) as connection:
            connection.Producer().publish("early", declare=[FOREIGN], exchange="inbox", routing_key="inbox")
        until(lambda: part.waiting("inbox") == 1, "the message waits")
        yield part
    finally:
        part.kill()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with a stores file where it is expected."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "stores.toml").write_text(stores_file(["acme"], "http://127.0.0.1:1"))
    return tmp_path


def _refused(folder: Path, url: str) -> str:
    """Return the sentence with which `coleta up` does not start; nothing was started then."""
    with ending(Up(folder, settings={"BROKER_URL": url}, secrets=secrets(["acme"]))) as up:
        assert up.ended() == 1
        assert not up.events("process.started")
        assert not up.events("server.started")
        assert "Traceback" not in up.text
        return up.sentence()


def test_up_names_a_queue_that_somebody_else_made(rabbit: RabbitPart, folder: Path) -> None:
    """What is wrong, how to mend it, no password; its messages stay."""
    said = _refused(folder, rabbit.url)

    assert said.startswith(f"coleta: RabbitMQ at amqp://127.0.0.1:{rabbit.port}// (COLETA_BROKER_URL) refuses this")
    assert "somebody else made the queue `inbox`" in said
    assert "`rabbitmqctl delete_queue inbox -p / --if-empty`" in said
    assert rabbit.password not in said
    assert said.count("\n") == 1
    assert rabbit.waiting("inbox") == 1


def test_up_names_a_wrong_password(rabbit: RabbitPart, folder: Path) -> None:
    """And does not repeat it."""
    said = _refused(folder, rabbit.url.replace(rabbit.password, "not-its-password"))

    assert "correct the user and the password in COLETA_BROKER_URL" in said
    assert "not-its-password" not in said


def test_up_names_a_virtual_host_that_is_not_there(rabbit: RabbitPart, folder: Path) -> None:
    """With the command that makes it."""
    assert "`rabbitmqctl add_vhost sales`" in _refused(folder, rabbit.url.removesuffix("/") + "sales")


def test_a_worker_ends_with_the_same_sentence(rabbit: RabbitPart, folder: Path) -> None:
    """Before it takes a message."""
    with started(required("valkey"), folder / "redis", *NOT_PERSISTENT) as redis:
        url = f"redis://127.0.0.1:{redis.port}/0"
        environ = environment(secrets(["acme"]), REDIS_URL=url, BROKER_URL=rabbit.url, ALLOW_UNSAFE_REDIS="1")
        worker = Part("worker", [sys.executable, *WORKER], environ, folder)
        try:
            until(lambda: not worker.runs, "it ends", lambda: [worker], 60)
        finally:
            worker.kill()

    assert worker.process.returncode == 1
    assert "coleta: RabbitMQ at" in worker.text
    assert "somebody else made the queue `inbox`" in worker.text
    assert "Traceback" not in worker.text
    assert rabbit.password not in worker.text


def _doctor_says(url: str) -> tuple[Check, str]:
    """Return what `coleta doctor` finds of this broker, and its advice."""
    (finding,) = check_broker(load_settings({"COLETA_REDIS_URL": "redis://127.0.0.1:1/0", "COLETA_BROKER_URL": url}))
    return finding.check, f"{finding.found} -> {finding.advice}"


def test_the_doctor_names_what_is_missing_and_makes_none_of_it(rabbit: RabbitPart) -> None:
    """A second look finds the same; what waits is left alone."""
    for _ in range(2):
        check, said = _doctor_says(rabbit.url)
        assert check is Check.BROKER_QUEUES_MISSING
        assert "has no queue pickups, upkeep -> start a worker" in said
    assert rabbit.waiting("inbox") == 1


def test_the_doctor_tells_a_refusal_from_a_broker_that_is_away(rabbit: RabbitPart) -> None:
    """Each with its mend, and no password."""
    wrong = _doctor_says(rabbit.url.replace(rabbit.password, "not-its-password"))
    nowhere = _doctor_says(rabbit.url.removesuffix("/") + "sales")
    away = _doctor_says(rabbit.url.replace(str(rabbit.port), str(free_port())))

    assert [wrong[0], nowhere[0], away[0]] == [Check.BROKER_REFUSES, Check.BROKER_REFUSES, Check.BROKER_UNREACHABLE]
    assert "correct the user and the password in COLETA_BROKER_URL" in wrong[1]
    assert "`rabbitmqctl add_vhost sales`" in nowhere[1]
    assert "not-its-password" not in wrong[1]
    assert rabbit.password not in away[1]
