"""Each door of a running `coleta web` on a real Redis."""

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from redis import Redis

from config.settings import load_settings
from tests.fixtures.door_calls import ALL, CANCEL, HOOK, INVOICE, MEBIBYTE, ORDER_INVOICED, DoorCall, named
from tests.fixtures.redis_servers import NOT_PERSISTENT, required, started
from tests.fixtures.running_parts import until
from tests.fixtures.running_web import Web, door_secrets, ingress_token
from worker import wiring
from worker.adapters.redis_clients import connect
from worker.entrypoints.web.body import READ_SECONDS
from worker.entrypoints.web.edge import SECURITY_HEADERS
from worker.entrypoints.web.protocol import Protocol
from worker.ports import Fleet, Unreadable

EACH = pytest.mark.parametrize("door", ALL, ids=named)


class Running:
    """The process, its Redis, and what came into it."""

    def __init__(self, web: Web, redis: "Redis", fleet: Fleet) -> None:
        self.web = web
        self.redis = redis
        self.fleet = fleet
        self.client = httpx.Client(base_url=web.url, trust_env=False, timeout=15)

    def knock(
        self,
        door: DoorCall,
        order_id: str,
        body: bytes | None = None,
        *,
        store: str = "acme",
        bearer: str | None = "acme",
    ) -> httpx.Response:
        """Post a body, one that tells of this order unless another is given, with the token of a store."""
        headers = {"Authorization": f"Bearer {ingress_token(bearer)}"} if bearer else {}
        content = door.body(order_id) if body is None else body
        return self.client.post(door.path(store, order_id), content=content, headers=headers)

    def inbox(self, store: str = "acme") -> list[str]:
        """Return the orders of the events in an inbox, in their order."""
        _, entries = self.fleet.ledger(store).exchange([], [], 100_000)
        return [entry.event.order_id for entry in entries if not isinstance(entry.event, Unreadable)]

    def kept(self) -> list[str]:
        """Return the names of what came through any door: a hint of the test before may still be under way."""
        return [name for name in self.redis.scan_iter("*") if name.endswith(("}:inbox", "}:rejected"))]


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Give a running process; its log must hold no token at the end."""
    folder = tmp_path_factory.mktemp("doors")
    with started(required("valkey"), folder / "redis", *NOT_PERSISTENT) as server:
        url = f"redis://127.0.0.1:{server.port}/0"
        web = Web(folder, REDIS_URL=url)
        settings = load_settings({"COLETA_REDIS_URL": url})
        try:
            web.expect("/readyz", 200)
            with connect(settings.redis_url) as redis:
                running = Running(web, redis, wiring.fleet(settings, redis))
                with running.client:
                    yield running
            assert web.stop() == 0
            assert [name for name, secret in door_secrets().items() if secret in web.text] == []
        finally:
            web.kill()


@pytest.fixture
def running(process: Running) -> Running:
    """Give the process with nothing in its Redis."""
    process.redis.flushall()
    return process


@EACH
def test_every_body_is_taken_as_it_comes(running: Running, door: DoorCall) -> None:
    """In any order, and again: every caller may repeat what it has no answer to. No header tells which server it is."""
    came = ["BWW-3", "BWW-1", "BWW-2", "BWW-1"]
    answers = [running.knock(door, order_id) for order_id in came]

    assert [answer.status_code for answer in answers] == [door.success] * 4
    assert not any("server" in answer.headers for answer in answers)
    assert running.inbox() == came


def test_a_wrong_token_and_another_stores_token_open_nothing(running: Running) -> None:
    """The same answer for both, for none, for a store without doors and for one that does not exist."""
    answers = [
        running.knock(HOOK, "BWW-1", bearer="wrong"),
        running.knock(HOOK, "BWW-1", bearer="other"),
        running.knock(HOOK, "BWW-1", bearer=None),
        running.knock(HOOK, "BWW-1", store="other"),
        running.knock(HOOK, "BWW-1", store="doorless"),
        running.knock(HOOK, "BWW-1", store="unknown"),
    ]

    def but_date(answer: httpx.Response) -> list[tuple[str, str]]:
        return sorted((name, value) for name, value in answer.headers.multi_items() if name != "date")

    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.content for answer in answers}) == 1
    assert all(but_date(answer) == but_date(answers[0]) for answer in answers)
    assert running.kept() == []


@EACH
def test_a_token_in_the_query_opens_the_door_and_stands_in_no_log(running: Running, door: DoorCall) -> None:
    """For callers that cannot set headers. That no log holds it is looked at when the process ends."""
    url = f"{door.path('acme', 'BWW-1')}?an=sc&token={ingress_token('acme')}"

    assert running.client.post(url, content=door.body("BWW-1")).status_code == door.success
    assert running.client.post(url, content=b"{").status_code == 422
    assert running.client.get(url).status_code == 405
    announced = door in {INVOICE, CANCEL}  # whose path names the order of a body that cannot be read
    assert running.inbox() == ["BWW-1"] * (1 + announced)


@EACH
@pytest.mark.parametrize("framing", ["content-length", "chunked"])
def test_a_body_has_a_mebibyte_at_most(running: Running, door: DoorCall, framing: str) -> None:
    """More is 413, with its length said or not; the caller gets the answer although it is still sending."""
    parts = [b"{" + b" " * (MEBIBYTE // 2)] * 3
    content: Any = b"".join(parts) if framing == "content-length" else iter(parts)
    headers = {"Authorization": f"Bearer {ingress_token('acme')}"}

    answer = running.client.post(door.path("acme", "BWW-1"), content=content, headers=headers)

    assert (answer.status_code, answer.headers["connection"]) == (413, "close")
    assert running.kept() == []
    largest = door.body("BWW-1").ljust(MEBIBYTE)
    assert running.knock(door, "BWW-1", largest).status_code == door.success


@pytest.mark.slow
def test_a_request_that_drips_is_cut(running: Running) -> None:
    """A body is 408 after ten seconds, however much is still announced, and a head is closed; others notice nothing."""
    begun: set[str] = set()

    def never_end_head() -> tuple[bytes, float]:
        began = time.monotonic()
        return _raw(running, b"POST /v1/acme/order-invoiced HTTP/1.1\r\n"), time.monotonic() - began

    def drip(door: DoorCall) -> tuple[bytes, float]:
        began = time.monotonic()
        with socket.create_connection(("127.0.0.1", running.web.port)) as connection:
            connection.settimeout(20)
            head = (
                f"POST {door.path('acme', 'BWW-1')} HTTP/1.1\r\nHost: coleta\r\nContent-Length: 100000\r\n"
                f"Authorization: Bearer {ingress_token('acme')}\r\n\r\n"
            )
            connection.sendall(head.encode())
            said = b""
            while b"\r\n" not in said and time.monotonic() - began < 15:
                connection.sendall(b"{")
                begun.add(door.name)
                connection.settimeout(0.2)
                try:
                    said += connection.recv(65536)
                except TimeoutError:
                    continue
        return said.partition(b"\r\n")[0], time.monotonic() - began

    with ThreadPoolExecutor(1 + len(ALL)) as pool:
        head = pool.submit(never_end_head)
        dripping = [pool.submit(drip, door) for door in ALL]
        until(lambda: len(begun) == len(ALL), "every door has a body that drips")
        for door in ALL:
            assert running.knock(door, "BWW-2").status_code == door.success
        for drips in dripping:
            line, seconds = drips.result()
            assert line == b"HTTP/1.1 408 Request Timeout"
            assert READ_SECONDS - 0.5 < seconds < READ_SECONDS + 3
        said, seconds = head.result()
        assert (said, seconds < Protocol.head_seconds + 3) == (b"", True)
    assert set(running.inbox()) == {"BWW-2"}


def test_an_order_id_in_a_path_is_percent_decoded(running: Running) -> None:
    """A slash, too."""
    assert running.knock(INVOICE, "Lojas%20Americanas%2F1%C3%A9").json()["orderId"] == "Lojas Americanas/1é"
    assert running.inbox() == ["Lojas Americanas/1é"]


def _raw(running: Running, request: bytes) -> bytes:
    """Send bytes and return all that comes back until the connection is closed."""
    said = b""
    with socket.create_connection(("127.0.0.1", running.web.port), timeout=15) as connection:
        connection.sendall(request)
        while part := connection.recv(65536):
            said += part
    return said


@pytest.mark.parametrize(
    "head",
    [
        b"POST /v1/acme/order-invoiced HTTP/1.1\r\n\r\n",
        b"POST /v1/acme/order-invoiced HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"POST /v1/acme/order-invoiced HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n",
        b"POST /v1/acme/order-invoiced HTTP/1.1\r\nHost: a/b@c\r\nConnection: close\r\n\r\n",
        b"POST /v1/acme/order-invoiced HTTP/1.0\r\nConnection: close\r\n\r\n",
        b"POST /v1/acme/order-invoiced HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
        b"POST /v1/acme/order-invoiced HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 20_000,
        b"nonsense\r\n\r\n",
    ],
)
def test_what_is_no_http_or_names_no_host_is_400(running: Running, head: bytes) -> None:
    """In the form of every other answer."""
    said = _raw(running, head)

    assert said.startswith(b"HTTP/1.1 400 ")
    _, _, rest = said.partition(b"\r\n")
    lowered = rest.lower()
    assert all(f"{name}: {value}".lower().encode() in lowered for name, value in SECURITY_HEADERS.items())
    assert b"\r\nserver:" not in lowered
    assert b'{"detail":' in rest


def test_hints_follow_the_save(running: Running) -> None:
    """One message a store and sweep, on the broker's database, however many events came."""
    begun = time.monotonic()
    for number in range(20):
        assert running.knock(ORDER_INVOICED, f"BWW-{number}").status_code == 202
    sweeps = 1 + int((time.monotonic() - begun) / load_settings({}).sweep_seconds)
    # One that the test before had under way may have come after its Redis was emptied.
    most = sweeps + 1

    broker = Redis(port=running.redis.connection_pool.connection_kwargs["port"], db=1)
    with broker:
        until(lambda: 1 <= broker.llen("inbox") <= most, "a hint", lambda: [running.web])
