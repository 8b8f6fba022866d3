"""`coleta web` as a process."""

import signal
import socket
import subprocess
import time
from pathlib import Path

import httpx
import pytest

from tests.fixtures.redis_servers import NOT_PERSISTENT, free_port, required
from tests.fixtures.running_parts import until
from tests.fixtures.running_web import Web


def test_it_serves_until_it_is_told_to_stop(tmp_path: Path) -> None:
    """Its first line says where; probes leave none; SIGTERM ends it with exit code 0, connections or not."""
    web = Web(tmp_path, REDIS_URL="redis://127.0.0.1:1/0")
    try:
        web.expect("/healthz", 200)
        web.expect("/readyz", 503)
        with httpx.Client(trust_env=False) as kept_open:
            kept_open.get(f"http://127.0.0.1:{web.port}/healthz")
            began = time.monotonic()
            assert web.stop() == 0
        assert time.monotonic() - began < 8
        assert [(line["event"], line["url"]) for line in web.lines()] == [
            ("web.started", f"http://127.0.0.1:{web.port}")
        ]
    finally:
        web.kill()


def test_ctrl_c_ends_it_quietly(tmp_path: Path) -> None:
    """No traceback, exit code 0."""
    web = Web(tmp_path, REDIS_URL="redis://127.0.0.1:1/0")
    try:
        web.expect("/healthz", 200)
        web.process.send_signal(signal.SIGINT)
        until(lambda: not web.runs, "its end", lambda: [web])
        assert (web.process.returncode, len(web.lines())) == (0, 1)
    finally:
        web.kill()


def test_it_gets_ready_by_itself_and_again(tmp_path: Path) -> None:
    """When Redis comes, goes and comes back; the process is the same."""
    port = free_port()
    web = Web(tmp_path, REDIS_URL=f"redis://127.0.0.1:{port}/0")
    command = [str(required("valkey")), "--port", str(port), "--bind", "127.0.0.1", *NOT_PERSISTENT]
    try:
        web.expect("/readyz", 503)
        for _ in range(2):
            with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL) as redis:
                try:
                    web.expect("/readyz", 200)
                    redis.send_signal(signal.SIGSTOP)
                    web.expect("/readyz", 503)
                    redis.send_signal(signal.SIGCONT)
                    web.expect("/readyz", 200)
                finally:
                    redis.kill()
            web.expect("/readyz", 503)
        assert web.runs
    finally:
        web.kill()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"WEB_PORT": "taken"}, "cannot be listened on (Address already in use): end what listens there, or name"),
        ({"WEB_HOST": "host.invalid"}, "COLETA_WEB_HOST"),
        ({"STORES_FILE": "none.toml"}, "none.toml does not exist"),
        ({"REDIS_URL": "localhost:6379"}, "COLETA_REDIS_URL is 'localhost:6379'"),
        ({"REDIS_URL": ""}, "start one with `coleta up`, or set COLETA_REDIS_URL"),
    ],
)
def test_what_cannot_be_served_is_said_in_a_sentence(tmp_path: Path, settings: dict[str, str], said: str) -> None:
    """Which setting, what was found, how to mend it; no traceback."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        given = {name: str(port) if value == "taken" else value for name, value in settings.items()}
        web = Web(tmp_path, **{"REDIS_URL": "redis://127.0.0.1:1/0", **given})
        try:
            until(lambda: not web.runs, "its end", lambda: [web])
        finally:
            web.kill()

    assert web.process.returncode == 1
    assert said in web.text
    assert web.text.startswith("coleta: ")
    assert len(web.text.splitlines()) == 1
