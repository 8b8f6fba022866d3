"""The simulated SkyHub as one ASGI application."""

import asyncio
import time

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from worker.sandbox.answers import Sleep
from worker.sandbox.control_api import control_routes
from worker.sandbox.forms import FormError
from worker.sandbox.sandbox import Clock, Sandbox, UnknownError
from worker.sandbox.seller import DuplicateOrderError
from worker.sandbox.settings import Settings
from worker.sandbox.skyhub import skyhub_routes

_STATUS_OF_ERRORS = {FormError: 400, UnknownError: 404, DuplicateOrderError: 409}


def create_app(
    settings: Settings | None = None, *, clock: Clock = time.monotonic, sleep: Sleep = asyncio.sleep
) -> Starlette:
    """Build the application; `settings` are those it starts with and returns to at a reset."""
    sandbox = Sandbox(settings or Settings(), clock, sleep)

    async def explain(_request: Request, error: Exception) -> Response:
        return JSONResponse({"error": str(error)}, _STATUS_OF_ERRORS[type(error)])

    return Starlette(
        routes=[*skyhub_routes(sandbox), control_routes(sandbox)],
        exception_handlers=dict.fromkeys(_STATUS_OF_ERRORS, explain),
    )
