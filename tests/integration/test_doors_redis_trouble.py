"""The doors while their Redis is slow, stopped, killed or full: whatever got success is there afterwards."""

import itertools
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from redis import Redis

from config.settings import load_settings
from tests.fixtures.door_calls import ALL, HOOK, ORDER_INVOICED, DoorCall
from tests.fixtures.running_parts import NO_TLS, RedisPart, until
from tests.fixtures.running_web import Web, ingress_token
from worker.bootstrap import build
from worker.ports import Ledger, Unreadable

# What VTEX waits for an answer (contracts/vtex-oms.md).
VTEX_SECONDS = 5.0


@dataclass
class Senders:
    """Threads that keep posting to a door, each body with an order of its own, and note the answers."""

    web: Web
    doors: tuple[DoorCall, ...]
    accepted: list[str] = field(default_factory=list)
    answered: Counter[int] = field(default_factory=Counter)
    slowest: float = 0.0
    others: list[str] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self, threads_a_door: int) -> None:
        for door, number in itertools.product(self.doors, range(threads_a_door)):
            self._threads.append(threading.Thread(target=self._send, args=(door, number)))
            self._threads[-1].start()

    @property
    def statuses(self) -> set[int]:
        """The statuses that were answered."""
        return set(self.answered)

    def stop(self) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(20)
            assert not thread.is_alive()

    def _send(self, door: DoorCall, number: int) -> None:
        headers = {"Authorization": f"Bearer {ingress_token('acme')}"}
        with httpx.Client(base_url=self.web.url, headers=headers, trust_env=False, timeout=20) as client:
            for count in itertools.count():
                if self._over.is_set():
                    return
                order_id = f"BWW-{door.name}-{number}-{count}"
                began = time.monotonic()
                try:
                    status = client.post(door.path("acme", order_id), content=door.body(order_id)).status_code
                except httpx.TransportError as error:
                    self.others.append(repr(error))
                    return
                self.slowest = max(self.slowest, time.monotonic() - began)
                self.answered[status] += 1
                if status == door.success:
                    self.accepted.append(order_id)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisPart]:
    """Give a server as shipped."""
    redis = RedisPart("redis", tmp_path_factory.mktemp("redis"), "valkey")
    try:
        yield redis
    finally:
        redis.kill()


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory, server: RedisPart) -> Iterator[Web]:
    """Give the process on it."""
    web = Web(tmp_path_factory.mktemp("web"), REDIS_URL=server.url)
    try:
        yield web
    finally:
        web.kill()


@pytest.fixture
def redis(server: RedisPart) -> Iterator[RedisPart]:
    """Give the server, empty; it runs afterwards, whatever was done to it."""
    with Redis(port=server.port) as client:
        client.flushall()
    yield server
    server.resume()
    if not server.runs:
        server.start()


@pytest.fixture
def web(process: Web, redis: RedisPart) -> Web:  # noqa: ARG001 - it is ready once the server runs
    """Give the process, ready."""
    if not process.runs:
        process.start()
    process.expect("/readyz", 200)
    return process


def _ledger(redis: RedisPart, client: "Redis") -> Ledger:
    settings = load_settings({"COLETA_REDIS_URL": redis.url})
    return build(settings, {}, redis=client).fleet.ledger("acme")


def _in_inbox(redis: RedisPart) -> list[str]:
    with Redis(port=redis.port, decode_responses=True) as client:
        _, entries = _ledger(redis, client).exchange([], [], 1_000_000)
    return [entry.event.order_id for entry in entries if not isinstance(entry.event, Unreadable)]


def _post(web: Web, door: DoorCall, order_id: str, **options: Any) -> tuple[httpx.Response, float]:  # noqa: ANN401 - httpx's
    began = time.monotonic()
    headers = {"Authorization": f"Bearer {ingress_token('acme')}"}
    content = options.get("content", door.body(order_id))
    url = web.url + door.path("acme", order_id)
    answer = httpx.post(url, content=content, headers=headers, trust_env=False, verify=NO_TLS, timeout=20)
    return answer, time.monotonic() - began


def _unread(port: int) -> list[int]:
    """Return how many bytes wait to be read at each established connection of a port, as the kernel counts them."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return [int(row[4].partition(":")[2], 16) for row in rows if row[3] == "01" and int(row[1][-4:], 16) == port]


def _accepts(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _refused(answer: httpx.Response) -> bool:
    return answer.status_code == 503 and int(answer.headers["Retry-After"]) > 0


def test_nothing_acknowledged_is_lost_when_redis_stops_and_dies_in_the_middle(web: Web, redis: RedisPart) -> None:
    """Through every door: stopped for longer than the patience, then killed and back. Every answer comes in time."""
    web.kill()  # a process that said something a moment ago does not say it again
    before = len(web.lines())
    web.start()
    web.expect("/readyz", 200)
    senders = Senders(web, ALL)
    senders.start(threads_a_door=2)
    try:
        until(lambda: len(senders.accepted) > 100, "the doors save", lambda: [web, redis])
        redis.process.send_signal(signal.SIGSTOP)
        until(lambda: 503 in senders.statuses, "the doors refuse", lambda: [web, redis])
        redis.process.send_signal(signal.SIGCONT)
        after = len(senders.accepted)
        until(lambda: len(senders.accepted) > after + 100, "the doors save again", lambda: [web, redis])
        redis.kill()
        refused = senders.answered[503]
        until(lambda: senders.answered[503] > refused + 20, "the doors refuse without Redis", lambda: [web, redis])
        between = len(senders.accepted)
        redis.start()
        until(lambda: len(senders.accepted) > between + 100, "the doors save again", lambda: [web, redis])
    finally:
        senders.stop()

    assert senders.others == []
    assert senders.statuses == {200, 202, 503}
    assert senders.slowest < VTEX_SECONDS
    assert set(senders.accepted) - set(_in_inbox(redis)) == set()
    lines = web.lines()[before:]
    told = {line["event"] for line in lines}
    trouble = {"door.not_saved", "door.refused", "hint.not_sent", "hints.failed", "counts.not_saved"}
    assert {"door.not_saved", "door.refused"} <= told <= {"web.started", "events.taken", *trouble}
    assert len(lines) < 200


def test_a_door_without_redis_says_so_in_time(web: Web, redis: RedisPart) -> None:
    """Each: 503 with the time to come back, for what can be read and for what cannot; then it goes on by itself."""
    with ThreadPoolExecutor(2 * len(ALL)) as pool:

        def refused_within(most_seconds: float) -> None:
            asked = [
                pool.submit(_post, web, door, "BWW-1", content=content)
                for door in ALL
                for content in (door.body("BWW-1"), b"{")
            ]
            answers = [each.result() for each in asked]
            assert all(_refused(answer) for answer, _ in answers)
            assert max(seconds for _, seconds in answers) < most_seconds

        redis.process.send_signal(signal.SIGSTOP)
        refused_within(VTEX_SECONDS)
        redis.kill()
        refused_within(2)
    redis.start()
    for door in ALL:
        assert _post(web, door, f"BWW-{door.name}")[0].status_code == door.success
    assert {f"BWW-{door.name}" for door in ALL} <= set(_in_inbox(redis))


def test_a_redis_without_room_refuses_and_one_with_room_takes(web: Web, redis: RedisPart) -> None:
    """`noeviction`: what does not fit is 503, and nothing that was taken goes."""
    with Redis(port=redis.port, decode_responses=True) as client:
        assert _post(web, HOOK, "BWW-1")[0].status_code == 200
        client.config_set("maxmemory", "1")
        assert _refused(_post(web, HOOK, "BWW-2")[0])
        client.config_set("maxmemory", "0")
        assert _post(web, HOOK, "BWW-3")[0].status_code == 200
    assert _in_inbox(redis) == ["BWW-1", "BWW-3"]


def test_a_key_that_is_not_what_it_should_be_concerns_its_store_only(web: Web, redis: RedisPart) -> None:
    """The write that it breaks is tried again without it."""
    with Redis(port=redis.port, decode_responses=True) as client:
        client.set("coleta:{other}:inbox", "no stream")
    senders = Senders(web, (ORDER_INVOICED,))
    senders.start(4)
    try:
        url = f"{web.url}{ORDER_INVOICED.path('other', '1')}"
        headers = {"Authorization": f"Bearer {ingress_token('other')}"}
        for _ in range(10):
            assert _refused(httpx.post(url, content=ORDER_INVOICED.body("1"), headers=headers, trust_env=False))
    finally:
        senders.stop()
    assert senders.statuses == {202}


def test_what_is_under_way_is_finished_when_the_process_is_told_to_stop(web: Web, redis: RedisPart) -> None:
    """SIGTERM while a write waits for a stopped Redis: it is answered, and what was answered is there."""
    answers: list[httpx.Response] = []
    redis.process.send_signal(signal.SIGSTOP)
    threads = [
        threading.Thread(target=lambda i=i: answers.append(_post(web, ORDER_INVOICED, f"BWW-{i}")[0])) for i in range(5)
    ]
    for thread in threads:
        thread.start()
    until(lambda: _unread(web.port) == [0] * 5 and any(_unread(redis.port)), "all are read, and a write waits")
    web.process.send_signal(signal.SIGTERM)
    until(lambda: not _accepts(web.port), "no new request is taken")
    redis.process.send_signal(signal.SIGCONT)
    for thread in threads:
        thread.join(20)
    until(lambda: not web.runs, "its end", lambda: [web])

    assert web.process.returncode == 0
    assert [answer.status_code for answer in answers] == [202] * 5
    assert set(_in_inbox(redis)) == {f"BWW-{i}" for i in range(5)}


def test_a_broker_that_is_away_delays_no_door(tmp_path: Path, redis: RedisPart) -> None:
    """Its hint is lost, which the sweep makes good."""
    web = Web(tmp_path, REDIS_URL=redis.url, BROKER_URL="redis://127.0.0.1:1/0")
    try:
        web.expect("/readyz", 200)
        for number in range(20):
            answer, seconds = _post(web, ORDER_INVOICED, f"BWW-{number}")
            assert answer.status_code == 202
            assert seconds < 1
        assert len(_in_inbox(redis)) == 20
    finally:
        web.kill()
