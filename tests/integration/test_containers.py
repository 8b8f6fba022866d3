"""docker-compose.yml taken at its word: its own commands, users, files, secrets and ports, without an engine."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError
from redis.retry import Retry

from tests.fixtures import containers
from tests.fixtures.containers import Container
from tests.fixtures.deployed import OURS, Deployed

PLACES = {"/tmp", "/data"}  # noqa: S108 - what the file lets a container write


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """All four services as the file describes them, and a simulated SkyHub in the same network."""
    containers.required()
    made = Deployed(tmp_path_factory.mktemp("containers"))
    try:
        made.open()
        made.expect_healthy(made.start("redis"))
        for name in OURS[1:]:
            made.start(name)
        yield made
    finally:
        made.close()


def test_an_order_goes_through(deployed: Deployed) -> None:
    """Handed in at the port that is published, it is requested: with these users, files, secrets and addresses."""
    deployed.one_goes_through()


def test_there_may_be_several_workers_and_beats(deployed: Deployed) -> None:
    """As `--scale worker=2 --scale beat=2` starts them: each has a place of its own to write to."""
    added = [deployed.start("worker", 2), deployed.start("beat", 2)]
    deployed.until(lambda: " ready." in added[0].text, "the second worker takes messages")
    deployed.until(lambda: "Sending due task" in added[1].text, "the second beat beats")
    deployed.one_goes_through()

    assert [part.name for part in deployed.parts() if not part.runs] == []


@pytest.mark.parametrize("name", OURS)
def test_a_container_has_no_rights(deployed: Deployed, name: str) -> None:
    """It is not root, cannot become it, and can write where the file lets it: nowhere beside its code."""
    container = deployed.running[f"{name}-1"]
    deployed.until(lambda: _status(container)["Uid"] == container.user[0], "it has become its user")
    status = _status(container)
    assert container.user[0] != "0"
    assert (int(status["CapBnd"], 16), status["NoNewPrivs"]) == (0, "1")

    found = [container.run(["find", top, "-xdev", "-writable"]).stdout.split() for top in ("/", *PLACES, "/etc/coleta")]
    assert {"/".join(path.split("/")[:2]) for paths in found for path in paths} == PLACES


def _status(container: Container) -> dict[str, str]:
    lines = Path(f"/proc/{container.process.pid}/status").read_text().splitlines()
    return {name: value.split("\t")[0] for name, _, value in (line.partition(":\t") for line in lines)}


def test_no_password_is_seen(deployed: Deployed) -> None:
    """Neither on a command line, which `ps` shows to every user of the machine, nor in a log."""
    deployed.one_goes_through()
    started = [Path(f"/proc/{part.process.pid}/cmdline").read_text() for part in deployed.parts()]
    seen = "".join([*started, *(part.text for part in deployed.parts())])
    secrets = deployed.secrets()

    assert {"redis_password", "redis_url", "metrics_token", "acme_skyhub_api_key"} <= secrets.keys()
    filled = {name: secret for name, secret in secrets.items() if secret}  # whoever mails no alerts leaves theirs empty
    assert filled.keys() == secrets.keys() - {"smtp_password"}
    assert [name for name, secret in filled.items() if secret in seen] == []


def test_redis_wants_its_password_and_forgets_nothing(deployed: Deployed) -> None:
    """Who is in the network has not yet got in; every write is on the disk before its answer, and none is evicted."""

    def settings() -> dict[str, str]:
        with Redis(port=6379, retry=Retry(NoBackoff(), 0)) as stranger, pytest.raises(AuthenticationError):
            stranger.ping()
        with Redis(port=6379, password=deployed.secrets()["redis_password"], decode_responses=True) as client:
            found: dict[str, str] = client.config_get("append*", "maxmemory*")
            return found

    found = deployed.network.inside(settings)
    wanted = {"appendonly": "yes", "appendfsync": "always", "maxmemory-policy": "noeviction", "maxmemory": str(2 << 30)}
    assert found | wanted == found


def test_each_ends_within_its_grace_and_comes_back(deployed: Deployed) -> None:
    """Stopped in Docker's order and started again, as for an upgrade; each health check tells life from death."""
    deployed.one_goes_through()
    for name in OURS:
        deployed.expect_healthy(deployed.running[f"{name}-1"])
    for name in reversed(OURS):
        container = deployed.running[f"{name}-1"]
        container.process.terminate()
        assert container.process.wait(container.service.grace_seconds) == 0, container.last_lines()
        assert container.run_anew(container.service.healthcheck).returncode != 0
    for name in OURS:
        deployed.running[f"{name}-1"].start()
    deployed.one_goes_through()
    for name in OURS:
        deployed.expect_healthy(deployed.running[f"{name}-1"])


def test_a_killed_container_is_not_taken_for_a_running_one(deployed: Deployed) -> None:
    """It could not say good-bye; started again, it is well once more."""
    for name in reversed(OURS):
        container = deployed.running[f"{name}-1"]
        deployed.expect_healthy(container)
        container.kill()
        assert container.run_anew(container.service.healthcheck).returncode != 0, name
    for name in OURS:
        deployed.running[f"{name}-1"].start()
    deployed.one_goes_through()
