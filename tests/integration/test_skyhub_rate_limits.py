"""SkyHub's rate limits, kept by processes at full speed over real sockets and a real Redis: no 429."""

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

from tests.fixtures.raw_server import Peer, Serve, http, serve
from tests.fixtures.redis_servers import NOT_PERSISTENT, required, started
from tests.fixtures.skyhub_account import skyhub_account
from worker.adapters.http import HttpClient
from worker.adapters.limits import RedisRateLimit
from worker.adapters.skyhub import SkyHubApi, SkyHubRateKeys
from worker.domain.confirmation import NoEffect
from worker.ports import TransientError

__all__ = ["serve"]

ACCOUNT = skyhub_account()
KEYS = SkyHubRateKeys("coleta:{acme}:rate:shipments", "coleta:{acme}:rate:orders", "coleta:{acme}:rate:order")


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
        skyhub = SkyHubApi(replace(ACCOUNT, base_url=url, timeout=10), client, RedisRateLimit(redis), KEYS)
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
