"""HTTP with an exact total timeout and the knowledge whether a byte of the request may have left.

With `http_transport` the only module that imports httpx, whose timeouts bound each read, not the whole call: a server
that drips a byte now and then would hold a thread for ever. Here each wait is cut at the call's deadline. A call runs
in the thread that makes it: an event loop for all threads cost nearly twice as much (docs/decisions/0002).
"""

import os
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from socket import gaierror
from typing import Any, Protocol

import httpcore
import httpx

from worker.adapters.http_transport import Transport

MAX_ANSWER_BYTES = 5 * 1024 * 1024
# A wait on a socket may end that much before its time.
_HAIR_SECONDS = 0.01


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

    No redirects, cookies, proxies or settings from the environment; nothing is sent twice. Its connections are opened
    anew after a fork or `close`.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._transport: Transport | None = None
        self._pid = 0

    def start(self) -> None:
        """Load the certificates now, so that the first call is not late for its slot."""
        self._open_transport()

    def call(self, request: Call, *, timeout: float, may_send: Callable[[], bool] | None = None) -> Answer:
        """Send `request` and return the whole answer; `timeout` seconds bound connect, send and answer together.

        `may_send` is asked as the last act before the first byte: it must be quick and do no I/O. Raises `CallHeld`
        when it says no, else `CallFailed`, and nothing besides.
        """
        flight = _Flight(may_send or _always, timeout)
        try:
            return _send_and_read(self._open_transport(), request, flight)
        except CallFailed:
            raise
        except Exception as error:  # noqa: BLE001 - an error that we did not foresee is still a failed call, not a crash
            what = f"timed out after {timeout:g} s" if flight.is_over() else _in_words(error)
            raise flight.failed(what) from None

    def close(self) -> None:
        """Fail the calls in flight and close all connections."""
        with self._lock:
            transport, self._transport = self._transport, None
            ours = self._pid == os.getpid()
        if transport is not None and ours:
            transport.close()

    def _open_transport(self) -> Transport:
        with self._lock:
            if self._transport is None or self._pid != os.getpid():
                self._transport, self._pid = Transport(), os.getpid()
            return self._transport


class _Flight:
    """How far one call has come."""

    def __init__(self, may_send: Callable[[], bool], timeout: float) -> None:
        self.deadline = time.monotonic() + timeout
        self.phase = "connecting"
        self.sent = False
        self._may_send = may_send

    def is_over(self) -> bool:
        """Whether its time is over."""
        return time.monotonic() >= self.deadline - _HAIR_SECONDS

    def depart(self) -> None:
        """Ask for leave to send; from here on `sent` is true. Raises `CallHeld` without leave."""
        try:
            allowed = self._may_send()
        except Exception as error:
            raise CallHeld(f"the check before sending failed ({type(error).__name__})") from error
        if not allowed or self.is_over():
            raise CallHeld("held back by the check before sending")
        self.sent = True
        self.phase = "waiting for the answer"

    def failed(self, what: str) -> CallFailed:
        return CallFailed(f"{what} while {self.phase}", sent=self.sent)

    def trace(self, event: str, _: Mapping[str, Any]) -> None:
        """Be told of each step by httpcore; raised here, an exception stops the call there."""
        if event == "http11.send_request_headers.started":
            self.depart()
        elif event == "http11.receive_response_headers.complete":
            self.phase = "reading the answer"


def _send_and_read(transport: Transport, request: Call, flight: _Flight) -> Answer:
    response = transport.handle_request(_build(request, flight))
    try:
        headers = dict(response.headers)
        body = _read(response.iter_raw(), headers.get("content-encoding", ""), flight)
    finally:
        response.close()
    return Answer(response.status_code, headers, body)


def _build(request: Call, flight: _Flight) -> httpx.Request:
    try:
        url = httpx.URL(request.url)
    except (httpx.InvalidURL, ValueError):
        raise CallFailed("the address is not a valid URL", sent=False) from None
    if url.scheme not in {"http", "https"} or not url.host:
        raise CallFailed("the address is not an http or https URL", sent=False)
    headers = {"User-Agent": "coleta", "Accept-Encoding": "identity", **request.headers}
    if not all(value.isascii() and value.isprintable() for value in headers.values()):
        raise CallFailed("a header value holds a character that HTTP does not allow", sent=False)
    until = dict.fromkeys(("connect", "read", "write"), flight.deadline)
    extensions = {"timeout": until, "trace": flight.trace}
    return httpx.Request(request.method, url, headers=headers, content=request.body, extensions=extensions)


def _read(parts: Iterable[bytes], encoding: str, flight: _Flight) -> bytes:
    """Return the body, refused as soon as it outgrows `MAX_ANSWER_BYTES`, packed or unpacked."""
    body = bytearray()
    for part in parts:
        body += part
        if len(body) > MAX_ANSWER_BYTES:
            raise flight.failed("the answer is larger than 5 MiB")
    return _unpacked(bytes(body), encoding, flight)


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
    (httpcore.ConnectError, "the host was not reached"),
    (httpcore.RemoteProtocolError, "the connection was closed early or the answer is not HTTP"),
    (httpcore.NetworkError, "the connection broke"),
    (httpcore.TimeoutException, "the connection timed out"),
    (zlib.error, "the packed answer is broken"),
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
