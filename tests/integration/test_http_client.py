"""The HTTP client over real sockets: exact timeouts, what was sent, and what is refused."""

import gzip
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.fixtures.plain_calls import TIMEOUT, failure, get
from tests.fixtures.raw_server import (
    OK,
    Peer,
    Serve,
    answering,
    client,
    endless,
    no_answer,
    reset_after_request,
    serve,
    slow_body,
    then_close,
    until,
)
from worker.adapters.http import MAX_ANSWER_BYTES, Call, CallFailed, CallHeld, HttpClient

__all__ = ["client", "serve"]


def slow_headers(peer: Peer) -> None:
    """Drip headers for 50 s."""
    peer.request()
    peer.drip(b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 1000)


def early_headers_for_ever(peer: Peer) -> None:
    """Send one informational answer after the other."""
    peer.request()
    while not peer._server.stopping.wait(0.05):
        peer.send(b"HTTP/1.1 102 Processing\r\n\r\n")


@pytest.mark.alone
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
    failed = failure(client, server.url, TIMEOUT)
    assert TIMEOUT <= time.monotonic() - started < TIMEOUT + 1
    assert failed.sent
    assert failed.reason == f"timed out after 0.5 s while {phase}"


@pytest.mark.alone
def test_the_total_timeout_covers_the_connect(serve: Serve, client: HttpClient) -> None:
    """A TLS handshake that never ends is cut in time, and no byte of the request has left."""
    server = serve(Peer.hang)
    started = time.monotonic()
    failed = failure(client, server.url.replace("http:", "https:"), TIMEOUT)
    assert TIMEOUT <= time.monotonic() - started < TIMEOUT + 1
    assert not failed.sent
    assert failed.reason == "timed out after 0.5 s while connecting"


def test_a_call_that_could_not_connect_was_not_sent(serve: Serve, client: HttpClient) -> None:
    """Refused, unknown host, no TLS on the other side, an address that is none: nothing left."""
    server = serve(lambda peer: peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n"))
    no_tls = failure(client, server.url.replace("http:", "https:"))
    server.stop()
    refused = failure(client, server.url)
    unknown = failure(client, "http://no-such-host.invalid")
    assert [no_tls.sent, refused.sent, unknown.sent] == [False, False, False]
    assert "refused" in refused.reason
    assert "TLS" in no_tls.reason
    assert "host name" in unknown.reason or "timed out" in unknown.reason
    for url in ("ftp://127.0.0.1", "http://", "http://[", "nonsense", "http://127.0.0.1:99999"):
        assert not failure(client, url).sent, url


def reset_at_once(peer: Peer) -> None:
    """Reset the connection before reading anything."""
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
    assert failure(client, server.url).sent
    assert server.accepted == 1
    assert len(server.requests) <= 1


def test_a_reset_on_accept_counts_as_sent_unless_the_connect_saw_it(serve: Serve, client: HttpClient) -> None:
    """Whichever side of the connect the reset falls on, "not sent" is said only where nothing can have left."""
    for _ in range(20):
        server = serve(reset_at_once)
        failed = failure(client, server.url)
        assert failed.sent is ("connecting" not in failed.reason)
        assert server.requests == []


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


def test_a_call_whose_check_outlasts_its_time_is_not_sent(serve: Serve, client: HttpClient) -> None:
    """A process that was stopped between its last check and its first byte sends nothing after the deadline."""
    server = serve(answering(OK))
    client.start()  # so that the time is spent in the check

    def slow() -> bool:
        return until(lambda: time.monotonic() > begun + TIMEOUT)

    begun = time.monotonic()
    failed = failure(client, server.url, TIMEOUT, may_send=slow)
    assert isinstance(failed, CallHeld)
    assert not failed.sent
    assert client.call(get(server.url), timeout=5).status == 200
    assert until(lambda: server.open <= 1)
    assert len(server.requests) == 1


def test_a_resolver_that_hangs_holds_no_call(client: HttpClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing bounds it but the call, which leaves it behind; what it opens later is closed."""
    release = threading.Event()
    opened: list[socket.socket] = []
    connect = socket.create_connection

    def hang(*args: Any, **named: Any) -> socket.socket:  # noqa: ANN401 - the library's own
        release.wait(10)
        opened.append(connect(*args, **named))
        return opened[0]

    monkeypatch.setattr(socket, "create_connection", hang)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        begun = time.monotonic()
        failed = failure(client, f"http://127.0.0.1:{listening.getsockname()[1]}", TIMEOUT)
        assert time.monotonic() - begun < TIMEOUT + 1
        assert (failed.sent, failed.reason) == (False, "timed out after 0.5 s while connecting")
        release.set()
        assert until(lambda: bool(opened) and opened[0].fileno() == -1)


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
