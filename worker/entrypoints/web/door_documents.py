"""What the API's description says of each door. The doors read their bodies themselves, so nothing is derived."""

from typing import Annotated, Any

from fastapi import Path, Security
from fastapi.security import APIKeyQuery, HTTPBearer
from pydantic import BaseModel

from worker.entrypoints.web.door_bodies import NotificationAnswer, Receipt, Refusal, Taken
from worker.entrypoints.web.door_examples import (
    CANCEL_PUSHES,
    CANCELS,
    HOOKS,
    INVOICE_PUSHES,
    INVOICES,
    ORDER_ID,
    WEBHOOKS,
)

# Only described here; worker/entrypoints/web/access.py looks at them.
TOKEN = [
    Security(HTTPBearer(auto_error=False, description="The store's `ingress.token`.", scheme_name="header")),
    Security(
        APIKeyQuery(
            name="token",
            auto_error=False,
            description="The same token, where the caller cannot set headers.",
            scheme_name="query",
        )
    ),
]

StoreName = Annotated[
    str,
    Path(
        description="The store's name in the stores file.",
        json_schema_extra={"pattern": "^[A-Za-z0-9._-]+$", "example": "acme"},
    ),
]
OrderId = Annotated[
    str,
    Path(
        alias="marketplaceOrderId",
        description="The order's id at the marketplace, percent-encoded.",
        json_schema_extra={"minLength": 1, "maxLength": 200, "example": ORDER_ID},
    ),
]

_REFUSALS = {
    400: ("No HTTP that can be answered, or a body that ended early.", "the body ended early"),
    401: (
        "No valid token of this store. The same for a store that does not exist.",
        "a valid token is needed",
    ),
    404: ("The path is none of a door: a slash in the store's name, a line break in an order's id.", "Not Found"),
    408: ("The body did not arrive in time.", "the body did not arrive within 10 s"),
    413: ("The body is larger than 1 MiB.", "the body is larger than 1048576 bytes; send it in parts"),
    422: (
        "The body cannot be read. It is kept for an operator, and the order is read again in the OMS.",
        "invoiceNumber: field required",
    ),
    503: ("Nothing was saved: send it again. `Retry-After` says when.", "Redis does not answer in time"),
}
_HEADERS = {
    401: {"WWW-Authenticate": {"description": "Bearer", "schema": {"type": "string"}}},
    503: {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}},
}
_REJECTED = {"accepted": 0, "rejected": [{"index": 0, "reason": "invoice.number: field required"}]}


def _answers(
    *,
    success: int,
    model: type[BaseModel],
    example: object,
    unreadable: tuple[type[BaseModel], object, str] | None = None,
) -> dict[str, Any]:
    """Return the answers of a door; `unreadable` is model, example and description of its 422 where it has its own."""
    responses: dict[int | str, dict[str, Any]] = {
        status: _answer(Refusal, {"detail": detail}, description, _HEADERS.get(status))
        for status, (description, detail) in _REFUSALS.items()
    }
    if unreadable is not None:
        responses[422] = _answer(*unreadable)
    responses[success] = _answer(model, example, "It is safe.")
    return {"status_code": success, "response_model": model, "responses": responses}


def _answer(model: type[BaseModel], example: object, description: str, headers: object = None) -> dict[str, Any]:
    answer = {"model": model, "description": description, "content": {"application/json": {"example": example}}}
    return {**answer, "headers": headers} if headers else answer


def _body(schema: dict[str, Any], examples: dict[str, object], *, required: bool = True) -> dict[str, Any]:
    shown = {name: {"value": value} for name, value in examples.items()}
    content = {"application/json": {"schema": schema, "examples": shown}}
    return {"openapi_extra": {"requestBody": {"required": required, "content": content}}}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _one_or_list(*names: str) -> dict[str, Any]:
    one = {"anyOf": [_ref(name) for name in names]} if len(names) > 1 else _ref(names[0])
    return {"anyOf": [one, {"type": "array", "items": one, "minItems": 1, "maxItems": 10_000}]}


_NATIVE = _answers(
    success=202,
    model=Taken,
    example={"accepted": 2, "rejected": [{"index": 1, "reason": "invoice.number: field required"}]},
    unreadable=(Taken, _REJECTED, "Nothing in the body is an event of this store; an empty list is nothing, too."),
)
_PUSH = _answers(
    success=200,
    model=Receipt,
    example={
        "date": "2026-11-20T12:00:00+00:00",
        "orderId": ORDER_ID,
        "receipt": "38e0e47da2934847b489216d208cfd91",
    },
)
_NOTIFICATION = _answers(
    success=200,
    model=NotificationAnswer,
    example={"taken": True, "reason": ""},
    unreadable=(
        NotificationAnswer,
        {"taken": False, "reason": "found 'x', expected a JSON object"},
        "The body is no JSON object. It is kept for an operator.",
    ),
)

ORDER_INVOICED: dict[str, Any] = {
    "summary": "Invoices of orders",
    "description": "Takes one native event or a list of at most 10,000. What is no event is named by its place in the"
    " list, and the rest is taken; nothing is taken when the answer is not 202. `store` may be left out.",
    **_NATIVE,
    **_body(_one_or_list("OrderInvoiced", "OrderCanceled"), INVOICES),
}
ORDER_CANCELED: dict[str, Any] = {
    "summary": "Cancels of orders",
    "description": "As the door for invoices; an event that names no `event` is an `OrderCanceled` here.",
    **_NATIVE,
    **_body(_one_or_list("CancelOfOrder", "OrderCanceled"), CANCELS),
}
INVOICE: dict[str, Any] = {
    "summary": "VTEX pushes an invoice to its connector",
    "description": "The address of the connector's endpoint is `…/vtex/{store}`. The same push again, with tracking or"
    " without, changes nothing.",
    **_PUSH,
    **_body(_ref("InvoicePush"), INVOICE_PUSHES),
}
CANCEL: dict[str, Any] = {
    "summary": "VTEX pushes a cancel to its connector",
    "description": "The body may be empty.",
    **_PUSH,
    **_body(_ref("CancelPush"), CANCEL_PUSHES, required=False),
}
HOOK: dict[str, Any] = {
    "summary": "VTEX's Orders hook",
    "description": "Takes notifications in both of their forms, with any state, and the ping. A JSON object that is no"
    " notification gets 200 with `taken` false, since VTEX would repeat it for days.",
    **_NOTIFICATION,
    **_body({"anyOf": [_ref("HookNotification"), _ref("HookPing")]}, HOOKS),
}
WEBHOOK: dict[str, Any] = {
    "summary": "VTEX Pick and Pack's webhook",
    "description": "Takes any status. A JSON object that is no notification gets 200 with `taken` false.",
    **_NOTIFICATION,
    **_body(_ref("PickAndPackNotification"), WEBHOOKS),
}
