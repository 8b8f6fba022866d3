"""The simulated outside world as one ASGI application."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from worker.sandbox.answers import Sleep
from worker.sandbox.control_api import control_routes
from worker.sandbox.forms import FormError
from worker.sandbox.front_page import front_page
from worker.sandbox.pick_and_pack.routes import pick_and_pack_routes
from worker.sandbox.refusals import ConflictError, UnknownError
from worker.sandbox.sandbox import Clock, Sandbox
from worker.sandbox.settings import Settings
from worker.sandbox.skyhub.routes import skyhub_routes
from worker.sandbox.vtex.routes import vtex_routes

_STATUS_OF_ERRORS: dict[type[Exception], int] = {FormError: 400, UnknownError: 404, ConflictError: 409}


def create_app(
    settings: Settings | None = None, *, clock: Clock = time.monotonic, sleep: Sleep = asyncio.sleep
) -> Starlette:
    """Build the application; `settings` are those it starts with and returns to at a reset."""
    sandbox = Sandbox(settings or Settings(), clock, sleep)

    async def explain(_request: Request, error: Exception) -> Response:
        return JSONResponse({"error": str(error)}, _STATUS_OF_ERRORS[type(error)])

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        await sandbox.deliveries.close()

    return Starlette(
        routes=[
            Route("/", front_page),
            *skyhub_routes(sandbox),
            vtex_routes(sandbox),
            pick_and_pack_routes(sandbox),
            control_routes(sandbox),
        ],
        lifespan=lifespan,
        exception_handlers=dict.fromkeys(_STATUS_OF_ERRORS, explain),
    )
