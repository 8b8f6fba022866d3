"""Each request in a trace: the one that its header `traceparent` names, else a new one."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from worker.entrypoints.tracing import context, spans
from worker.entrypoints.tracing.spans import Kind
from worker.entrypoints.web.edge import PROBES

_HEADER = context.HEADER.encode()


class Traced:
    """ASGI middleware, to be the outermost: what is refused at the edge has its trace as well. Probes have none."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request in its trace."""
        if scope["type"] != "http" or scope["path"] in PROBES:
            await self._app(scope, receive, send)
            return
        status = 0

        async def noting(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        given = next((value.decode("latin-1") for name, value in scope["headers"] if name == _HEADER), None)
        method = scope["method"]
        span = spans.begin(method, Kind.DOOR, context.read(given), **{"http.request.method": method})
        try:
            await self._app(scope, receive, noting)
        finally:
            route = getattr(scope.get("route"), "path", "")  # the pattern, not what a stranger wrote
            named = {"http.route": route} if route else {}
            failed = str(status) if status >= 500 or not status else ""  # noqa: PLR2004 - HTTP's server errors
            span.end(f"{method} {route}".rstrip(), failed, **{"http.response.status_code": status}, **named)
