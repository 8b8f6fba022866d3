"""The API's description with the schemas of the bodies, which the doors read themselves."""

from copy import deepcopy
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from worker.adapters.native_event import OrderCanceledBody, OrderInvoicedBody
from worker.entrypoints.web.door_bodies import (
    CancelPush,
    HookNotification,
    HookPing,
    InvoicePush,
    PickAndPackNotification,
)

_SENT = (
    OrderInvoicedBody,
    OrderCanceledBody,
    InvoicePush,
    CancelPush,
    HookPing,
    HookNotification,
    PickAndPackNotification,
)


def describe(app: FastAPI) -> dict[str, Any]:
    """Return the description of an application."""
    document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    document["components"]["schemas"].update(_schemas())
    return document


def _schemas() -> dict[str, Any]:
    _, definitions = models_json_schema(
        [(model, "validation") for model in _SENT], ref_template="#/components/schemas/{model}"
    )
    schemas: dict[str, Any] = definitions["$defs"]
    invoiced = _without_store(schemas.pop("OrderInvoicedBody"))
    canceled = _without_store(schemas.pop("OrderCanceledBody"))
    unnamed = deepcopy(canceled)
    unnamed["required"].remove("event")
    unnamed["title"] = "CancelOfOrder"
    return {**schemas, "OrderInvoiced": invoiced, "OrderCanceled": canceled, "CancelOfOrder": unnamed}


def _without_store(schema: dict[str, Any]) -> dict[str, Any]:
    """At a door the path names the store."""
    store = {**schema["properties"]["store"], "description": "May be left out; else the store of the path."}
    required = [name for name in schema["required"] if name != "store"]
    return {**schema, "properties": {**schema["properties"], "store": store}, "required": required}
