"""Routes of the control API: a form in, JSON out."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import make_dataclass
from inspect import isawaitable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from worker.sandbox.forms import Form, FormError, build, form

Json = Mapping[str, object]
Body = Any
"""What `body` makes: only its caller knows the fields."""


async def json_of(request: Request) -> Any:  # noqa: ANN401 - whatever the caller sent; `build` looks at it
    """Return the body.

    Raises `FormError`.
    """
    try:
        return await request.json()
    except ValueError as error:
        raise FormError("the body is not JSON") from error


async def object_of(request: Request) -> dict[str, object]:
    """Return the body, which must be an object.

    Raises `FormError`.
    """
    body = await json_of(request)
    if not isinstance(body, dict):
        raise FormError("body must be an object")
    return body


def body(**fields: object) -> type[Body]:
    """Return the form of a body that has fields of these types, all of them needed."""
    return form(make_dataclass("Body", fields.items()))


def taking(
    method: str, path: str, kind: type[Form], act: Callable[[Form], Json | Awaitable[Json]], status: int = 200
) -> Route:
    """Return a route that reads its body as a form, acts, and answers what that returns."""

    async def endpoint(request: Request) -> JSONResponse:
        answer = act(build(kind, await json_of(request)))
        return JSONResponse(await answer if isawaitable(answer) else answer, status)

    return Route(path, endpoint, methods=[method])


def registering(orders: object, register: Callable[[str, Any], None]) -> Route:
    """Return `POST /orders`: `orders` of an account are added, all or none."""

    def act(asked: Body) -> Json:
        register(asked.account, asked.orders)
        return {"registered": len(asked.orders)}

    return taking("POST", "/orders", body(account=str, orders=orders), act, 201)


def configuring(name: str, kind: object, configure: Callable[[str, Any], Awaitable[None] | None]) -> Route:
    """Return `PUT` of what an account has one of or, by null, none."""

    async def act(asked: Body) -> Json:
        wanted = getattr(asked, name)
        done = configure(asked.account, wanted)
        if done is not None:
            await done
        return {"configured": wanted is not None}

    return taking("PUT", f"/{name}", body(account=str, **{name: kind}), act)
