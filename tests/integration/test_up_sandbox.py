"""`coleta up --sandbox`: no file, no account, no Redis; orders arrive and are requested."""

import json
import os
import signal
import subprocess
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from config.settings import load_settings
from tests.fixtures.command_line import COLETA
from tests.fixtures.deployment import SHORT, secrets, stores_file
from tests.fixtures.running_parts import ROOT, RedisPart
from tests.fixtures.running_up import Up, ending, living_below
from worker.entrypoints.embedded import start_embedded
from worker.entrypoints.sandbox_home import in_sandbox
from worker.sandbox.control import SandboxControl
from worker.sandbox.report import Report

PACE = ("--sandbox", "--workers", "1", "--orders-per-minute", "240")


@contextmanager
def _sandbox(folder: Path, **settings: str) -> Iterator[Up]:
    with ending(Up(folder, *PACE, settings={**SHORT, **settings})) as up:
        up.await_ready()
        yield up


def _home(up: Up) -> Path:
    return up.folder / ".coleta" / "sandbox"


@contextmanager
def _skyhub(up: Up) -> Iterator[SandboxControl]:
    """Give what steers the simulated SkyHub that the stores file names."""
    stores = tomllib.loads((_home(up) / "stores.toml").read_text())["stores"]
    (url,) = {store["skyhub"]["base_url"] for store in stores.values()}
    with SandboxControl(url) as control:
        yield control


def _orders(up: Up, **variables: str) -> list[dict[str, Any]]:
    """Return what `coleta orders` prints in another terminal."""
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": up.environ["PYTHONPATH"], **variables}
    done = subprocess.run(
        [COLETA, "orders", "--json"], cwd=up.folder, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def _no_promise_broke(up: Up, report: Report) -> None:
    """No order was requested early, twice or in vain; what was complete is requested soon."""
    with _skyhub(up) as skyhub:
        up.until(lambda: not set(report.lost) & set(skyhub.report().lost), "what is complete is requested")
        assert skyhub.report().violations.keys() <= {"lost"}


@pytest.mark.slow
def test_orders_arrive_and_are_requested_and_other_commands_see_them(tmp_path: Path) -> None:
    """Without a file and without a setting; SkyHub's own report finds no fault; Ctrl-C ends all of it."""
    with _sandbox(tmp_path) as up:
        with _skyhub(up) as skyhub:
            up.until(lambda: len(skyhub.report().accepted) >= 15, "orders are requested")
            report = skyhub.report()
        orders = _orders(up)
        assert {order["store"] for order in orders} == {"acme", "brava"}
        assert {"requested", "skipped"} <= {order["status"] for order in orders}
        _no_promise_broke(up, report)
        assert len(up.events("order.sold")) >= 15
        assert up.interrupt() == 0
        assert up.sentence() == ""
        assert living_below(tmp_path) == {}
        assert [path.name for path in tmp_path.iterdir() if path.name != "up.log"] == [".coleta"]


@pytest.mark.slow
def test_a_simulated_skyhub_that_dies_comes_back_where_it_was(tmp_path: Path) -> None:
    """Its memory is gone; the seller tells it what is still open, and orders are requested as before."""
    with _sandbox(tmp_path) as up, _skyhub(up) as skyhub:
        up.until(lambda: len(skyhub.report().accepted) >= 5, "orders are requested")
        os.kill(up.starts("sandbox")[-1], signal.SIGKILL)
        up.until(lambda: len(up.starts("sandbox")) == 2, "it runs again")
        up.until(lambda: len(skyhub.report().accepted) >= 5, "orders are requested again")

        _no_promise_broke(up, skyhub.report())


@pytest.mark.slow
def test_it_begins_empty_each_time(tmp_path: Path) -> None:
    """Orders of yesterday's trial are gone, on both sides, also when that trial was killed."""
    with _sandbox(tmp_path) as up:
        up.until(lambda: _orders(up), "an order is there")
        before = {order["order_id"] for order in _orders(up)}
        assert before
        up.kill()
        (_home(up) / "leftover").mkdir()

        with _sandbox(tmp_path) as again:
            again.await_ready(starts=2)
            assert not before & {order["order_id"] for order in _orders(again)}
            assert not (_home(again) / "leftover").exists()
            with _skyhub(again) as skyhub:
                assert skyhub.report().orders < len(again.events("order.sold"))


@pytest.mark.slow
def test_a_named_redis_is_used_and_the_stores_file_for_other_commands_is_named(tmp_path: Path) -> None:
    """It may hold more than this trial: nothing there is thrown away."""
    redis = RedisPart("redis", tmp_path, "valkey")
    try:
        with _sandbox(tmp_path, REDIS_URL=redis.url) as up:
            file = str(_home(up) / "stores.toml")
            assert up.events("up.started")[0]["orders"] == f"COLETA_STORES_FILE={file} coleta orders"
            variables = {"COLETA_REDIS_URL": redis.url, "COLETA_STORES_FILE": file}
            up.until(lambda: _orders(up, **variables), "an order is there")
            assert not up.events("server.started")
            assert up.interrupt() == 0
    finally:
        redis.kill()


def test_other_commands_prefer_the_service_to_the_sandbox(tmp_path: Path) -> None:
    """Where both run in one directory, each on its own server, they are about the real orders."""
    settings = load_settings({"COLETA_DATA_DIR": str(tmp_path / ".coleta")})
    trial = in_sandbox(settings)
    for store, file in (("mine", tmp_path / "config" / "stores.toml"), ("trial", trial.stores_file.absolute())):
        file.parent.mkdir(parents=True)
        file.write_text(stores_file([store], "http://127.0.0.1:1"))
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **secrets(["mine", "trial"])}

    def known() -> str:
        asked = [COLETA, "orders", "--store", "nobody"]
        return subprocess.run(asked, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False).stderr

    with start_embedded(trial):
        assert "(known: trial)" in known()
        with start_embedded(settings):
            assert "(known: mine)" in known()
    assert "no embedded one runs" in known()


def test_its_options_go_with_it(tmp_path: Path) -> None:
    """Orders that arrive by themselves are nothing for a real SkyHub."""
    done = subprocess.run(
        [COLETA, "up", "--orders-per-minute", "5"], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert done.returncode == 2
    assert "orders arrive with --sandbox only" in done.stderr
