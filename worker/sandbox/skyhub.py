"""SkyHub's own calls over HTTP, in the order of its checks: who asks, how often, in which form, then the call."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from worker.sandbox.answers import Answer, ResetResponse, dripping_response, error_answer, fault_answer, response
from worker.sandbox.calls import CallName
from worker.sandbox.deeds import BadCallError, Deed, read_collectables, read_confirm, read_order, read_orders
from worker.sandbox.faults import Fault, When
from worker.sandbox.sandbox import Sandbox
from worker.sandbox.seller import Credentials, Seller

Reader = Callable[[Request, Seller], Awaitable[Deed]]

PDF = Answer(200, b"%PDF-1.4\n%%EOF\n", "application/pdf")


def skyhub_routes(sandbox: Sandbox) -> list[Route]:
    """Return the routes of the four calls."""

    def route(path: str, method: str, call: CallName, read: Reader) -> Route:
        async def endpoint(request: Request) -> Response:
            seller = _recognise(sandbox, request)
            if seller is None:
                answered = response(error_answer(401, "Invalid credentials"))
            else:
                answered = await _answer(sandbox, call, read, request, seller)
            account = seller.credentials.user_email if seller else ""
            outcome = "reset" if isinstance(answered, ResetResponse) else str(answered.status_code)
            sandbox.calls[account, call, outcome] += 1
            return answered

        return Route(path, endpoint, methods=[method], name=call)

    return [
        route("/shipments/b2w/collectables", "GET", "collectables", read_collectables),
        route("/shipments/b2w/confirm_collection", "POST", "confirm", read_confirm),
        route("/orders", "GET", "orders", read_orders),
        route("/orders/{code}", "GET", "order", read_order),
    ]


def _recognise(sandbox: Sandbox, request: Request) -> Seller | None:
    shown = Credentials(
        user_email=request.headers.get("x-user-email", ""),
        api_key=request.headers.get("x-api-key", ""),
        accountmanager_key=request.headers.get("x-accountmanager-key", ""),
    )
    seller = sandbox.sellers.get(shown.user_email)
    return seller if seller and seller.credentials == shown else None


async def _answer(sandbox: Sandbox, call: CallName, read: Reader, request: Request, seller: Seller) -> Response:
    account = seller.credentials.user_email
    settings = sandbox.settings
    if settings.rate_limits and not sandbox.limiter.admits(account, call, sandbox.clock()):
        wait = settings.retry_after_seconds
        headers = {} if wait is None else {"Retry-After": str(wait)}
        return response(error_answer(429, "Too many requests", headers))
    if wrong := _wrong_form(request):
        return response(wrong)
    await request.body()  # A caller that leaves from here on has sent its whole call, and the call counts.
    if settings.latency_ms:
        await sandbox.sleep(settings.latency_ms / 1000)
    try:
        deed = await read(request, seller)
    except BadCallError as error:
        return response(error.answer)
    return await _perform(sandbox, call, account, deed)


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


async def _perform(sandbox: Sandbox, call: CallName, account: str, deed: Deed) -> Response:
    async def fault_at(when: When) -> Fault | None:
        fault = sandbox.faults.take(call, when, account, lambda: deed.codes(sandbox.clock()))
        if fault and fault.hang_seconds:
            await sandbox.sleep(fault.hang_seconds)
        return fault

    before = await fault_at("before")
    if before and before.replaces_answer:
        return _faulty(sandbox, before, None)
    answer = deed.act(sandbox.settings, sandbox.clock())
    fault = await fault_at("after") or before
    return _faulty(sandbox, fault, answer) if fault else response(answer)


def _faulty(sandbox: Sandbox, fault: Fault, answer: Answer | None) -> Response:
    sent = fault_answer(fault) or answer
    if sent is None or fault.reset:
        return ResetResponse()
    return dripping_response(sent, fault, sandbox.sleep) if fault.drip_seconds else response(sent)
