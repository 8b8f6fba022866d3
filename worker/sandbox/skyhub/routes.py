"""SkyHub's own calls over HTTP, in the order of its checks: who asks, how often, in which form, then the call."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from worker.sandbox.answers import Answer, error_answer
from worker.sandbox.calls import SkyHubCall
from worker.sandbox.performing import Understood, served
from worker.sandbox.sandbox import Sandbox
from worker.sandbox.skyhub.account import Credentials, Seller
from worker.sandbox.skyhub.calls import read_collectables, read_confirm, read_order, read_orders

CALLS_PER_SECOND: dict[SkyHubCall, int] = {"collectables": 9, "confirm": 9, "order": 1, "orders": 1}
"""The documented rates: each account, endpoint and method has its own."""
WINDOW_SECONDS = 1.0

Reader = Callable[[Request, Seller], Awaitable[Understood]]

PDF = Answer(200, b"%PDF-1.4\n%%EOF\n", "application/pdf")


def skyhub_routes(sandbox: Sandbox) -> list[Route]:
    """Return the routes of the four calls."""

    def route(path: str, method: str, call: SkyHubCall, read: Reader) -> Route:
        async def endpoint(request: Request) -> Response:
            return await served(sandbox, call, request, _admitted(sandbox, call, request), read)

        return Route(path, endpoint, methods=[method], name=call)

    return [
        route("/shipments/b2w/collectables", "GET", "collectables", read_collectables),
        route("/shipments/b2w/confirm_collection", "POST", "confirm", read_confirm),
        route("/orders", "GET", "orders", read_orders),
        route("/orders/{code}", "GET", "order", read_order),
    ]


def _admitted(sandbox: Sandbox, call: SkyHubCall, request: Request) -> tuple[str, Seller | Answer]:
    shown = Credentials(
        user_email=request.headers.get("x-user-email", ""),
        api_key=request.headers.get("x-api-key", ""),
        accountmanager_key=request.headers.get("x-accountmanager-key", ""),
    )
    seller = sandbox.sellers.get(shown.user_email)
    if seller is None or seller.credentials != shown:
        return "", error_answer(401, "Invalid credentials")
    account = shown.user_email
    settings = sandbox.settings_of(account)
    limit = (CALLS_PER_SECOND[call], WINDOW_SECONDS)
    if settings.rate_limits and not sandbox.limiter.admits((account, call), limit, sandbox.clock()):
        return account, error_answer(429, "Too many requests", settings.throttling_headers)
    return account, _wrong_form(request) or seller


def _wrong_form(request: Request) -> Answer | None:
    accept = request.headers.get("accept", "*/*")
    if "*" in accept:
        return PDF
    if accept != "application/json":
        return error_answer(406, "Accept must be application/json")
    media_type, _, parameters = request.headers.get("content-type", "").lower().partition(";")
    is_json = media_type.strip() == "application/json" and parameters.strip() in ("", "charset=utf-8")
    if request.method == "POST" and not is_json:
        return error_answer(415, "Content-Type must be application/json, in UTF-8")
    return None
