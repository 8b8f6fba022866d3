"""What docker-compose.yml promises of every container, read from the file."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.fixtures.compose_file import COMPOSE, Service, services
from tests.fixtures.deploying import make_secrets
from tests.fixtures.running_parts import ROOT
from worker.usecases import reread_orders

ALL = services().values()
# Databases write beside their code, and their images could not be tried here.
READ_ONLY = [service for service in ALL if service.name not in {"grafana", "rabbitmq"}]
named = pytest.mark.parametrize("service", ALL, ids=[service.name for service in ALL])


@named
def test_a_container_is_bounded_and_comes_back(service: Service) -> None:
    """It is started again, has an init and a health check, and fills neither the memory nor the disk."""
    entry = service.entry

    assert (entry["restart"], entry["init"], entry["cap_drop"]) == ("unless-stopped", True, ["ALL"])
    assert entry["security_opt"] == ["no-new-privileges:true"]
    assert "mem_limit" in entry
    assert {"max-size", "max-file"} <= entry["logging"]["options"].keys()
    assert service.healthcheck


def test_a_worker_with_a_hundred_threads_has_room_for_them() -> None:
    """Three quarters of them call, each with as many calls side by side as one makes, each connecting aside."""
    most = 100 + 75 * 2 * reread_orders._AT_ONCE
    unit = (ROOT / "config" / "systemd" / "coleta-worker@.service").read_text()
    (tasks_max,) = re.findall(r"^TasksMax=(\d+)$", unit, re.MULTILINE)

    assert most < services()["worker"].entry["pids_limit"]
    assert most < int(tasks_max)


@pytest.mark.parametrize("service", READ_ONLY, ids=[service.name for service in READ_ONLY])
def test_a_container_cannot_change_its_code(service: Service) -> None:
    """Its file system is read-only."""
    assert service.entry["read_only"] is True


@named
def test_nothing_is_reached_from_elsewhere(service: Service) -> None:
    """Published ports listen on this machine only; Redis and RabbitMQ have none, and no way out."""
    assert [port for port in service.entry.get("ports", ()) if not port.startswith("127.0.0.1:")] == []
    if service.name in {"redis", "rabbitmq"}:
        assert "ports" not in service.entry
        assert service.entry["networks"] == ["inside"]


@named
def test_an_image_is_pinned(service: Service) -> None:
    """To a minor version at least, or it is ours; and no host of images is named."""
    assert service.is_ours or re.fullmatch(r"[a-z]+(/[a-z]+)?:v?\d+\.\d+(\.\d+)?(-\w+)?", service.image)


@named
def test_no_secret_stands_in_the_file(service: Service) -> None:
    """A variable that is a secret names a file."""
    secret = re.compile(r"PASSWORD|TOKEN|SECRET|DSN|_URL|_AUTH")

    found = {name: value for name, value in service.environment.items() if secret.search(name)}

    assert [name for name, value in found.items() if not re.match(r"(file:)?/run/secrets/", value)] == []


def test_the_first_start_makes_every_secret_that_the_file_names(tmp_path: Path) -> None:
    """docs/deploy.md: only their owner can reach them, any user of a container can read its own; twice changes none."""
    made = make_secrets(tmp_path)

    assert {path for service in ALL for path in service.secret_files.values()} <= set(made)
    assert (tmp_path / ".secrets").stat().st_mode & 0o777 == 0o700
    assert {(tmp_path / path).stat().st_mode & 0o444 for path in made} == {0o444}
    assert make_secrets(tmp_path) == made


def test_what_is_mounted_is_there() -> None:
    """A missing file would become an empty folder."""
    mounted = {mount.source or "" for service in ALL for mount in service.mounts}
    there = sorted(path for path in mounted if path.startswith("./config"))

    assert "./config" in there
    assert [path for path in there if not (ROOT / path).exists()] == []


def test_the_workers_of_the_file_can_be_several() -> None:
    """Nothing that there can be only one of: no name, and no volume that they would share to write to."""
    for name in ("worker", "beat"):
        service = services()[name]
        assert "container_name" not in service.entry
        assert "ports" not in service.entry
        assert [mount.target for mount in service.mounts if mount.writable and mount.source] == []


def test_git_and_the_image_leave_the_secrets_out() -> None:
    """They never leave the machine by accident."""
    ignored = subprocess.run(["git", "check-ignore", ".secrets/redis_url"], cwd=ROOT, check=False, capture_output=True)

    assert not (ROOT / ".git").exists() or ignored.returncode == 0
    assert (ROOT / ".dockerignore").read_text().splitlines()[1] == "*"
    assert COMPOSE.exists()
