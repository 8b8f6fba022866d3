"""HTTP with an exact total timeout and the knowledge whether a byte of the request may have left.

The only module that imports httpx. httpx bounds each read, not the whole call, so a server that drips a byte now and
then holds a thread for ever; cancelling a task bounds everything. Hence one background thread with an event loop a
process, shared by all threads, behind a blocking call.
"""

import asyncio
import os
import ssl
import threading
import time
import zlib
from collections.abc import Awaitable, Callable, Iterator, Mapping
from concurrent.futures import CancelledError
from dataclasses import dataclass, field
from socket import gaierror
from typing import Any, Protocol

import anyio  # httpx's own foundation
import httpx
from anyio.lowlevel import checkpoint

MAX_ANSWER_BYTES = 5 * 1024 * 1024

# An idle connection that its server is just closing turns a sent request into an unknown outcome. Below the shortest
# idle timeouts in wide use (5 s: Node, Apache) ours is the side that closes.
_IDLE_SECONDS = 4.0
_POOLS = 16
_IDLE_CONNECTIONS = 10  # of a pool

# The loop cancels at the deadline; only a starved or stopped loop needs the caller to give up by itself.
_GRACE_SECONDS = 0.5
_STOP_SECONDS = 5.0


class CallFailed(Exception):  # noqa: N818 - named as the event it reports
    """No whole answer came. `sent` = a byte of the request may have left; `reason` holds no secret and no body."""

    def __init__(self, reason: str, *, sent: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.sent = sent


class CallHeld(CallFailed):
    """`may_send` did not allow the call, so nothing was sent."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, sent=False)


@dataclass(frozen=True, slots=True)
class Call:
    """A request. `url` is absolute and already percent-encoded; no secret may be in it. `name` is what is asked."""

    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(default=b"", repr=False)
    name: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer: header names in lower case, the body unpacked and at most `MAX_ANSWER_BYTES` long."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def is_success(self) -> bool:
        """Whether the status is a 2xx."""
        return 200 <= self.status < 300  # noqa: PLR2004 - the definition


class Caller(Protocol):
    """Calls as `HttpClient` does."""

    def start(self) -> None:
        """See `HttpClient.start`."""

    def call(self, request: Call, *, timeout: float, may_send: Callable[[], bool] | None = None) -> Answer:
        """See `HttpClient.call`."""


class HttpClient:
    """Blocking calls for all threads of a process, over shared keep-alive connections.

    No redirects, cookies, proxies or settings from the environment; nothing is sent twice. The loop starts with `start`
    or the first call, and once more after a fork or `close`.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._engine: _Engine | None = None

    def start(self) -> None:
        """Start the loop and load the certificates now, so that the first call is not late for its slot."""
        self._running_engine()

    def call(self, request: Call, *, timeout: float, may_send: Callable[[], bool] | None = None) -> Answer:
        """Send `request` and return the whole answer; `timeout` seconds bound connect, send and answer together.

        `may_send` is asked as the last act before the first byte, in the loop's thread: it must be quick and do no
        I/O. Raises `CallHeld` when it says no, else `CallFailed`, and nothing besides.
        """
        flight = _Flight(may_send or _always, timeout)
        engine = self._running_engine()
        exchange = _exchange(engine.transport(request), request, flight)
        try:
            future = asyncio.run_coroutine_threadsafe(exchange, engine.loop)
        except RuntimeError:
            exchange.close()
            raise CallFailed("the client was closed", sent=False) from None
        try:
            return future.result(timeout + _GRACE_SECONDS)
        except (TimeoutError, CancelledError):
            raise CallFailed(f"given up while {flight.phase}", sent=flight.abandon()) from None

    def close(self) -> None:
        """Fail the calls in flight and close all connections."""
        with self._lock:
            engine, self._engine = self._engine, None
        if engine is not None and engine.pid == os.getpid():
            engine.stop()

    def _running_engine(self) -> "_Engine":
        with self._lock:
            if self._engine is None or self._engine.pid != os.getpid():
                self._engine = _Engine()
            return self._engine


class _Engine:
    """The event loop in its thread, and the connections that belong to it.

    They are in several pools, those of an account in one: httpcore looks at every connection of a pool at each call.
    """

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.loop = asyncio.new_event_loop()
        authorities = httpx.create_ssl_context(trust_env=False)  # once: reading them takes a while
        limits = httpx.Limits(
            max_connections=None,  # bounded by the threads that call
            max_keepalive_connections=_IDLE_CONNECTIONS,
            keepalive_expiry=_IDLE_SECONDS,
        )
        self._transports = [
            httpx.AsyncHTTPTransport(verify=authorities, trust_env=False, limits=limits) for _ in range(_POOLS)
        ]
        self._thread = threading.Thread(target=self.loop.run_forever, name="http", daemon=True)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(checkpoint(), self.loop).result()  # anyio loads much at its first use

    def transport(self, request: Call) -> httpx.AsyncHTTPTransport:
        """Return the pool that holds the connections of this account, which its headers tell."""
        account = "\n".join(request.headers.values())
        return self._transports[zlib.crc32(account.encode(errors="replace")) % _POOLS]

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._shut(), self.loop).result(_STOP_SECONDS)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(_STOP_SECONDS)
        self.loop.close()

    async def _shut(self) -> None:
        flying = asyncio.all_tasks() - {asyncio.current_task()}
        for task in flying:
            task.cancel()
        await asyncio.gather(*flying, return_exceptions=True)
        for transport in self._transports:
            await transport.aclose()


class _Flight:
    """How far one call has come, agreed between the caller's thread and the loop's."""

    def __init__(self, may_send: Callable[[], bool], timeout: float) -> None:
        self.timeout = timeout
        self.deadline = time.monotonic() + timeout  # the event loop's clock too
        self.phase = "connecting"
        self.sent = False
        self._may_send = may_send
        self._abandoned = False
        self._lock = threading.Lock()

    def depart(self) -> None:
        """Ask for leave to send; from here on `sent` is true. Raises `CallHeld` without leave."""
        try:
            allowed = self._may_send()
        except Exception as error:
            raise CallHeld(f"the check before sending failed ({type(error).__name__})") from error
        with self._lock:
            if not allowed or self._abandoned:
                raise CallHeld("held back by the check before sending")
            self.sent = True
        self.phase = "waiting for the answer"

    def abandon(self) -> bool:
        """Forbid sending from now on and return whether it has begun."""
        with self._lock:
            self._abandoned = True
            return self.sent

    def failed(self, what: str) -> CallFailed:
        return CallFailed(f"{what} while {self.phase}", sent=self.sent)


async def _exchange(transport: httpx.AsyncHTTPTransport, request: Call, flight: _Flight) -> Answer:
    """Turn every end of a call into an answer or a `CallFailed`."""
    try:
        # anyio's timeout, not asyncio's: httpcore shields its clean-up from the former only, and a connection whose
        # clean-up is cancelled stays in the pool for ever.
        with anyio.fail_after(flight.deadline - time.monotonic()):
            return await _send_and_read(transport, request, flight)
    except CallFailed:
        raise
    except TimeoutError:
        raise flight.failed(f"timed out after {flight.timeout:g} s") from None
    except Exception as error:  # noqa: BLE001 - an error that we did not foresee is still a failed call, not a crash
        raise flight.failed(_in_words(error)) from None


async def _send_and_read(transport: httpx.AsyncHTTPTransport, request: Call, flight: _Flight) -> Answer:
    response = await transport.handle_async_request(_build(request, _tracing(flight)))
    try:
        body = await _read(response, flight)
    finally:
        await response.aclose()
    return Answer(response.status_code, dict(response.headers), body)


def _tracing(flight: _Flight) -> "_Trace":
    """Return httpcore's `trace` extension, which sees each step; raised in it, an exception stops the call there."""
    stream: Any = None

    async def trace(event: str, info: Mapping[str, Any]) -> None:
        nonlocal stream
        match event:
            case "http11.send_request_headers.started":
                flight.depart()
            case "http11.receive_response_headers.complete":
                flight.phase = "reading the answer"
            case "connection.connect_tcp.complete":
                stream = info["return_value"]
            case "connection.start_tls.failed":
                await stream.aclose()  # httpcore forgets it when the handshake is cancelled

    return trace


_Trace = Callable[[str, Mapping[str, Any]], Awaitable[None]]


def _build(request: Call, trace: _Trace) -> httpx.Request:
    headers = {"User-Agent": "coleta", "Accept-Encoding": "identity", **request.headers}
    if not all(value.isascii() and value.isprintable() for value in headers.values()):
        raise CallFailed("a header value holds a character that HTTP does not allow", sent=False)
    return httpx.Request(
        request.method, request.url, headers=headers, content=request.body, extensions={"trace": trace}
    )


async def _read(response: httpx.Response, flight: _Flight) -> bytes:
    """Return the body, refused as soon as it outgrows `MAX_ANSWER_BYTES`, packed or unpacked."""
    body = bytearray()
    async for part in response.aiter_raw():
        body += part
        if len(body) > MAX_ANSWER_BYTES:
            raise flight.failed("the answer is larger than 5 MiB")
    return _unpacked(bytes(body), response.headers.get("content-encoding", ""), flight)


def _unpacked(body: bytes, encoding: str, flight: _Flight) -> bytes:
    """Return the body itself; gzip, which some proxies apply unasked, is undone within the same bound."""
    if not body or encoding.strip().lower() in {"", "identity"}:
        return body
    if encoding.strip().lower() not in {"gzip", "x-gzip"}:
        raise flight.failed("the answer is packed in a way that was not asked for")
    inflater = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)  # 16: gzip
    unpacked = inflater.decompress(body, MAX_ANSWER_BYTES + 1)
    if len(unpacked) > MAX_ANSWER_BYTES:
        raise flight.failed("the answer is larger than 5 MiB")
    if not inflater.eof or inflater.unused_data:
        raise flight.failed("the packed answer is not whole")
    return unpacked


def _in_words(error: Exception) -> str:
    """Name what happened without the error's own text, which may quote what must not be quoted."""
    chain = tuple(_chain(error))
    for kind, words in _WORDS:
        if any(isinstance(link, kind) for link in chain):
            return words
    return f"failed ({type(error).__name__})"


# The first kind that is found anywhere in the chain of causes names the failure.
_WORDS: tuple[tuple[type[BaseException], str], ...] = (
    (gaierror, "the host name was not found"),
    (ssl.SSLCertVerificationError, "the server's TLS certificate is not trusted"),
    (ssl.SSLError, "the TLS handshake or stream failed"),
    (ConnectionRefusedError, "the connection was refused"),
    (httpx.ConnectError, "the host was not reached"),
    (httpx.RemoteProtocolError, "the connection was closed early or the answer is not HTTP"),
    (httpx.NetworkError, "the connection broke"),
    (httpx.TimeoutException, "the connection timed out"),
    (zlib.error, "the packed answer is broken"),
    (httpx.InvalidURL, "the address is not a valid URL"),
    (httpx.UnsupportedProtocol, "the address is not an http or https URL"),
)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):
            for member in error.exceptions:
                yield from _chain(member)
        error = error.__cause__ or error.__context__


def _always() -> bool:
    return True
