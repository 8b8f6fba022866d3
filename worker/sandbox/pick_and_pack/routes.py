"""Pick and Pack's own calls over HTTP, after VTEX's announcement of the order status API."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from worker.sandbox.answers import Answer, json_answer
from worker.sandbox.forms import FormError, build, form
from worker.sandbox.performing import Understood, served
from worker.sandbox.pick_and_pack.documents import status_document
from worker.sandbox.pick_and_pack.service import PickingAccount
from worker.sandbox.sandbox import Sandbox
from worker.sandbox.settings import Settings

Endpoint = Callable[[Request], Awaitable[Response]]


@form
class _TokenForm:
    apiKey: str  # noqa: N815 - as the contract spells it


def pick_and_pack_routes(sandbox: Sandbox) -> Mount:
    """Return the routes under `/pick-and-pack`."""
    return Mount(
        "/pick-and-pack",
        routes=[
            Route("/auth/token", _token_endpoint(sandbox), methods=["POST"]),
            Route("/picking-tracking/{order_id}", _status_endpoint(sandbox)),
        ],
    )


def error(status: int, code: int | str, message: str) -> Answer:
    """Return Pick and Pack's error body, with its internal code."""
    return json_answer(status, {"message": message, "code": code})


def _token_endpoint(sandbox: Sandbox) -> Endpoint:
    async def read(_request: Request, account: PickingAccount) -> Understood:
        def act(_settings: Settings, _now: float) -> Answer:
            return json_answer(200, {"message": "success", "data": sandbox.pick_and_pack.issue_token(account)})

        return Understood(lambda _now: frozenset(), act)

    async def endpoint(request: Request) -> Response:
        return await served(sandbox, "pnp_token", request, await _key_owner(sandbox, request), read)

    return endpoint


async def _key_owner(sandbox: Sandbox, request: Request) -> tuple[str, PickingAccount | Answer]:
    """Return whose API key the call carries, or why it is refused."""
    try:
        key = build(_TokenForm, await request.json()).apiKey
    except (FormError, ValueError):
        return "", error(400, "400", "Bad request")
    for account in sandbox.pick_and_pack.accounts.values():
        if account.keys.api_key == key:
            return account.keys.account, account
    return "", error(401, 1000, "Requires authentication")


def _status_endpoint(sandbox: Sandbox) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        return await served(sandbox, "pnp_status", request, _token_owner(sandbox, request), _read_status)

    return endpoint


def _token_owner(sandbox: Sandbox, request: Request) -> tuple[str, PickingAccount | Answer]:
    """Return whose token the call carries, or why it is refused; an expired one still says whose it was."""
    token = request.headers.get("authorization", "")
    account, state = sandbox.pick_and_pack.find_token(token, sandbox.settings.token_seconds)
    name = account.keys.account if account else ""
    if account is not None and state == "good":
        return name, account
    if state == "expired" and sandbox.settings.expired_with_403:
        return name, error(403, "EXPIRED_TOKEN", "Token expirado")
    return name, error(401, 1000, "Requires authentication")


async def _read_status(request: Request, account: PickingAccount) -> Understood:
    order_id = request.path_params["order_id"]

    def act(settings: Settings, _now: float) -> Answer:
        order = account.orders.get(order_id)
        if order is not None:
            return json_answer(200, status_document(order, account.keys.account))
        if settings.unknown_with_400:
            return error(400, 1002, f"Order not found by {order_id}")
        return error(404, 1001, "Resource not found")

    return Understood(lambda _now: {order_id}, act)
