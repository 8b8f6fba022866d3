"""What holds for every request and every answer, whatever is behind it: the outermost layer of the application."""

import asyncio
import re
from collections.abc import Awaitable, Callable

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from worker.entrypoints.web.json_answer import JsonAnswer
from worker.telemetry import Log

log = structlog.get_logger()

# Requests under way at once; each may wait for Redis for seconds.
MOST_REQUESTS = 512
# What asks whether the process lives comes by address, not by name, and must get its answer when all else is refused.
PROBES = frozenset({"/healthz", "/readyz"})
# An answer says this unless it says something else itself.
SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
# And a page this: it loads and sends only what is of this host, and holds no script or style of its own.
PAGE_HEADERS = {
    **SECURITY_HEADERS,
    # Under no-referrer, browsers would say `Origin: null` of the pages' own forms.
    "Referrer-Policy": "same-origin",
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'none'",
            *(f"{what} 'self'" for what in ("style-src", "script-src", "img-src", "connect-src", "form-action")),
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    ),
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
}
RETRY_AFTER_SECONDS = "2"

_HOST = re.compile(r"(?P<name>[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?", re.IGNORECASE)
# After an answer that came before the body's end, the rest is read and thrown away: a closed connection would take
# the answer with it.
_LINGER_SECONDS = 1.0
_LINGER_BYTES = 2 * 1024 * 1024


class Edge:
    """ASGI middleware. `hosts` are the names by which the service may be asked, in lower case; empty: any."""

    def __init__(self, app: ASGIApp, hosts: frozenset[str] = frozenset(), most_requests: int = MOST_REQUESTS) -> None:
        self._app = app
        self._hosts = hosts
        self._most_requests = most_requests
        self._requests = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(scope, receive, send)
        refusal = self._refusal(scope)
        if refusal is not None:
            await refusal(scope, exchange.receive, exchange.send)
            return
        self._requests += 1
        exchange.when_answered(self._answered)
        try:
            await self._app(scope, exchange.receive, exchange.send)
        except Exception:
            log.exception(Log.DOOR_BROKE, method=scope["method"], path=scope["path"])
            if exchange.answered:
                raise
            await JsonAnswer({"detail": "an error of this service"}, 500)(scope, exchange.receive, exchange.send)
        finally:
            exchange.note_answered()

    def _answered(self) -> None:
        self._requests -= 1

    def _refusal(self, scope: Scope) -> JsonAnswer | None:
        hosts = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
        host = _HOST.fullmatch(hosts[0]) if len(hosts) == 1 else None
        probe = scope["path"] in PROBES
        if host is None or (self._hosts and not probe and host["name"].lower() not in self._hosts):
            return JsonAnswer({"detail": "the header Host must name this service, once"}, 400)
        if self._requests >= self._most_requests and not probe:
            return JsonAnswer({"detail": "too many requests at once"}, 503, {"Retry-After": RETRY_AFTER_SECONDS})
        return None


class _Exchange:
    """One request and its answer, as they pass."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        self._receive, self._send = receive, send
        self._unread = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
        self._may_linger = "expect" not in headers
        self._when_answered: Callable[[], None] | None = None
        self.answered = False

    def when_answered(self, call: Callable[[], None]) -> None:
        """Call this once, when the answer begins or nothing more can come."""
        self._when_answered = call

    def note_answered(self) -> None:
        """Note that the answer begins, or that none will."""
        if self._when_answered is not None:
            call, self._when_answered = self._when_answered, None
            call()

    async def receive(self) -> Message:
        """Receive, noting the body's end."""
        message = await self._receive()
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            self._unread = False
        return message

    async def send(self, message: Message) -> None:
        """Send with the headers that every answer has."""
        if message["type"] == "http.response.start":
            self.answered = True
            self.note_answered()
            headers = MutableHeaders(scope=message)
            is_page = headers.get("content-type", "").startswith("text/html")
            for name, value in (PAGE_HEADERS if is_page else SECURITY_HEADERS).items():
                headers.setdefault(name, value)
            if self._unread:
                headers["Connection"] = "close"
            await self._send(message)
        elif self._unread and self._may_linger and not message.get("more_body", False):
            await self._send({**message, "more_body": True})
            await self._drain(self.receive)
            await self._send({"type": "http.response.body"})
        else:
            await self._send(message)

    async def _drain(self, receive: Callable[[], Awaitable[Message]]) -> None:
        left = _LINGER_BYTES
        try:
            async with asyncio.timeout(_LINGER_SECONDS):
                while self._unread and left > 0:
                    left -= len((await receive()).get("body", b""))
        except TimeoutError:
            pass
