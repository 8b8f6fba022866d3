"""`coleta up --sandbox`: no file, no account, no Redis; orders arrive and are requested."""

import json
import os
import re
import signal
import subprocess
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from config.settings import load_settings
from config.urls import next_database
from tests.fixtures.coleta import COLETA
from tests.fixtures.deployment import SHORT
from tests.fixtures.running_parts import RedisPart
from tests.fixtures.running_up import Up, ending, living_below
from worker.entrypoints.embedded import running_url
from worker.entrypoints.sandbox_home import in_sandbox
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
        _await_ready(up)
        yield up


def _await_ready(up: Up, starts: int = 1) -> None:
    up.await_ready(starts)
    now = {f"{file.name} of start {starts}": file.read_text() for file in (_home(up) / "secrets").iterdir()}
    up.secrets = {**up.secrets, **now}


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """Give a sandbox that works, for the tests that leave it working."""
    with _sandbox(tmp_path_factory.mktemp("trial")) as up:
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


def _brokers(up: Up) -> set[str]:
    """Return what the variable says in each of its processes that use it."""
    pids = [up.starts(name)[-1] for name in ("worker-1", "beat", "web", "seller")]
    variables = [Path(f"/proc/{pid}/environ").read_text().split("\0") for pid in pids]
    return {line.partition("=")[2] for each in variables for line in each if line.startswith("COLETA_BROKER_URL=")}


def _shown(up: Up, attention: str) -> set[str]:
    """Return SkyHub's codes of the orders that an operator is shown for this reason."""
    return {order["skyhub_code"] for order in _orders(up) if attention in order["attention"]}


def _delivered(skyhub: SandboxControl) -> set[str]:
    """Return the doors that took a message."""
    return {door for door, outcomes in skyhub.report().deliveries.items() if outcomes.get("accepted")}


@pytest.mark.slow
def test_orders_arrive_through_every_door_and_other_commands_see_them(tmp_path: Path) -> None:
    """Without a file; SkyHub's own report finds no fault; Ctrl-C ends all of it.

    The environment may name the real service's host, and its broker, whose messages are not for these workers: the
    simulated world asks by address, and the workers take their hints from their own server.
    """
    with _sandbox(tmp_path, WEB_ALLOWED_HOSTS="coleta.example", BROKER_URL="redis://127.0.0.1:1/8") as up:
        own = running_url(in_sandbox(load_settings({"COLETA_DATA_DIR": str(tmp_path / ".coleta")})))
        assert _brokers(up) == {next_database(str(own))}
        with _skyhub(up) as skyhub:
            up.until(lambda: _requested(up, skyhub) == set(DOORS), "orders of every door are requested", LONG)
            report = skyhub.report()
        orders = _orders(up)
        assert {order["store"] for order in orders} == set(STORES)
        assert {"requested", "skipped"} <= {order["status"] for order in orders}
        _no_promise_broke(up, report)
        assert not [
            event for event in ("door.refused", "seller.waited", "store.refused", "store.paused") if up.events(event)
        ]
        assert not any(secret in line for secret in up.secrets.values() for line in living_below(tmp_path).values())
        assert up.interrupt() == 0
        assert re.fullmatch(r"coleta: pages at http://127\.0\.0\.1:\d+ · password \S+ \(.*\)\n", up.sentence())
        assert living_below(tmp_path) == {}
        assert _files_with_secrets(up) == set()
        assert [path.name for path in tmp_path.iterdir() if path.name != "up.log"] == [".coleta"]


@pytest.mark.slow
def test_what_dies_comes_back_and_costs_no_order(trial: Up) -> None:
    """The world's memory is gone: the seller tells it what is open. While the web is away, all of them try again."""
    up = trial
    starts = {name: len(up.starts(name)) for name in ("sandbox", "web")}
    with _skyhub(up) as skyhub:
        up.until(lambda: len(skyhub.report().accepted) >= 5, "orders are requested")
        os.kill(up.starts("sandbox")[-1], signal.SIGKILL)
        up.until(lambda: len(up.starts("sandbox")) > starts["sandbox"], "the world runs again")
        up.until(lambda: len(skyhub.report().accepted) >= 5, "orders are requested again")
        told = {"connector", "hook", "webhook"}
        up.until(lambda: _delivered(skyhub) == told, "VTEX and Pick and Pack tell again")
        up.until(lambda: skyhub.report().calls.get("feed_commit"), "the feed is read again")

        os.kill(up.starts("web")[-1], signal.SIGKILL)
        up.until(lambda: len(up.starts("web")) > starts["web"], "the web runs again")
        sold = len(up.events("order.sold"))
        up.until(lambda: len(up.events("order.sold")) >= sold + 20, "orders keep arriving")

        # Accepted by the SkyHub that died, and told again to the new one: requested once for us, and shown.
        _no_promise_broke(up, skyhub.report(), lambda: _shown(up, "listed_after_request"))
        assert not skyhub.report().deliveries["connector"].get("dropped")


@pytest.mark.slow
def test_it_begins_empty_each_time(trial: Up) -> None:
    """Orders of yesterday's trial are gone, on both sides, also when that trial was killed."""
    up = trial
    up.until(lambda: _orders(up), "an order is there")
    before = {order["order_id"] for order in _orders(up)}
    starts = len(up.events("up.started"))
    up.kill()
    (_home(up) / "leftover").mkdir()

    up.start()
    _await_ready(up, starts + 1)
    assert not before & {order["order_id"] for order in _orders(up)}
    assert not (_home(up) / "leftover").exists()
    with _skyhub(up) as skyhub:
        assert skyhub.report().orders < len(up.events("order.sold"))


@pytest.mark.slow
def test_a_named_redis_is_used_and_the_stores_file_for_other_commands_is_named(tmp_path: Path) -> None:
    """It may hold more than this trial: nothing there is thrown away. Its own broker is used, whatever `.env` names."""
    (tmp_path / ".env").write_text("COLETA_BROKER_URL=redis://127.0.0.1:1/7\n")
    redis = RedisPart("redis", tmp_path, "valkey")
    try:
        with _sandbox(tmp_path, REDIS_URL=redis.url) as up:
            assert _brokers(up) == {next_database(redis.url)}
            file = str(_home(up) / "stores.toml")
            assert up.events("up.started")[0]["orders"] == f"COLETA_STORES_FILE={file} coleta orders"
            variables = {"COLETA_REDIS_URL": redis.url, "COLETA_STORES_FILE": file}
            up.until(lambda: _orders(up, **variables), "an order is there")
            assert not up.events("server.started")
            assert up.interrupt() == 0
    finally:
        redis.kill()
