"""The OMS's own calls over HTTP, under `/vtex`: who asks, how often, then the call."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from worker.sandbox.answers import Answer, json_answer
from worker.sandbox.calls import CallName
from worker.sandbox.forms import FormError, build, form
from worker.sandbox.performing import BadCallError, Understood, served
from worker.sandbox.sandbox import Sandbox
from worker.sandbox.settings import Settings
from worker.sandbox.vtex.documents import order_document
from worker.sandbox.vtex.feed import Feed, feed_item, stateless
from worker.sandbox.vtex.oms import VtexAccount
from worker.sandbox.vtex.setting_up import set_up_routes

WINDOW_SECONDS = 60.0
"""An account's calls are counted a minute, over all endpoints."""

RETENTION_SECONDS = 345_600
"""How long an event waits in the feed at most, as VTEX gives it."""

Reader = Callable[[Request, VtexAccount], Awaitable[Understood]]


@form
class _CommitForm:
    handles: tuple[str, ...]


def vtex_routes(sandbox: Sandbox) -> Mount:
    """Return the routes under `/vtex`."""

    def route(path: str, method: str, call: CallName, read: Reader) -> Route:
        async def endpoint(request: Request) -> Response:
            return await served(sandbox, call, request, _admitted(sandbox, request), read)

        return Route(path, endpoint, methods=[method], name=call)

    return Mount(
        "/vtex",
        routes=[
            route("/api/oms/pvt/orders/{order_id}", "GET", "oms_order", read_order),
            route("/api/orders/feed", "GET", "feed", read_feed),
            route("/api/orders/feed", "POST", "feed_commit", read_commit),
            route("/api/orders/feed/config", "GET", "feed_config", read_configuration),
            *set_up_routes(sandbox, _admitted),
        ],
    )


def oms_error(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> Answer:
    """Return VTEX's error body, `{"error": {"code", "message", "exception"}}`."""
    return json_answer(status, {"error": {"code": code, "message": message, "exception": None}}, headers)


async def read_order(request: Request, account: VtexAccount) -> Understood:
    """`GET /api/oms/pvt/orders/{orderId}`."""
    order_id = request.path_params["order_id"]
    order = account.orders.get(order_id)

    def act(settings: Settings, _now: float) -> Answer:
        if order is None:
            return oms_error(404, "OMS007", "Pedido não encontrado")
        name = account.keys.account
        return json_answer(200, order_document(order, name, settings.null_fields, settings.absent_fields))

    return Understood(lambda _now: {order_id, order.new.marketplace_order_id} if order else {order_id}, act)


async def read_feed(request: Request, account: VtexAccount) -> Understood:
    """`GET /api/orders/feed?maxlot=`: at most ten events; 404 while the feed is not configured."""
    feed = _feed_of(account)
    text = request.query_params.get("maxlot", "")
    if not text.isdecimal() or int(text) < 1:
        raise BadCallError(oms_error(400, "400", "maxlot deve ser um número a partir de 1"))
    lot = int(text)

    def act(settings: Settings, now: float) -> Answer:
        hidden_until = now + settings.feed_visibility_seconds
        read = feed.read(lot, now, hidden_until, shuffled=settings.feed_shuffled)
        hide = stateless if settings.null_states else None
        return json_answer(200, [feed_item(handle, hide(change) if hide else change) for handle, change in read])

    return Understood(lambda now: {change.order_id for change in feed.visible(lot, now)}, act)


async def read_commit(request: Request, account: VtexAccount) -> Understood:
    """`POST /api/orders/feed`: removes events by handle."""
    feed = _feed_of(account)
    try:
        handles = build(_CommitForm, await request.json()).handles
    except (FormError, ValueError) as error:
        raise BadCallError(oms_error(400, "400", "handles deve ser uma lista de textos")) from error

    def act(_settings: Settings, _now: float) -> Answer:
        feed.commit(handles)
        return Answer(200, b"")

    return Understood(lambda _now: feed.named(handles), act)


async def read_configuration(_request: Request, account: VtexAccount) -> Understood:
    """`GET /api/orders/feed/config`: how the feed is configured, and how much waits in it; takes nothing."""
    feed = _feed_of(account)

    def act(settings: Settings, _now: float) -> Answer:
        queue = {
            "visibilityTimeoutInSeconds": int(settings.feed_visibility_seconds),
            "MessageRetentionPeriodInSeconds": RETENTION_SECONDS,
        }
        shown = {"type": "FromWorkflow", "status": list(settings.feed_states)}
        return json_answer(200, {"filter": shown, "queue": queue, "quantity": feed.waiting})

    return Understood(lambda _now: frozenset(), act)


def _feed_of(account: VtexAccount) -> Feed:
    if account.feed is None:
        raise BadCallError(oms_error(404, "404", "Feed não configurado"))
    return account.feed


def _admitted(sandbox: Sandbox, request: Request) -> tuple[str, VtexAccount | Answer]:
    shown = (request.headers.get("x-vtex-api-appkey"), request.headers.get("x-vtex-api-apptoken"))
    accounts = sandbox.oms.accounts.values()
    account = next((a for a in accounts if (a.keys.app_key, a.keys.app_token) == shown), None)
    if account is None:
        return "", oms_error(401, "1", "Acesso não autorizado")
    name, settings = account.keys.account, sandbox.settings
    limit = (settings.oms_calls_per_minute, WINDOW_SECONDS)
    if settings.rate_limits and not sandbox.limiter.admits((name, "oms"), limit, sandbox.clock()):
        return name, oms_error(429, "429", "Muitas requisições", settings.throttling_headers)
    return name, account
