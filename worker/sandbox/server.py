"""Serves the sandbox over real HTTP."""

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress

import uvicorn
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from worker.sandbox.app import create_app
from worker.sandbox.settings import Settings

KEEP_ALIVE_SECONDS = 300
"""Longer than a client's pool keeps a connection: a connection must only break where a fault says so."""


class LendingProtocol(H11Protocol):
    """Lends its transport to each request, as `scope["state"]["transport"]`, so that a fault can reset it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as in uvicorn
        """Put the transport where the requests of this connection find it."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class SandboxServer(uvicorn.Server):
    """Tells its address once it accepts, and drops the calls that hang when it stops."""

    def __init__(self, app: ASGIApp, host: str, port: int, announce: Callable[[str], object]) -> None:
        """Serve `app` at `host` and `port` (0: any free one); `announce` gets the base URL."""
        super().__init__(
            uvicorn.Config(
                _ending_quietly(app),
                host=host,
                port=port,
                http=LendingProtocol,
                ws="none",
                lifespan="auto",
                log_config=None,
                access_log=False,
                proxy_headers=False,
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
            )
        )
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to accept, then say where."""
        await super().startup(sockets)
        port = self.servers[0].sockets[0].getsockname()[1]
        self._announce(f"http://{self.config.host}:{port}")

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Drop open connections and hanging calls: nobody is owed an answer any more."""
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        for task in list(self.server_state.tasks):
            task.cancel()
        await super().shutdown(sockets)


def run(host: str = "127.0.0.1", port: int = 8800, *, latency_ms: float = 0.0) -> None:
    """Serve a sandbox until the process is told to stop."""
    app = create_app(Settings(latency_ms=latency_ms))

    def announce(base_url: str) -> None:
        print(f"SkyHub sandbox listening on {base_url}", flush=True)  # noqa: T201 - whoever started it waits for this

    with suppress(KeyboardInterrupt):
        SandboxServer(app, host, port, announce).run()


def _ending_quietly(app: ASGIApp) -> ASGIApp:
    """Keep uvicorn from logging as errors the calls that `shutdown` cancels and the callers that vanish."""

    async def quiet(scope: Scope, receive: Receive, send: Send) -> None:
        with suppress(asyncio.CancelledError, ClientDisconnect):
            await app(scope, receive, send)

    return quiet
