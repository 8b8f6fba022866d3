"""The units of config/systemd: systemd takes them, and what they start is the service."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.contradictions import STOP_GRACE_SECONDS
from tests.fixtures.deploying import commands
from tests.fixtures.running_parts import Part
from tests.fixtures.running_service import RunningService, running
from tests.fixtures.sales import Sale
from tests.fixtures.systemd_units import Unit, installed

SERVICES = ("coleta-worker@1", "coleta-beat", "coleta-web")
VENV = Path(sys.executable).parent.parent
# In tenths, of 100: systemd's own services that face the network stand at 20 to 60, unprotected ones at 96.
MOST_EXPOSED = 20


def _analyze(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    program = shutil.which("systemd-analyze")
    if program is None and os.environ.get("CI") == "true":
        pytest.fail("systemd-analyze is not there (Debian's package systemd)")
    if program is None:
        pytest.skip("systemd-analyze is not there (Debian's package systemd)")
    # The colon at the end adds systemd's own folders.
    environ = {**os.environ, "SYSTEMD_UNIT_PATH": f"{installed(folder / 'units', VENV)}:"}
    return subprocess.run([program, *arguments], env=environ, capture_output=True, text=True, check=False)


def test_systemd_finds_nothing_wrong(tmp_path: Path) -> None:
    """Every setting is known to it, in its place, and what is started is there."""
    units = [*(f"{name}.service" for name in SERVICES), "coleta.target"]
    checked = _analyze(tmp_path, "verify", "--man=no", *units)

    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_locked_in(tmp_path: Path, name: str) -> None:
    """It runs as nobody of importance, sees little and may do little, as systemd counts it."""
    found = _analyze(
        tmp_path, "security", "--offline=true", "--no-pager", f"--threshold={MOST_EXPOSED}", f"{name}.service"
    )

    assert found.returncode == 0, found.stdout[-2000:]


def test_a_worker_gets_the_grace_that_drains_count_on(tmp_path: Path) -> None:
    """One that is killed earlier leaves its orders to the settling delay."""
    assert Unit("coleta-worker@1", tmp_path, VENV).stop_seconds >= STOP_GRACE_SECONDS


@pytest.fixture
def service(tmp_path: Path) -> Iterator[RunningService]:
    """Everything that the units do not start."""
    with running(RunningService(tmp_path, doors=True)) as started:
        yield started


def test_what_the_units_start_is_the_service(service: RunningService, tmp_path: Path) -> None:
    """With their commands, variables and credentials an order goes through, and each ends within its time.

    The command that docs/deploy.md makes for root sees them.
    """
    units = [Unit(name, tmp_path, VENV) for name in SERVICES]
    given = {name: value for name, value in service.variables.items() if not name.endswith(("_URL", "_FILE", "_DIR"))}
    (tmp_path / "credentials").mkdir()
    (tmp_path / "etc").mkdir()
    shutil.copy(service.file, tmp_path / "etc" / "stores.toml")
    secrets = {"redis_url": service.redis.url, "broker_url": f"{service.redis.url[:-1]}1", "metrics_token": "a" * 48}
    for name in {name for unit in units for name in unit.credentials}:
        (tmp_path / "credentials" / name).write_text(f"{secrets[name]}\n")
    for unit in units:
        folder = Path(unit["WorkingDirectory"])
        folder.mkdir(parents=True)
        environ = {"PATH": os.environ["PATH"], **unit.environment, **given, **service.secrets}
        part = Part(unit.name, unit.command, environ, folder)
        service.parts.append(part)

    service.requested_once(_invoiced(service))
    service.until(lambda: "web.started" in service.parts[-1].text, "web answers")
    assert "worker-1@" in service.parts[-3].text
    seen = _as_root(tmp_path, {**given, **service.secrets})
    assert "redis.ok" in seen.stdout, seen.stderr
    assert "worker-1@" in seen.stdout
    for unit, part in zip(units, service.parts[-3:], strict=True):
        part.process.terminate()
        assert part.process.wait(unit.stop_seconds) == 0, part.last_lines()


def _as_root(folder: Path, settings: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    """Type the command of docs/deploy.md, with its files in a folder and under the user that runs the test."""
    (folder / "sbin").mkdir()
    (folder / "etc" / "env").write_text("".join(f"{name}='{value}'\n" for name, value in settings.items()))
    typed = commands("cat > /usr/local/sbin/coleta").replace("setpriv --reuid=coleta --regid=coleta --init-groups ", "")
    for there, here in (
        ("/etc/coleta/credentials", "credentials"),
        ("/etc/coleta", "etc"),
        ("/usr/local/sbin", "sbin"),
    ):
        typed = typed.replace(there, str(folder / here))
    environ = {"PATH": f"{folder / 'sbin'}{os.pathsep}{os.environ['PATH']}"}
    return subprocess.run(
        ["sh", "-c", typed.replace("/opt/coleta/venv", str(VENV))],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )


def _invoiced(service: RunningService) -> list[Sale]:
    sold = service.sold("acme")
    service.invoice(sold)
    return sold
