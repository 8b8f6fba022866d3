"""The probes of the HTTP process, asked in this process."""

import asyncio
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from config.settings import load_settings
from tests.fixtures.redis_servers import NOT_PERSISTENT, Server, required, started
from worker.bootstrap import build
from worker.entrypoints.tasks import app
from worker.entrypoints.web.app import create_app
from worker.entrypoints.web.server import opened_doors

# What a load balancer waits for an answer.
PATIENCE = 2.5


def _get(url: str, *paths: str) -> list[httpx.Response]:
    """Ask the application of a service on this server."""
    service = build(load_settings({"COLETA_REDIS_URL": url}), {})

    async def get() -> list[httpx.Response]:
        transport = httpx.ASGITransport(create_app(doors))
        async with httpx.AsyncClient(transport=transport, base_url="http://coleta") as client:
            return [await client.get(path) for path in paths]

    try:
        with opened_doors(lambda: service, app) as doors:
            return asyncio.run(get())
    finally:
        service.redis.close()


def _ready(url: str) -> httpx.Response:
    """Ask whether it is ready; the answer must come in time."""
    began = time.monotonic()
    (answer,) = _get(url, "/readyz")
    assert time.monotonic() - began < PATIENCE
    return answer


def _problem(answer: httpx.Response) -> str:
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    body = answer.json()
    assert body["ready"] is False
    return str(body["checks"]["redis"])


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """Give a server with a password."""
    with started(required("valkey"), tmp_path, *NOT_PERSISTENT) as server, server.client() as client:
        client.config_set("requirepass", "secret-word")
        yield server


def test_it_is_ready_when_redis_answers(server: Server) -> None:
    """The check names what was looked at."""
    answer = _ready(f"redis://:secret-word@127.0.0.1:{server.port}/0")

    assert (answer.status_code, answer.json()) == (200, {"ready": True, "checks": {"redis": "ok"}})


def test_it_is_not_ready_while_redis_is_away() -> None:
    """A sentence says which server, in which setting, and why; the password is not in it."""
    problem = _problem(_ready("redis://user:secret-word@127.0.0.1:1/0"))

    where = "the Redis server at redis://127.0.0.1:1/0 (COLETA_REDIS_URL)"
    assert problem == f"{where} does not answer: Connection refused"


def test_it_is_not_ready_while_redis_hangs() -> None:
    """One that accepts and says nothing costs the probe no more than its time."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        problem = _problem(_ready(f"redis://127.0.0.1:{silent.getsockname()[1]}/0"))

    assert problem.endswith("does not answer: no answer within 1.5 s")


def test_it_is_not_ready_with_a_wrong_password(server: Server) -> None:
    """Which is not repeated."""
    problem = _problem(_ready(f"redis://:wrong-word@127.0.0.1:{server.port}/0"))

    assert "WRONGPASS" in problem or "invalid" in problem
    assert "wrong-word" not in problem


def test_the_process_is_alive_whatever_redis_does() -> None:
    """Who restarts it for that would help nobody."""
    (answer,) = _get("redis://127.0.0.1:1/0", "/healthz")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_an_unknown_path_is_answered_in_json() -> None:
    """Programs ask here."""
    unknown, *pages = _get("redis://127.0.0.1:1/0", "/nowhere", "/docs", "/redoc")

    assert (unknown.status_code, unknown.json()) == (404, {"detail": "Not Found"})
    assert [page.status_code for page in pages] == [404, 404]


def test_it_describes_itself() -> None:
    """OpenAPI: each endpoint with a description and the form of each answer."""
    (answer,) = _get("redis://127.0.0.1:1/0", "/openapi.json")

    described: dict[str, Any] = answer.json()
    assert described["info"]["title"] == "Coleta"
    assert described["info"]["description"]
    for path, answers in {"/healthz": {"200": "Health"}, "/readyz": {"200": "Readiness", "503": "Readiness"}}.items():
        operation = described["paths"][path]["get"]
        assert operation["summary"]
        assert operation["description"]
        for code, form in answers.items():
            schema = operation["responses"][code]["content"]["application/json"]["schema"]
            assert schema == {"$ref": f"#/components/schemas/{form}"}
