"""Pick and Pack's own calls over HTTP, after VTEX's announcement of the order status API."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from worker.sandbox.answers import Answer, json_answer, response
from worker.sandbox.forms import FormError, build, form
from worker.sandbox.performing import Deed, counted, perform
from worker.sandbox.pick_and_pack.documents import status_document
from worker.sandbox.pick_and_pack.service import PickingAccount
from worker.sandbox.sandbox import Sandbox
from worker.sandbox.settings import Settings

INTERNAL_ERROR = '{"message":"Internal error","code":1003}'
"""The body of a 500, for a planned fault."""

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
    async def endpoint(request: Request) -> Response:
        account, refusal = await _key_owner(sandbox, request)
        if account is None:
            return counted(sandbox, "pnp_token", "", response(refusal))

        def act(_settings: Settings, _now: float) -> Answer:
            return json_answer(200, {"message": "success", "data": sandbox.pick_and_pack.issue_token(account)})

        async def read() -> Deed:
            return Deed(lambda _now: frozenset(), act)

        name = account.keys.account
        return counted(sandbox, "pnp_token", name, await perform(sandbox, "pnp_token", name, read))

    return endpoint


async def _key_owner(sandbox: Sandbox, request: Request) -> tuple[PickingAccount | None, Answer]:
    """Return whose API key the call carries, or why it is refused."""
    try:
        key = build(_TokenForm, await request.json()).apiKey
    except (FormError, ValueError):
        return None, error(400, "400", "Bad request")
    accounts = sandbox.pick_and_pack.accounts.values()
    owner = next((account for account in accounts if account.keys.api_key == key), None)
    return owner, error(401, 1000, "Requires authentication")


def _status_endpoint(sandbox: Sandbox) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        token = request.headers.get("authorization", "")
        account, state = sandbox.pick_and_pack.find_token(token, sandbox.settings.token_seconds)
        name = account.keys.account if account else ""
        if account is None or state != "good":
            with_403 = state == "expired" and sandbox.settings.expired_with_403
            refusal = (
                error(403, "EXPIRED_TOKEN", "Token expirado")
                if with_403
                else error(401, 1000, "Requires authentication")
            )
            return counted(sandbox, "pnp_status", name, response(refusal))

        async def read() -> Deed:
            return _read_status(request.path_params["order_id"], account)

        return counted(sandbox, "pnp_status", name, await perform(sandbox, "pnp_status", name, read))

    return endpoint


def _read_status(order_id: str, account: PickingAccount) -> Deed:
    def act(settings: Settings, _now: float) -> Answer:
        order = account.orders.get(order_id)
        if order is not None:
            return json_answer(200, status_document(order, account.keys.account))
        if settings.unknown_with_400:
            return error(400, 1002, f"Order not found by {order_id}")
        return error(404, 1001, "Resource not found")

    return Deed(lambda _now: {order_id}, act)
