"""httpx's transport over connections whose every wait ends at a deadline, whatever the other side or the resolver does.

httpcore, on which httpx stands, hands the `timeout` of a request through to the connection, unread: here it is a moment
of the monotonic clock.
"""

import socket
import ssl
import threading
import time
import zlib
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from typing import Any
from weakref import WeakSet

import certifi
import httpcore
import httpx

# An idle connection that its server is just closing turns a sent request into an unknown outcome. Below the shortest
# idle timeouts in wide use (5 s: Node, Apache) ours is the side that closes.
_IDLE_SECONDS = 4.0
# An account's connections are in one pool: httpcore looks at every connection of a pool at each call.
_POOLS = 16
# What an address of a host gets before its next one is tried, if it has more: enough for a first packet that was lost.
_AN_ADDRESS_SECONDS = 2.0
# What is written in one go; more has a new look at the clock.
_WRITTEN_BYTES = 65_536


class _Stream(httpcore.NetworkStream):
    """One connection."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _WRITTEN_BYTES):
            self._stream.write(buffer[start : start + _WRITTEN_BYTES], _left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        try:
            self._stream = self._stream.start_tls(ssl_context, server_hostname, _left(timeout))
        except BaseException:
            self.close()
            raise
        return self

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - httpcore's
        return self._stream.get_extra_info(info)

    def cut(self) -> None:
        """Wake whoever waits on it: it finds the connection ended."""
        with suppress(OSError):
            socket.socket.shutdown(self._stream.get_extra_info("socket"), socket.SHUT_RDWR)


class _Backend(httpcore.NetworkBackend):
    """Opens connections, and can end them all."""

    def __init__(self) -> None:
        self._plain = httpcore.SyncBackend()
        self._lock = threading.Lock()
        self._open: WeakSet[_Stream] = WeakSet()
        self._is_cut = False

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect in a thread of its own, which is left behind at the deadline: nothing bounds the resolver."""
        left = _left(timeout)
        connection: Future[httpcore.NetworkStream] = Future()

        def connect() -> None:
            try:
                stream = self._connected(host, port, timeout, local_address, socket_options)
            except Exception as error:  # noqa: BLE001 - raised where it is waited for
                with suppress(InvalidStateError):
                    connection.set_exception(error)
                return
            try:
                connection.set_result(stream)
            except InvalidStateError:  # nobody waits any more
                stream.close()

        threading.Thread(target=connect, name="connect", daemon=True).start()
        try:
            stream = connection.result(left)
        except TimeoutError:
            if not connection.cancel() and connection.exception() is None:
                connection.result().close()
            raise httpcore.ConnectTimeout from None
        return self._opened(_Stream(stream))

    def _connected(self, host: str, port: int, deadline: float | None, *options: Any) -> httpcore.NetworkStream:  # noqa: ANN401 - handed through
        """Connect to the first of a host's addresses that answers: one that is silent must not take all the time."""
        addresses = [str(place[0]) for *_, place in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        for address in addresses[:-1]:
            with suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                return self._plain.connect_tcp(address, port, min(_AN_ADDRESS_SECONDS, _left(deadline)), *options)
        return self._plain.connect_tcp(addresses[-1], port, _left(deadline), *options)

    def cut(self) -> None:
        """End all connections, also those that are just opened."""
        with self._lock:
            self._is_cut = True
            streams = list(self._open)
        for stream in streams:
            stream.cut()

    def _opened(self, stream: _Stream) -> _Stream:
        with self._lock:
            if not self._is_cut:
                self._open.add(stream)
                return stream
        stream.close()
        raise httpcore.ConnectError("the client was closed")


class _Body(httpx.SyncByteStream):
    """What of an answer is still to be read."""

    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        yield from self._response.iter_stream()

    def close(self) -> None:
        self._response.close()


class Transport(httpx.BaseTransport):
    """Sends a request whose extension `timeout` holds moments, not seconds, over kept connections.

    Its errors are httpcore's, and `TimeoutException` at the deadline. `close` ends the requests under way.
    """

    def __init__(self) -> None:
        self._backend = _Backend()
        authorities = ssl.create_default_context(cafile=certifi.where())  # once: reading them takes a while
        self._pools = [
            httpcore.ConnectionPool(
                ssl_context=authorities,
                # Both are bounded by the threads that call. A bound for idle ones lets a thread close a connection
                # that another one has just been given.
                max_connections=None,
                max_keepalive_connections=None,
                keepalive_expiry=_IDLE_SECONDS,
                network_backend=self._backend,
            )
            for _ in range(_POOLS)
        ]

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send it, and return the answer as soon as its headers are here."""
        url = request.url
        response = self._pool(request.headers).handle_request(
            httpcore.Request(
                request.method,
                httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx.Response(response.status, headers=response.headers, stream=_Body(response))

    def close(self) -> None:
        """End all connections."""
        self._backend.cut()
        for pool in self._pools:
            pool.close()

    def _pool(self, headers: httpx.Headers) -> httpcore.ConnectionPool:
        account = b"\n".join(value for _, value in headers.raw)
        return self._pools[zlib.crc32(account) % _POOLS]


def _left(deadline: float | None) -> float:
    """Return the seconds until then; raises where there are none, for a socket takes that for "do not wait"."""
    left = (deadline or 0.0) - time.monotonic()
    if left <= 0:
        raise httpcore.TimeoutException
    return left
