"""What holds for every request and every answer."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial

import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send
from structlog.testing import capture_logs

from tests.fixtures.door_calls import ALL, ORDER_INVOICED
from tests.fixtures.running_web import ingress_token
from tests.unit.entrypoints.web.world import World, bearer
from worker.entrypoints.web.edge import SECURITY_HEADERS, Edge


async def _ask(app: Edge, method: str = "GET", path: str = "/", **options: object) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://coleta") as client:
        return await client.request(method, path, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("coleta.example", 202),
        ("coleta.example:8000", 202),
        ("[::1]:8000", 202),
        ("10.0.0.1", 202),
        ("", 400),
        ("a b", 400),
        ("a/b", 400),
        ("user@coleta.example", 400),
        ("coleta.example:port", 400),
        ("coleta.example:8000:8000", 400),
        ("a\tb", 400),
    ],
)
def test_a_request_names_its_host(host: str, status: int) -> None:
    """Any, while none is configured; but a name."""
    assert World().knock(ORDER_INVOICED, headers=bearer(Host=host)).status_code == status


def test_a_host_named_twice_or_never_is_refused() -> None:
    """Proxies and applications may not read the same one."""
    token = ("Authorization", f"Bearer {ingress_token('acme')}")
    for hosts in ([("Host", "a"), ("Host", "a")], [("Host", "a"), ("host", "b")]):
        assert World().knock(ORDER_INVOICED, headers=[token, *hosts]).status_code == 400


def test_only_configured_hosts_are_answered() -> None:
    """In any case, on any port; the probes answer to an address, too."""
    world = World(hosts=frozenset({"coleta.example"}))

    def status(path: str, host: str) -> int:
        return world.run(lambda client: client.get(path, headers={"Host": host})).status_code

    assert world.knock(ORDER_INVOICED, headers=bearer(Host="Coleta.Example:443")).status_code == 202
    assert world.knock(ORDER_INVOICED, headers=bearer(Host="other.example")).status_code == 400
    assert [status("/healthz", "10.0.0.1"), status("/openapi.json", "10.0.0.1")] == [200, 400]


def test_every_answer_has_the_headers_that_protect() -> None:
    """Whoever gives it, and whatever it says."""
    world = World()
    answers = [
        world.knock(ORDER_INVOICED),
        world.knock(ORDER_INVOICED, b"{"),
        world.knock(ORDER_INVOICED, headers={}),
        world.knock(ORDER_INVOICED, headers=bearer(Host="a b")),
        world.run(lambda client: client.get("/nowhere")),
        world.run(lambda client: client.get("/openapi.json")),
        world.run(lambda client: client.get("/v1/acme/order-invoiced")),
        world.run(lambda client: client.post("/healthz/")),
    ]

    for answer in answers:
        assert all(answer.headers[name] == value for name, value in SECURITY_HEADERS.items())
        assert answer.headers["Content-Type"] == "application/json"


def test_an_answers_own_header_is_left_as_it_is() -> None:
    """A page may need another policy than the doors."""
    own = PlainTextResponse("", headers={"Content-Security-Policy": "default-src 'self'"})

    answer = asyncio.run(_ask(Edge(own)))

    assert answer.headers["Content-Security-Policy"] == "default-src 'self'"
    assert answer.headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PURGE"])
def test_a_door_has_one_method(method: str) -> None:
    """405 says which, with a token or without."""
    world = World()
    for door in ALL:
        for headers in ({}, bearer()):
            path = door.path("acme", "1")
            answer = world.run(partial(httpx.AsyncClient.request, method=method, url=path, headers=headers))
            assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")


def test_no_answer_sends_a_token_elsewhere() -> None:
    """A slash too many is 404, not a redirect with the query in it."""
    for door in ALL:
        path = f"{door.path('acme', '1')}/?token={ingress_token('acme')}"
        answer = World().post(path, headers={}, content=door.body("1"))
        assert (answer.status_code, "Location" in answer.headers) == (404, False)


def test_an_error_of_ours_is_told_to_the_log_and_not_to_the_caller() -> None:
    """With its traceback, without the query."""

    async def broken(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise RuntimeError("inner detail")

    with capture_logs() as logs:
        answer = asyncio.run(_ask(Edge(broken), path="/x?token=secret"))

    assert (answer.status_code, answer.json()) == (500, {"detail": "an error of this service"})
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert [(line["event"], line["path"], line["exc_info"]) for line in logs] == [("door.broke", "/x", True)]
    assert "secret" not in str(logs)


def test_so_many_requests_at_once_and_no_more() -> None:
    """Beyond that the answer is 503; the probes are answered all the same, and there is room again afterwards."""

    async def talk() -> list[int]:
        goes_on = asyncio.Event()

        async def slow(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["path"] == "/slow":
                await goes_on.wait()
            await PlainTextResponse("")(scope, receive, send)

        app = Edge(slow, most_requests=2)
        waiting = [asyncio.create_task(_ask(app, path="/slow")) for _ in range(2)]
        await asyncio.sleep(0.1)
        refused, probe = await _ask(app), await _ask(app, path="/healthz")
        assert int(refused.headers["Retry-After"]) > 0
        goes_on.set()
        answers = [refused, probe, *await asyncio.gather(*waiting), await _ask(app)]
        return [answer.status_code for answer in answers]

    assert asyncio.run(talk()) == [503, 200, 200, 200, 200]


def test_an_answer_before_the_bodys_end_closes_and_reads_on_for_a_while() -> None:
    """A closed connection would take the answer with it; who goes on sending is not listened to for ever."""
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while True:
            read += 65536
            yield b" " * 65536

    answer = World().post("/v1/acme/order-invoiced", content=endless(), headers={})

    assert (answer.status_code, answer.headers["Connection"]) == (401, "close")
    assert 65536 < read < 4 * 1024 * 1024


def test_an_answer_after_the_body_keeps_the_connection() -> None:
    """As proxies like it."""
    for answer in (World().knock(ORDER_INVOICED), World().knock(ORDER_INVOICED, b"{")):
        assert "Connection" not in answer.headers


def test_json_ends_its_line() -> None:
    """A success, a refusal, and what is asked of no door: the next prompt of a shell stands below it."""
    world = World()
    answers = [world.knock(door) for door in ALL]
    answers += [world.post("/v1/acme/order-invoiced"), world.post("/nowhere"), world.post("/healthz")]
    answers += [world.run(lambda client: client.get("/healthz")), world.post("/", headers={"host": "a b"})]

    assert {answer.status_code for answer in answers} == {200, 202, 400, 404, 405, 422}
    assert [answer.request.url for answer in answers if not answer.text.endswith("}\n")] == []
