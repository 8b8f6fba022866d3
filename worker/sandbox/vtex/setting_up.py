"""How a seller sets the feed and the hook up, by the calls of VTEX's reference of the Orders API; no faults.

What is asked for is checked, and every change is told all the same: VTEX sends states that nobody configured, too.
"""

from collections.abc import Callable, Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from worker.sandbox.answers import Answer, response
from worker.sandbox.control_json import object_of
from worker.sandbox.forms import FormError, build
from worker.sandbox.refusals import ConflictError
from worker.sandbox.sandbox import Sandbox
from worker.sandbox.vtex.bodies import HookConfig
from worker.sandbox.vtex.oms import VtexAccount

Admitted = Callable[[Sandbox, Request], tuple[str, VtexAccount | Answer]]
_WANTED = {"FromWorkflow": "status", "FromOrders": "expression"}
"""What a filter of each type must say besides its type."""


def set_up_routes(sandbox: Sandbox, admitted: Admitted) -> list[Route]:
    """Return `POST` of `/api/orders/feed/config` and of `/api/orders/hook/config`, for who is admitted.

    What cannot be used is refused with 400, as is a hook whose ping does not get 200; 200 has no body.
    """

    async def set_feed_up(request: Request) -> Response:
        name, account = admitted(sandbox, request)
        if isinstance(account, Answer):
            return response(account)
        asked = await object_of(request)
        _check_filter(asked)
        queue = _object(asked, "queue")
        if not isinstance(queue.get("visibilityTimeoutInSeconds"), int):
            raise FormError("queue.visibilityTimeoutInSeconds: must be a whole number")
        sandbox.oms.configure_feed(name, configured=True)
        return Response()

    async def set_hook_up(request: Request) -> Response:
        name, account = admitted(sandbox, request)
        if isinstance(account, Answer):
            return response(account)
        asked = await object_of(request)
        _check_filter(asked)
        try:
            await sandbox.oms.configure_hook(name, build(HookConfig, _object(asked, "hook")))
        except ConflictError as error:
            raise FormError(f"hook.url: {error}") from error
        return Response()

    return [
        Route("/api/orders/feed/config", set_feed_up, methods=["POST"]),
        Route("/api/orders/hook/config", set_hook_up, methods=["POST"]),
    ]


def _check_filter(asked: Mapping[str, object]) -> None:
    found = _object(asked, "filter")
    wanted = _WANTED.get(str(found.get("type")))
    if wanted is None:
        raise FormError(f"filter.type: must be one of {', '.join(_WANTED)}")
    if not found.get(wanted):
        raise FormError(f"filter.{wanted}: must be given with {found['type']}")


def _object(asked: Mapping[str, object], key: str) -> Mapping[str, object]:
    value = asked.get(key)
    if not isinstance(value, Mapping):
        raise FormError(f"{key}: must be an object")
    return value
