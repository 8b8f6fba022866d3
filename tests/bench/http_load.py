"""A client that costs far less than the server it asks: whole requests made beforehand, in a process of its own."""

import asyncio
import gc
import re
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from statistics import quantiles

_HEAD_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)
_STATUS = slice(len("HTTP/1.1 "), len("HTTP/1.1 202"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Requests for a port of this machine, over connections that are kept.

    With a `pace` they begin so many a second, however long the answers take; without, each connection sends its next
    request when it has its answer.
    """

    port: int
    requests: Sequence[bytes]
    connections: int
    pace: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """How often each status came, the seconds from the first request to the last answer, and those of each request.

    With a pace, a request's seconds count from the moment at which it was to be sent.
    """

    statuses: Mapping[int, int]
    seconds: float
    latencies: Sequence[float]

    @property
    def a_second(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds

    @property
    def p99_ms(self) -> float:
        """The milliseconds that 99 of 100 requests took at most."""
        return quantiles(self.latencies, n=100)[-1] * 1000


@contextmanager
def load_client() -> Iterator[Callable[[Load], Answers]]:
    """Give what sends a load from another process, which runs already, and waits for all answers."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        pool.submit(gc.disable).result()
        yield lambda load: pool.submit(send_load, load).result()


def request(port: int, path: str, headers: Mapping[str, str] | None = None, body: bytes | None = None) -> bytes:
    """Return a whole request: a POST where it has a body, else a GET."""
    lines = [f"{'GET' if body is None else 'POST'} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}"]
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join([*lines, "", ""]).encode() + (body or b"")


def send_load(load: Load) -> Answers:
    """Send all of it; raises `ConnectionError` where a connection ends."""

    async def run() -> Answers:
        return await _Sending(load).run()

    return asyncio.run(run())


class _Sending:
    """One load under way."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._idle: deque[_Connection] = deque()
        # Requests that a connection may take now, and since when each should be on its way; None: since it is.
        self._waiting: deque[tuple[bytes, float | None]] = deque()
        self._statuses: Counter[int] = Counter()
        self._latencies: list[float] = []
        self._ended = asyncio.Event()
        self._failed = ""

    async def run(self) -> Answers:
        loop = asyncio.get_running_loop()
        for _ in range(self._load.connections):
            _, connection = await loop.create_connection(lambda: _Connection(self), "127.0.0.1", self._load.port)
            self._idle.append(connection)
        begun = time.perf_counter()
        if self._load.pace:
            await self._send_at_pace(begun)
        else:
            self._waiting += ((request, None) for request in self._load.requests)
            self._send()
        await self._ended.wait()
        seconds = time.perf_counter() - begun
        if self._failed:
            raise ConnectionError(self._failed)
        for connection in self._idle:
            connection.close()
        return Answers(statuses=dict(self._statuses), seconds=seconds, latencies=self._latencies)

    def answered(self, connection: "_Connection", status: int, seconds: float) -> None:
        """Note an answer; its connection can take a request."""
        self._statuses[status] += 1
        self._latencies.append(seconds)
        self._idle.append(connection)
        self._send()
        if len(self._latencies) == len(self._load.requests):
            self._ended.set()

    def lost(self, reason: str) -> None:
        """Note that a connection is gone."""
        if not self._ended.is_set():
            self._failed = reason
            self._ended.set()

    async def _send_at_pace(self, begun: float) -> None:
        for number, request in enumerate(self._load.requests):
            moment = begun + number / self._load.pace
            if (early := moment - time.perf_counter()) > 0:
                await asyncio.sleep(early)
            self._waiting.append((request, moment))
            self._send()

    def _send(self) -> None:
        while self._waiting and self._idle:
            self._idle.popleft().send(*self._waiting.popleft())


class _Connection(asyncio.Protocol):
    """One connection: a request, its answer, the next request."""

    def __init__(self, sending: _Sending) -> None:
        self._sending = sending
        self._transport: asyncio.Transport | None = None
        self._got = b""
        self._since = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self._sending.lost(f"the server closed a connection ({exc})")

    def send(self, request: bytes, moment: float | None) -> None:
        """Send a request, which counts from this moment, or from now."""
        assert self._transport is not None
        self._since = time.perf_counter() if moment is None else moment
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._got += data
        head, ended, body = self._got.partition(_HEAD_END)
        if not ended:
            return
        length = _LENGTH.search(head)
        if length is None:
            self._sending.lost("an answer does not say its length")
        elif len(body) >= int(length[1]):
            self._got = b""
            self._sending.answered(self, int(head[_STATUS]), time.perf_counter() - self._since)

    def close(self) -> None:
        """Close it."""
        assert self._transport is not None
        self._transport.abort()
