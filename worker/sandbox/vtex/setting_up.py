"""How a seller sets the feed and the hook up, by the calls of VTEX's guide to both; no fault strikes them.

What is asked for is checked, and every change is told all the same: VTEX sends states that nobody configured, too.
"""

from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from worker.sandbox.answers import Answer, json_answer, response
from worker.sandbox.control_json import object_of
from worker.sandbox.forms import FormError, build
from worker.sandbox.refusals import ConflictError, UnknownError
from worker.sandbox.sandbox import Sandbox
from worker.sandbox.vtex.bodies import HookConfig
from worker.sandbox.vtex.oms import VtexAccount

Admitted = Callable[[Sandbox, Request], tuple[str, VtexAccount | Answer]]
Act = Callable[[Request, str, VtexAccount], Awaitable[Answer]]
_WANTED = {"FromWorkflow": "status", "FromOrders": "expression"}
"""What a filter of each type must say besides its type."""
_OF_ORDERS = ("expression", "disableSingleFire")
_RETENTION = ("messageRetentionPeriodInSeconds", "MessageRetentionPeriodInSeconds")
"""The guide's spelling and the reference's."""
_RETENTION_SECONDS = range(345_600, 1_209_601)
_DONE = Answer(200, b"")


def set_up_routes(sandbox: Sandbox, admitted: Admitted) -> list[Route]:
    """Return `POST` of `/api/orders/feed/config`, `POST` and `GET` of `/api/orders/hook/config`, for who is admitted.

    What cannot be used is refused with 400, as is a hook whose ping does not get 200, and a filter of both types with
    409; 200 has no body. `GET` shows the hook, not its filter, and is 404 where there is none.
    """

    def route(method: str, path: str, act: Act) -> Route:
        async def endpoint(request: Request) -> Response:
            name, account = admitted(sandbox, request)
            return response(account if isinstance(account, Answer) else await act(request, name, account))

        return Route(path, endpoint, methods=[method])

    async def set_feed_up(request: Request, name: str, _account: VtexAccount) -> Answer:
        asked = await object_of(request)
        _check_filter(asked)
        _check_queue(_object(asked, "queue"))
        sandbox.oms.configure_feed(name, configured=True)
        return _DONE

    async def set_hook_up(request: Request, name: str, _account: VtexAccount) -> Answer:
        asked = await object_of(request)
        _check_filter(asked)
        try:
            await sandbox.oms.configure_hook(name, build(HookConfig, _object(asked, "hook")))
        except ConflictError as error:
            raise FormError(f"hook.url: {error}") from error
        return _DONE

    async def show_hook(_request: Request, _name: str, account: VtexAccount) -> Answer:
        if account.hook is None:
            raise UnknownError("no hook is configured")
        return json_answer(200, {"hook": {"url": account.hook.url, "headers": account.hook.headers}})

    return [
        route("POST", "/api/orders/feed/config", set_feed_up),
        route("POST", "/api/orders/hook/config", set_hook_up),
        route("GET", "/api/orders/hook/config", show_hook),
    ]


def _check_queue(queue: Mapping[str, object]) -> None:
    if not isinstance(queue.get("visibilityTimeoutInSeconds"), int):
        raise FormError("queue.visibilityTimeoutInSeconds: must be a whole number")
    kept = [queue[name] for name in _RETENTION if name in queue]
    if len(kept) != 1 or kept[0] not in _RETENTION_SECONDS:
        raise FormError(f"queue.{_RETENTION[0]}: must be 345600 to 1209600")


def _check_filter(asked: Mapping[str, object]) -> None:
    found = _object(asked, "filter")
    wanted = _WANTED.get(str(found.get("type")))
    if wanted is None:
        raise FormError(f"filter.type: must be one of {', '.join(_WANTED)}")
    if not found.get(wanted):
        raise FormError(f"filter.{wanted}: must be given with {found['type']}")
    others = ("status",) if wanted == "expression" else _OF_ORDERS
    if any(name in found for name in others):
        raise ConflictError(f"filter.{others[0]}: is not of {found['type']}")


def _object(asked: Mapping[str, object], key: str) -> Mapping[str, object]:
    value = asked.get(key)
    if not isinstance(value, Mapping):
        raise FormError(f"{key}: must be an object")
    return value
