"""What `coleta up` refuses, before it starts anything, and what it says then."""

import json
import os
import re
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.settings import load_settings
from tests.fixtures.coleta import COLETA
from tests.fixtures.deployment import secrets, stores_file
from tests.fixtures.redis_servers import NOT_PERSISTENT, free_port, required, started
from tests.fixtures.running_parts import ROOT, Part
from tests.fixtures.running_up import Up, ending, living_below
from worker.adapters.redis_ledger import Limits, RedisFleet
from worker.entrypoints.up.checks import check_web_port, checked_settings
from worker.entrypoints.up.locks import UpError
from worker.entrypoints.up.log_lines import as_json
from worker.entrypoints.up.merged_log import MergedLog
from worker.entrypoints.up.sandbox_folder import STORES
from worker.entrypoints.up.stop import Stop

NOWHERE = "http://127.0.0.1:1"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Give a folder with a stores file where it is expected."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "stores.toml").write_text(stores_file(["acme"], NOWHERE))
    yield tmp_path
    assert living_below(tmp_path) == {}


def _refused(folder: Path, *arguments: str, **settings: str) -> str:
    """Return the sentence with which it does not start; nothing was started then."""
    with ending(Up(folder, *arguments, settings=settings, secrets=secrets(["acme"]))) as up:
        assert up.ended() == 1
        assert not up.events("process.started")
        assert not up.events("server.started")
        assert "Traceback" not in up.text
        return up.sentence()


def test_the_first_run_says_what_to_copy(tmp_path: Path) -> None:
    """And how to try it without a file at all; not a line more."""
    said = _refused(tmp_path)

    assert said == (
        "coleta: config/stores.toml (COLETA_STORES_FILE) does not exist. Your stores go there, their secrets into .env;"
        " copy the examples and fill them in:\n"
        "  cp config/stores.example.toml config/stores.toml\n"
        "  cp .env.example .env; chmod 600 .env\n"
        "To try it without either: coleta up --sandbox\n"
    )


def test_a_secret_that_is_missing_names_its_place(folder: Path) -> None:
    """The store's key, the variable, and where it may be put."""
    with ending(Up(folder, secrets={"ACME_SKYHUB_API_KEY": "key-of-acme"})) as up:
        assert up.ended() == 1
        assert up.sentence() == (
            "coleta: config/stores.toml: stores.acme.skyhub.accountmanager_key: the variable"
            " 'ACME_SKYHUB_ACCOUNTMANAGER_KEY' is not set, or empty; export it, or put it into .env\n"
        )


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("CONFIRM_BATCH", "many", "COLETA_CONFIRM_BATCH is 'many'"),
        ("BROKER_URL", "sentinel://localhost:26379/0", "Sentinel needs a group"),
        ("REDIS_URL", "redis://localhost/0?foo=1", "COLETA_REDIS_URL is 'redis://localhost/0'"),
        ("BROKER_URL", "rediss://localhost/0?ssl_cert_reqs=foo", "COLETA_BROKER_URL is 'rediss://localhost/0'"),
    ],
)
def test_a_setting_with_which_no_worker_could_start_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    """What was found; also what only Celery would stumble over."""
    monkeypatch.setenv(f"COLETA_{name}", value)

    with pytest.raises(UpError, match=re.escape(said)):
        checked_settings()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("REDIS_SERVER", "no-such-server", "COLETA_REDIS_SERVER is 'no-such-server'"),
        ("DATA_DIR", "config/stores.toml", "config/stores.toml cannot be used (File exists)"),
    ],
)
def test_a_setting_that_turns_out_to_be_wrong_is_named(folder: Path, name: str, value: str, said: str) -> None:
    """What was found, and how to mend it."""
    assert said in _refused(folder, **{name: value})


def test_a_web_port_that_stays_in_use_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A predecessor's process may be about to end; anybody else's is not."""
    monkeypatch.setattr("worker.entrypoints.up.checks._PORT_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as taken, (tmp_path / "up.log").open("w") as file:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        settings = load_settings({"COLETA_WEB_PORT": str(taken.getsockname()[1])})
        log = MergedLog(file.fileno(), as_json, lambda: None)
        with pytest.raises(UpError) as refused:
            check_web_port(settings, log, Stop())
        log.close()
        line = json.loads((tmp_path / "up.log").read_text())

    assert f"{url} cannot be listened on (Address already in use)" in str(refused.value)
    assert "COLETA_WEB_PORT" in str(refused.value)
    assert (line["event"], line["message"]) == ("port.waited_for", f"waiting for {url}, which is in use, 0.2 s at most")


def test_a_closed_standard_stream_is_no_reason_to_fail(folder: Path) -> None:
    """`coleta up >&-` runs without a log; what it refuses is said on the other one, as far as that is open."""
    broken = {"COLETA_CONFIRM_BATCH": "many", "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    for closed, said in ((">&-", "COLETA_CONFIRM_BATCH is 'many'"), ("2>&-", ""), ("<&- >&- 2>&-", "")):
        command = ["bash", "-c", f"{COLETA} up {closed}"]
        done = subprocess.run(command, cwd=folder, env=broken, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (1, "")
        assert said in done.stderr
        assert "Error" not in done.stderr


def test_a_redis_that_forgets_is_refused_at_once(folder: Path) -> None:
    """Not by every worker, five times; the sentence says what to set."""
    with started(required("valkey"), folder / "forgetful", *NOT_PERSISTENT) as server:
        said = _refused(folder, REDIS_URL=f"redis://127.0.0.1:{server.port}/0")

    assert "appendonly no" in said
    assert "set appendonly yes" in said


def test_a_trial_is_refused_on_a_server_that_serves_other_stores(folder: Path) -> None:
    """Without their stores file it would pause them."""
    with started(required("valkey"), folder / "theirs", "--appendonly", "yes", "--appendfsync", "always") as server:
        with server.client() as client:
            RedisFleet(client, Limits()).remember(["acme", *STORES])
        said = _refused(folder, "--sandbox", REDIS_URL=f"redis://127.0.0.1:{server.port}/0")

    assert "serves other stores (acme)" in said
    assert "name another server or database for a trial" in said


def test_a_folder_that_the_trial_did_not_make_is_not_emptied(folder: Path) -> None:
    """Somebody else's may be called `sandbox`, too."""
    theirs = folder / ".coleta" / "sandbox" / "appendonlydir" / "orders.aof"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("all orders")
    said = _refused(folder, "--sandbox")

    assert ".coleta/sandbox holds files that `coleta up --sandbox` did not make, and would delete: move it away" in said
    assert theirs.read_text() == "all orders"
    assert [entry.name for entry in (folder / ".coleta" / "sandbox").iterdir()] == ["appendonlydir"]


@pytest.mark.slow
def test_what_is_waited_for_at_the_start_may_be_refused_when_it_comes(folder: Path) -> None:
    """A web port that a predecessor frees is taken; a Redis that was away and turns out to forget ends it all.

    Meanwhile a second start is refused, as with a server of its own: both would run a beat, and write to the same
    files.
    """
    web, redis = free_port(), free_port()
    settings = {"REDIS_URL": f"redis://127.0.0.1:{redis}/0", "WEB_PORT": str(web)}
    predecessor = socket.create_server(("127.0.0.1", web))
    with predecessor, ending(Up(folder, "--workers", "1", settings=settings, secrets=secrets(["acme"]))) as up:
        up.until(lambda: up.events("port.waited_for"), "it waits for the port")
        predecessor.close()
        up.until(lambda: up.starts("web"), "it works")
        second = subprocess.run(up.command, cwd=folder, env=up.environ, capture_output=True, text=True, check=False)
        assert (second.returncode, second.stdout) == (1, "")
        assert second.stderr == (
            "coleta: another `coleta up` runs in .coleta: stop it, or name another directory in COLETA_DATA_DIR\n"
        )

        up.until(lambda: up.events("redis.not_reached"), "a worker waits for Redis")
        where = ("--port", str(redis), "--bind", "127.0.0.1")
        forgetful = Part("redis", [str(required("valkey")), *where, *NOT_PERSISTENT], os.environ, folder)
        try:
            assert up.ended() == 1
        finally:
            forgetful.kill()

        assert "coleta: worker-1 ended with exit code 1, 5 times in a row" in up.sentence()
        assert "appendonly no" in up.sentence()
