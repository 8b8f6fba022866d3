"""Reads a request's body: so many bytes at most, so long at most, and so much over all requests."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

from worker.entrypoints.web.edge import RETRY_AFTER_SECONDS

MOST_BYTES = 1024 * 1024
READ_SECONDS = 10.0
# Of the bodies of all requests that are being read or saved.
MOST_HELD_BYTES = 64 * MOST_BYTES

_BOM = b"\xef\xbb\xbf"  # .NET writes it before JSON


def try_later(reason: str) -> HTTPException:
    """Return the refusal of what can be sent again."""
    return HTTPException(503, reason, {"Retry-After": RETRY_AFTER_SECONDS})


class Bodies:
    """The bodies that are held at the moment."""

    def __init__(self, *, seconds: float = READ_SECONDS, most_held: int = MOST_HELD_BYTES) -> None:
        self._seconds = seconds
        self._most_held = most_held
        self._held = 0

    @contextmanager
    def held(self) -> Iterator["Body"]:
        """Give a reader for one request; what it read counts as held until the end of the block."""
        body = Body(self)
        try:
            yield body
        finally:
            self._held -= body.size

    def hold(self, size: int) -> None:
        """Count bytes; raises the refusal if there are too many."""
        if self._held + size > self._most_held:
            raise try_later("too many bodies are being read")
        self._held += size

    @property
    def seconds(self) -> float:
        """How long a body may take to arrive."""
        return self._seconds


class Body:
    """The body of one request."""

    def __init__(self, bodies: Bodies) -> None:
        self._bodies = bodies
        self.size = 0

    async def read(self, request: Request) -> bytes:
        """Return the body without a byte order mark; raises `HTTPException` with 400, 408, 413 or 503."""
        said = request.headers.get("content-length", "")
        if said.isdecimal() and int(said[:20]) > MOST_BYTES:
            raise _too_large()
        try:
            async with asyncio.timeout(self._bodies.seconds):
                return (await self._collect(request)).removeprefix(_BOM)
        except TimeoutError:
            raise HTTPException(408, f"the body did not arrive within {self._bodies.seconds:g} s") from None
        except ClientDisconnect:
            raise HTTPException(400, "the body ended early") from None

    async def _collect(self, request: Request) -> bytes:
        parts = []
        async for part in request.stream():
            if self.size + len(part) > MOST_BYTES:
                raise _too_large()
            self._bodies.hold(len(part))
            self.size += len(part)
            parts.append(part)
        return b"".join(parts)


def _too_large() -> HTTPException:
    return HTTPException(413, f"the body is larger than {MOST_BYTES} bytes; send it in parts")
