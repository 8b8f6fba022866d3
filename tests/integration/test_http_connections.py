"""The HTTP client's connections over real sockets: kept, shared, and given back whatever became of a call."""

import contextlib
import os
import random
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.fixtures.plain_calls import failure, get
from tests.fixtures.raw_server import (
    OK,
    Peer,
    Serve,
    answering,
    client,
    no_answer,
    serve,
    then_close,
    until,
)
from worker.adapters import http_transport
from worker.adapters.http import CallFailed, HttpClient

__all__ = ["client", "serve"]


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


def test_an_address_that_is_silent_does_not_keep_a_call_from_the_next_one(
    serve: Serve, client: HttpClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A host may have several addresses, and one may lead nowhere: the call is made by another, within its time."""
    server = serve(answering(OK))
    port = int(server.url.rpartition(":")[2])
    places = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port)) for host in ("127.0.0.2", "127.0.0.1")]
    resolve = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, *a, **n: places if host == "two" else resolve(host, *a, **n)
    )
    monkeypatch.setattr(http_transport, "_AN_ADDRESS_SECONDS", 0.1)
    with contextlib.ExitStack() as held:
        silent = held.enter_context(socket.create_server(("127.0.0.2", port), backlog=0))
        for _ in range(4):  # what its queue does not hold, the kernel does not answer
            waiting = held.enter_context(socket.socket())
            waiting.settimeout(0)
            waiting.connect_ex(silent.getsockname())
        assert client.call(get(f"http://two:{port}"), timeout=5).status == 200


@pytest.mark.alone
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


@pytest.mark.alone
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
    transport = client._transport
    assert transport is not None
    assert until(lambda: all(each.is_idle() for pool in transport._pools for each in pool.connections), 2)


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
