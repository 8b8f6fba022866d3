"""The JSON of a control call."""

from typing import Any

from starlette.requests import Request

from worker.sandbox.forms import Form, FormError, build


async def json_of(request: Request) -> Any:  # noqa: ANN401 - whatever the caller sent; `build` looks at it
    """Return the body.

    Raises `FormError`.
    """
    try:
        return await request.json()
    except ValueError as error:
        raise FormError("the body is not JSON") from error


async def form_of(kind: type[Form], request: Request) -> Form:
    """Return the body as the dataclass `kind`.

    Raises `FormError`.
    """
    return build(kind, await json_of(request))


async def object_of(request: Request) -> dict[str, object]:
    """Return the body, which must be an object.

    Raises `FormError`.
    """
    body = await json_of(request)
    if not isinstance(body, dict):
        raise FormError("body must be an object")
    return body
