"""Other commands in the directory of `coleta up --sandbox`, and its options."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.settings import Settings, load_settings
from tests.fixtures.coleta import COLETA
from tests.fixtures.deployment import secrets, stores_file
from tests.fixtures.running_parts import ROOT
from worker.entrypoints.embedded import start_embedded
from worker.entrypoints.embedded.folder import take_lock
from worker.entrypoints.sandbox_home import UP_LOCK, in_sandbox


def _said(folder: Path, environ: dict[str, str], *command: str) -> str:
    """Return what a command that ends says on standard error."""
    done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, timeout=60, check=False)
    return done.stderr


@contextmanager
def _living_up(settings: Settings) -> Iterator[None]:
    """Hold what an `up` holds while it lives."""
    lock = take_lock(settings.data_dir / UP_LOCK)
    assert lock is not None
    yield
    os.close(lock)


def test_other_commands_in_its_directory_use_its_broker() -> None:
    """Events of a trial that `coleta send` hands in are no hint for the workers of the real orders."""
    real = load_settings({"COLETA_BROKER_URL": "amqp://rabbit", "COLETA_WEB_PORT": "8001"})

    trial = in_sandbox(real).with_redis_url("redis://127.0.0.1:7000/0")

    assert (trial.broker_url, trial.web_port) == ("redis://127.0.0.1:7000/1", 8001)


def test_other_commands_prefer_the_service_to_the_sandbox(tmp_path: Path) -> None:
    """Where both run in one directory, each on its own server, they are about the real orders."""
    settings = load_settings({"COLETA_DATA_DIR": str(tmp_path / ".coleta")})
    trial = in_sandbox(settings)
    for store, file in (("mine", tmp_path / "config" / "stores.toml"), ("trial", trial.stores_file.absolute())):
        file.parent.mkdir(parents=True)
        file.write_text(stores_file([store], "http://127.0.0.1:1"))
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **secrets(["mine", "trial"])}

    def known() -> str:
        return _said(tmp_path, environ, COLETA, "orders", "--store", "nobody")

    with start_embedded(trial):
        with _living_up(trial):
            assert known().startswith("on the simulated SkyHub of coleta up --sandbox\n")
            assert "(known: trial)" in known()
            with start_embedded(settings):
                assert "(known: mine)" in known()
                assert "simulated" not in known()
        assert "no embedded one runs" in known()  # the server that a killed `up` left behind
    assert "no embedded one runs" in known()


def test_what_is_started_by_hand_never_serves_the_sandbox(tmp_path: Path) -> None:
    """A worker, beat or web whose server is not named says so, whatever trial runs in the directory."""
    trial = in_sandbox(load_settings({"COLETA_DATA_DIR": str(tmp_path / ".coleta")}))
    trial.stores_file.parent.mkdir(parents=True)
    trial.stores_file.write_text(stores_file(["trial"], "http://127.0.0.1:1"))
    mine = tmp_path / "stores.toml"
    mine.write_text(stores_file(["mine"], "http://127.0.0.1:1"))
    environ = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "COLETA_STORES_FILE": str(mine),
        **secrets(["mine", "trial"]),
    }
    worker = (sys.executable, "-m", "celery", "-A", "worker", "worker")

    with start_embedded(trial), _living_up(trial):
        for command in (worker, (COLETA, "web")):
            assert _said(tmp_path, environ, *command).startswith("coleta: no ")


def test_its_options_go_with_it(tmp_path: Path) -> None:
    """Orders that arrive by themselves are nothing for a real SkyHub."""
    done = subprocess.run(
        [COLETA, "up", "--orders-per-minute", "5"], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert done.returncode == 2
    assert "orders arrive with --sandbox only" in done.stderr
