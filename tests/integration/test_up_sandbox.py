"""`coleta up --sandbox`: no file, no account, no Redis; orders arrive and are requested."""

import json
import os
import signal
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from config.settings import Settings, load_settings
from config.urls import next_database
from tests.fixtures.coleta import COLETA
from tests.fixtures.deployment import SHORT, secrets, stores_file
from tests.fixtures.running_parts import ROOT, RedisPart
from tests.fixtures.running_up import Up, ending, living_below
from worker.entrypoints.embedded import running_url, start_embedded
from worker.entrypoints.embedded.folder import take_lock
from worker.entrypoints.sandbox_home import UP_LOCK, in_sandbox
from worker.entrypoints.up.sandbox_folder import STORES
from worker.entrypoints.up.seller.sales import DOORS
from worker.sandbox.control import SandboxControl
from worker.sandbox.report import Report

PACE = ("--sandbox", "--workers", "1", "--orders-per-minute", "240")
SANDBOX = {**SHORT, "RECONCILE_SECONDS": "5", "FEED_SECONDS": "1", "PACKED_SECONDS": "0.5", "PACKED_MAX_SECONDS": "1"}
# Past a late label, and all that waits for it.
LONG = 80.0


@contextmanager
def _sandbox(folder: Path, **settings: str) -> Iterator[Up]:
    with ending(Up(folder, *PACE, settings={**SANDBOX, **settings})) as up:
        up.await_ready()
        up.secrets = {file.name: file.read_text() for file in (_home(up) / "secrets").iterdir()}
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


def _no_promise_broke(up: Up, report: Report, forgotten: Callable[[], set[str]] = set) -> None:
    """No order was requested early, twice or in vain; what was complete is requested soon, or `forgotten`."""
    with _skyhub(up) as skyhub:

        def left() -> set[str]:
            lost = set(report.lost) & set(skyhub.report().lost)
            return lost - forgotten() if lost else lost

        up.until(lambda: not left(), "what is complete is requested", LONG)
        assert skyhub.report().violations.keys() <= {"lost"}


def _requested(up: Up, skyhub: SandboxControl) -> set[str]:
    """Return the doors whose orders SkyHub was asked to pick up."""
    accepted = {f"BWW-{code.replace(' ', '_')}" for code in skyhub.report().accepted}
    return {line["door"] for line in up.events("order.sold") if line["order_id"] in accepted}


def _files_with_secrets(up: Up) -> set[str]:
    """Return the files in its directory in which a secret stands, but for the secrets' own."""
    secrets = [secret.encode() for secret in up.secrets.values()]
    files = [file for file in up.folder.rglob("*") if file.is_file() and file.parent.name != "secrets"]
    return {file.name for file in files if any(secret in file.read_bytes() for secret in secrets)}


@pytest.mark.slow
def test_orders_arrive_through_every_door_and_other_commands_see_them(tmp_path: Path) -> None:
    """Without a file and without a setting; SkyHub's own report finds no fault; Ctrl-C ends all of it."""
    with _sandbox(tmp_path) as up:
        with _skyhub(up) as skyhub:
            up.until(lambda: _requested(up, skyhub) == set(DOORS), "orders of every door are requested", LONG)
            report = skyhub.report()
        orders = _orders(up)
        assert {order["store"] for order in orders} == set(STORES)
        assert {"requested", "skipped"} <= {order["status"] for order in orders}
        _no_promise_broke(up, report)
        assert not [event for event in ("door.refused", "store.refused", "store.paused") if up.events(event)]
        assert not any(secret in line for secret in up.secrets.values() for line in living_below(tmp_path).values())
        assert up.interrupt() == 0
        assert up.sentence() == ""
        assert living_below(tmp_path) == {}
        assert _files_with_secrets(up) == set()
        assert [path.name for path in tmp_path.iterdir() if path.name != "up.log"] == [".coleta"]


@pytest.mark.slow
def test_a_simulated_world_that_dies_comes_back_where_it_was(tmp_path: Path) -> None:
    """Its memory is gone; the seller tells it what is still open, and all doors are open again."""
    with _sandbox(tmp_path) as up, _skyhub(up) as skyhub:
        up.until(lambda: len(skyhub.report().accepted) >= 5, "orders are requested")
        os.kill(up.starts("sandbox")[-1], signal.SIGKILL)
        up.until(lambda: len(up.starts("sandbox")) == 2, "it runs again")
        up.until(lambda: len(skyhub.report().accepted) >= 5, "orders are requested again")
        told = {"connector", "hook", "webhook"}
        up.until(lambda: _delivered(skyhub) == told, "VTEX and Pick and Pack tell again")
        up.until(lambda: skyhub.report().calls.get("feed_commit"), "the feed is read again")

        # Accepted by the SkyHub that died, and told again to the new one: requested once for us, and shown.
        _no_promise_broke(up, skyhub.report(), lambda: _shown(up, "listed_after_request"))


def _shown(up: Up, attention: str) -> set[str]:
    """Return SkyHub's codes of the orders that an operator is shown for this reason."""
    return {order["skyhub_code"] for order in _orders(up) if attention in order["attention"]}


def _delivered(skyhub: SandboxControl) -> set[str]:
    """Return the doors that took a message."""
    return {door for door, outcomes in skyhub.report().deliveries.items() if outcomes.get("accepted")}


@pytest.mark.slow
def test_a_web_process_that_dies_costs_no_order(tmp_path: Path) -> None:
    """VTEX and Pick and Pack try again, the seller waits with its own events, and the other doors stay open."""
    with _sandbox(tmp_path) as up, _skyhub(up) as skyhub:
        up.until(lambda: len(skyhub.report().accepted) >= 5, "orders are requested")
        os.kill(up.starts("web")[-1], signal.SIGKILL)
        up.until(lambda: len(up.starts("web")) == 2, "it runs again")
        sold = len(up.events("order.sold"))
        up.until(lambda: len(up.events("order.sold")) >= sold + 20, "orders keep arriving")

        _no_promise_broke(up, skyhub.report())
        assert not skyhub.report().deliveries["connector"].get("dropped")


@pytest.mark.slow
def test_names_that_the_web_process_answers_to_keep_no_door_shut(tmp_path: Path) -> None:
    """`.env` may name the real service's host; the simulated world asks by address."""
    with _sandbox(tmp_path, WEB_ALLOWED_HOSTS="coleta.example") as up, _skyhub(up) as skyhub:
        up.until(lambda: _delivered(skyhub) == {"connector", "hook", "webhook"}, "all doors are open")
        assert not up.events("seller.waited")


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
def test_it_never_uses_the_brokers_of_the_real_orders(tmp_path: Path) -> None:
    """Its workers would take messages that are not theirs; `.env` or the environment may name one."""
    (tmp_path / ".env").write_text("COLETA_BROKER_URL=redis://127.0.0.1:1/7\n")
    redis = RedisPart("redis", tmp_path, "valkey")
    try:
        with _sandbox(tmp_path, REDIS_URL=redis.url) as up:
            assert _brokers(up) == {next_database(redis.url)}
            assert up.interrupt() == 0
    finally:
        redis.kill()
    with _sandbox(tmp_path, BROKER_URL="redis://127.0.0.1:1/8") as up:
        up.await_ready(starts=2)
        own = running_url(in_sandbox(load_settings({"COLETA_DATA_DIR": str(tmp_path / ".coleta")})))
        assert _brokers(up) == {next_database(str(own))}
        assert up.interrupt() == 0


def _brokers(up: Up) -> set[str]:
    """Return what the variable says in each of its processes that use it."""
    pids = [up.starts(name)[-1] for name in ("worker-1", "beat", "web", "seller")]
    variables = [Path(f"/proc/{pid}/environ").read_text().split("\0") for pid in pids]
    return {line.partition("=")[2] for each in variables for line in each if line.startswith("COLETA_BROKER_URL=")}


def test_other_commands_in_its_directory_use_its_broker() -> None:
    """Events of a trial that `coleta send` hands in are no hint for the workers of the real orders."""
    real = load_settings({"COLETA_BROKER_URL": "amqp://rabbit", "COLETA_WEB_PORT": "8001"})

    trial = in_sandbox(real).with_redis_url("redis://127.0.0.1:7000/0")

    assert (trial.broker_url, trial.web_port) == ("redis://127.0.0.1:7000/1", 8001)


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
