"""`/metrics`: what Prometheus reads. Redis holds all of it, so each web process answers the same."""

import asyncio
import hmac
import time
from hashlib import sha256
from ipaddress import ip_address

from fastapi import APIRouter
from redis.exceptions import RedisError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from worker.entrypoints.web.door import Doors
from worker.entrypoints.web.exposition import Limits, exposition
from worker.entrypoints.web.refusals import SparingLog
from worker.ports import Reading
from worker.telemetry import Log
from worker.usecases.liveness import no_sweep_ms
from worker.wiring import milliseconds

# The text format that every Prometheus reads.
_TEXT = "text/plain; version=0.0.4; charset=utf-8"
# Several Prometheus servers, and people who look, share an answer of so many seconds.
_FRESH_SECONDS = 2.0
# Below Prometheus's own patience, 10 s by default.
_PATIENCE_SECONDS = 5.0
_SCHEME = "bearer "
# Headers by which a proxy says for whom it asks.
_FORWARDED = ("x-forwarded-for", "forwarded", "x-real-ip")


def metrics_page(doors: Doors) -> APIRouter:
    """Return the route."""
    routes = APIRouter(tags=["metrics"])
    scrape = _Scrape(doors)

    @routes.get("/metrics", summary="What is counted of the service", response_class=Response)
    async def metrics(request: Request) -> Response:
        """Return the metrics that docs/metrics.md describes, as text for Prometheus.

        This machine itself may read them; who asks from elsewhere, or through a proxy, needs `COLETA_METRICS_TOKEN` as
        a bearer token. While Redis does not answer, `coleta_up` is 0 and there are no other figures;
        stores whose node of a cluster is away are named by `coleta_store_away`.
        """
        token = doors.service().settings.metrics_token
        if not may_read(request, token.get_secret_value() if token is not None else ""):
            raise HTTPException(401, "a valid token is needed", {"WWW-Authenticate": "Bearer"})
        return Response(await scrape.answer(), media_type=_TEXT)

    return routes


def may_read(request: Request, token: str) -> bool:
    """Whether the request comes from this machine itself, or bears the token; "" is no token."""
    if _is_local(request):
        return True
    given = request.headers.getlist("authorization")
    if not token or len(given) != 1 or given[0][: len(_SCHEME)].lower() != _SCHEME:
        return False
    said = sha256(given[0][len(_SCHEME) :].strip().encode()).digest()
    return hmac.compare_digest(said, sha256(token.encode()).digest())


def _is_local(request: Request) -> bool:
    if request.client is None or any(header in request.headers for header in _FORWARDED):
        return False
    try:
        return ip_address(request.client.host).is_loopback
    except ValueError:
        return False


class _Scrape:
    """One reading at a time, shared by those who ask meanwhile and shortly after."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors
        self._lines = SparingLog()
        self._reading: asyncio.Task[bytes] | None = None
        self._fresh_until = 0.0

    async def answer(self) -> bytes:
        """Return the text; what takes too long is let go on, for those who ask next."""
        if self._reading is None or (self._reading.done() and time.monotonic() >= self._fresh_until):
            self._reading = asyncio.create_task(asyncio.to_thread(self._read))
            self._reading.add_done_callback(self._note_age)
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                return await asyncio.shield(self._reading)
        except TimeoutError:
            return self._text(None)

    def _note_age(self, _: "asyncio.Task[bytes]") -> None:
        self._fresh_until = time.monotonic() + _FRESH_SECONDS

    def _read(self) -> bytes:
        try:
            reading = self._doors.meters.read(sorted(self._doors.service().stores))
        except RedisError as error:
            self._lines.warning(Log.METRICS_NOT_READ, type(error).__name__, reason=str(error))
            reading = None
        return self._text(reading)

    def _text(self, reading: Reading | None) -> bytes:
        settings = self._doors.service().settings
        return exposition(reading, Limits(settings.inbox_limit, no_sweep_ms(milliseconds(settings.sweep_seconds))))
