"""The SkyHub adapter over real sockets and a real Redis: what a call comes to, and no 429."""

import json
import multiprocessing
import socket
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.retry import Retry

from tests.fixtures.raw_server import (
    OK,
    Peer,
    RawServer,
    Serve,
    answering,
    client,
    endless,
    http,
    no_answer,
    reset_after_request,
    serve,
    slow_body,
    then_close,
)
from tests.fixtures.redis_servers import NOT_PERSISTENT, required, started
from tests.fixtures.skyhub_account import skyhub_account
from worker.adapters.http import HttpClient
from worker.adapters.limits import RedisRateLimit
from worker.adapters.skyhub import SkyHubApi, SkyHubRateKeys, SkyHubSettings
from worker.domain.confirmation import Accepted, Cause, NoEffect, Unclear
from worker.domain.facts import Carrier
from worker.ports import PermanentError, TransientError

__all__ = ["client", "serve"]

ACCOUNT = skyhub_account()
KEYS = SkyHubRateKeys("coleta:{acme}:rate:shipments", "coleta:{acme}:rate:orders", "coleta:{acme}:rate:order")
TIMEOUT = 0.5


class Limit:
    """A rate limit with the given answer."""

    def __init__(self, *, grants: bool = True) -> None:
        self.grants = grants
        self.keys: list[str] = []

    def wait(self, key: str, *, interval: float, deadline: float) -> bool:
        assert interval in {ACCOUNT.shipments_interval, ACCOUNT.orders_interval}
        assert deadline > time.monotonic()
        self.keys.append(key)
        return self.grants


def settings(url: str, timeout: float = TIMEOUT) -> SkyHubSettings:
    """Return the settings of a store whose SkyHub is at `url`."""
    return replace(ACCOUNT, base_url=url, timeout=timeout)


def api(server: RawServer, client: HttpClient, limit: Limit | None = None) -> SkyHubApi:
    """Return the adapter in front of `server`."""
    return SkyHubApi(settings(server.url), client, limit or Limit(), KEYS)


def test_a_confirmation_reaches_skyhub_as_the_contract_has_it(serve: Serve, client: HttpClient) -> None:
    """Path, headers and body arrive on the wire; 201 with an empty body is accepted."""
    server, limit = serve(answering(http("201 Created", b""))), Limit()
    assert api(server, client, limit).confirm(["350755608801", "2"], lambda: True) == Accepted()
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /shipments/b2w/confirm_collection HTTP/1.1\r\n")
    assert json.loads(body) == {"order_codes": ["350755608801", "2"]}
    for line in (b"X-User-Email: ops@acme.example", b"X-Api-Key: api-secret", b"Accept: application/json"):
        assert line in head.split(b"\r\n")
    assert limit.keys == [KEYS.shipments]


@pytest.mark.parametrize(
    "behaviour",
    [
        no_answer,
        slow_body,
        reset_after_request,
        endless,
        then_close(b"HTTP/1.1 201 Created\r\nContent-Length: 50\r\n\r\n{"),
        then_close(b'HTTP/1.1 200 OK\r\n\r\n{"result":"o'),
        then_close(http("504 Gateway Time-out", b"<html><h1>504 Gateway Time-out</h1></html>")),
        then_close(http("302 Found", b"", b"Location: https://elsewhere.example/")),
    ],
)
def test_a_confirmation_whose_answer_proves_nothing_is_unclear(
    serve: Serve, client: HttpClient, behaviour: Callable[[Peer], None]
) -> None:
    """Once a byte may have left, only a clear answer counts, and the call is made once."""
    server = serve(behaviour)
    assert isinstance(api(server, client).confirm(["1"], lambda: True), Unclear)
    assert len(server.requests) == 1


def test_a_confirmation_held_back_has_no_effect(serve: Serve, client: HttpClient) -> None:
    """A no from the caller's leases, from the rate limit, or a rate limit that broke: nothing is sent."""

    class Broken(Limit):
        def wait(self, key: str, *, interval: float, deadline: float) -> bool:
            raise RedisConnectionError(key, interval, deadline)

    server = serve(answering(OK))
    outcomes = [
        api(server, client).confirm(["1"], lambda: False),
        api(server, client, Limit(grants=False)).confirm(["1"], lambda: True),
        api(server, client, Broken()).confirm(["1"], lambda: True),
    ]
    for outcome in outcomes:
        assert isinstance(outcome, NoEffect)
        assert outcome.cause is Cause.NOT_SENT
    assert server.received == 0
    with pytest.raises(RedisConnectionError):
        api(server, client, Broken()).collectables(requested=False, page=1)


def test_a_confirmation_without_a_connection_has_no_effect(serve: Serve, client: HttpClient) -> None:
    """SkyHub away is known to be harmless."""
    server = serve(answering(OK))
    server.stop()
    outcome = api(server, client).confirm(["1"], lambda: True)
    assert isinstance(outcome, NoEffect)
    assert outcome.cause is Cause.UNREACHABLE


def test_reads_come_back_as_facts(serve: Serve, client: HttpClient) -> None:
    """Each read goes to its own path under its own limit, and its answer is read."""

    def behave(peer: Peer) -> None:
        while request := peer.request():
            order = {"code": "Lojas Americanas-1", "calculation_type": "b2wentregadirect"}
            if request.startswith(b"GET /shipments/"):
                body: object = {"orders": [{"code": "1"}] if b"offset=1 " in request else []}
            elif request.startswith(b"GET /orders?page=1&per_page=100"):
                body = {"total": 1, "orders": [order]}
            else:
                body = {"order": order}
            known = b"Unknown" not in request
            peer.send(http("200 OK" if known else "404 Not Found", json.dumps(body).encode()))

    server, limit = serve(behave), Limit()
    skyhub = api(server, client, limit)
    assert skyhub.collectables(requested=True, page=1) == ("1",)
    assert skyhub.collectables(requested=True, page=2) == ()
    found = skyhub.order("Lojas Americanas-1")
    assert found is not None
    assert found.carrier is Carrier.DIRECT
    assert skyhub.order("Unknown-1") is None
    assert skyhub.invoiced_orders(1).orders == (found,)
    assert b"GET /orders/Lojas%20Americanas-1 HTTP/1.1" in server.requests[2]
    assert limit.keys == [KEYS.shipments, KEYS.shipments, KEYS.order, KEYS.order, KEYS.orders]


def test_reads_that_fail_say_whether_to_try_again(serve: Serve, client: HttpClient) -> None:
    """The wire's failures and a full rate limit are transient; refused credentials are a person's matter."""
    hanging = api(serve(no_answer), client)
    refusing = api(serve(answering(http("401 Unauthorized", b'{"error":"key api-secret is wrong"}'))), client)
    with pytest.raises(TransientError, match="timed out"):
        hanging.collectables(requested=False, page=1)
    with pytest.raises(TransientError, match="rate limit"):
        api(serve(no_answer), client, Limit(grants=False)).order("A-1")
    with pytest.raises(PermanentError, match=r"key \*\*\* is wrong.*accountmanager_key"):
        refusing.invoiced_orders(1)


# --- the rate limits, by processes at full speed ---


@pytest.fixture(scope="module")
def redis_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Start a Redis of our own for this module."""
    with started(required("valkey"), tmp_path_factory.mktemp("redis"), *NOT_PERSISTENT) as server:
        yield server.port


class SlidingSecond:
    """SkyHub's limits: 429 for the call that is one too many within any second, a method and endpoint."""

    def __init__(self) -> None:
        self._arrivals: dict[str, deque[float]] = {}
        self._lock = threading.Lock()

    def __call__(self, peer: Peer) -> None:
        while request := peer.request():
            now = time.monotonic()
            method, path, _ = request.split(b" ", 2)
            name = f"{method.decode()} {path[:8].decode()}"  # GET /orders? and GET /orders/ are two endpoints
            with self._lock:
                times = self._arrivals.setdefault(name, deque())
                while times and times[0] <= now - 1:
                    times.popleft()
                times.append(now)
                exceeded = len(times) > (1 if "orders" in name else 9)
            body = b'{"code":"A-1","total":0,"orders":[]}'
            peer.send(http("429 Too Many Requests", b"") if exceeded else http("200 OK", body))


def hurry(url: str, redis_port: int, seconds: float, start: Barrier, counts: "Queue[Counter[str]]") -> None:
    """Call SkyHub from five threads as fast as the limits allow, and count the answers."""
    client = HttpClient()
    with Redis(port=redis_port) as redis:
        skyhub = SkyHubApi(settings(url, timeout=10), client, RedisRateLimit(redis), KEYS)
        calls: list[Callable[[], object]] = [
            lambda: skyhub.collectables(requested=False, page=1),
            lambda: skyhub.collectables(requested=True, page=1),
            lambda: skyhub.confirm(["1"], lambda: True),
            lambda: skyhub.order("A-1"),
            lambda: skyhub.invoiced_orders(1),
        ]
        names = ["shipments", "shipments", "shipments", "order", "orders"]
        done: Counter[str] = Counter()
        start.wait(60)
        deadline = time.monotonic() + seconds

        def run(name: str, call: Callable[[], object]) -> None:
            while time.monotonic() < deadline:
                try:
                    outcome = call()
                except TransientError as error:
                    done[error.reason] += 1
                else:
                    done[name if not isinstance(outcome, NoEffect) else outcome.reason] += 1

        with ThreadPoolExecutor(len(calls)) as pool:
            for name, call in zip(names, calls, strict=True):
                pool.submit(run, name, call)
    client.close()
    counts.put(done)


def test_processes_at_full_speed_never_exceed_skyhubs_limits(serve: Serve, redis_port: int) -> None:
    """Four processes with five threads each see no 429, and most of the pace that is allowed is used."""
    server = serve(SlidingSecond())
    context = multiprocessing.get_context("spawn")
    start, counts = context.Barrier(4), context.Queue()
    seconds = 4.0
    processes = [context.Process(target=hurry, args=(server.url, redis_port, seconds, start, counts)) for _ in range(4)]
    for process in processes:
        process.start()
    done = sum((counts.get(timeout=60) for _ in processes), Counter[str]())
    for process in processes:
        process.join(10)
    assert set(done) == {"shipments", "order", "orders"}, done
    assert done["shipments"] >= 0.9 * 6 * seconds
    assert done["order"] >= 2
    assert done["orders"] >= 2


def test_a_redis_outage_surfaces_as_redis_own_error() -> None:
    """The caller's handling of Redis trouble sees the error that it knows."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with Redis(port=port, retry=Retry(NoBackoff(), 0)) as redis, pytest.raises(RedisConnectionError):
        RedisRateLimit(redis).wait(KEYS.order, interval=ACCOUNT.orders_interval, deadline=time.monotonic() + 5)
