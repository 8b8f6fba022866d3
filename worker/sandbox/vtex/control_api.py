"""The control API of the simulated OMS: JSON under `/_sandbox/vtex`; `worker.sandbox.vtex.control` is its client.

As in `worker.sandbox.control_api`. Every call but the first names an account; money is in cents.

`POST /accounts` adds an account, or gives a known one new keys → 201 `{"accounts": 1}`::

    {"account": "acme", "app_key": "k", "app_token": "t"}

`POST /orders` adds orders, all or none, and announces each → 201 `{"registered": 1}`
(`worker.sandbox.vtex.bodies.NewOmsOrder`)::

    {"account": "acme", "orders": [{
        "marketplace_order_id": "Lojas_Americanas-285264647201", "affiliate_id": "BWW",
        "lines": [{"sku": "345117", "quantity": 2, "price": 1000, "seller_sku": null, "unique_id": null}],
        "status": "ready-for-handling", "dock": "1", "custom_apps": {"app": {"field": "value"}},
        "null_fields": ["items.uniqueId"]}]}

The others name an order, `{"account": "acme", "order_id": "BWW-Lojas_Americanas-285264647201", …}`, and answer
`{"status": "…"}`, the order's status:

`POST /packages` adds an invoice, or replaces that of the number; pushed and announced (`NewPackage`)::

    {…, "package": {"number": "4021-1", "items": [{"sku": "345117", "quantity": 1}, {"line": 0, "quantity": 1}],
                    "type": "Output", "key": null, "value": null, "issued_at": null, "courier": "",
                    "tracking_number": "", "shown_in_order": "items", "shown_in_push": "items", "silent": false}}

`POST /tracking` fills in the tracking of an invoice, pushed and announced (`Tracking`)::

    {…, "tracking": {"number": "4021-1", "tracking_number": "SB000000001BR", "courier": "Correios"}}

`POST /pushes` pushes an invoice as it is once more: `{…, "number": "4021-1"}`.

`POST /cancels` cancels, pushed and announced: `{…, "reason": "Sem estoque"}`.

`POST /changes` changes the items, announced (`ItemsChange`)::

    {…, "change": {"added": [{"sku": "9"}], "removed": [{"sku": "345117", "quantity": 1}],
                   "removed_stay": false, "reason": "Sem estoque"}}

`POST /statuses` forces a status, announced: `{…, "status": "invoiced"}`.

`PUT /feed` configures the feed, or takes it away with all that waits: `{"account": "acme", "configured": true}`.

`PUT /hook` tries a hook with a ping, and configures it if that got 200, else 409; null takes it away (`HookConfig`)::

    {"account": "acme", "hook": {"url": "http://…/hook", "headers": {}, "form": "openapi"}}   # or "guide"

`PUT /connector` configures the connector, or takes it away with null (`ConnectorConfig`)::

    {"account": "acme", "connector": {"endpoint": "http://…/vtex/acme", "query": {"token": "…"}, "headers": {}}}
"""

from collections.abc import Callable
from typing import Any

from starlette.routing import Route

from worker.sandbox.control_json import Body, Json, body, configuring, registering, taking
from worker.sandbox.sandbox import Sandbox
from worker.sandbox.vtex.bodies import (
    ConnectorConfig,
    HookConfig,
    ItemsChange,
    NewOmsOrder,
    NewPackage,
    Tracking,
    VtexKeys,
)


def vtex_control_routes(sandbox: Sandbox) -> list[Route]:
    """Return the routes under `/_sandbox/vtex`."""
    oms = sandbox.oms

    def changing(path: str, field: str, kind: type, change: Callable[[str, str, Any], None]) -> Route:
        """Return a route that changes an order, as `field` says, and answers its status."""

        def act(asked: Body) -> Json:
            change(asked.account, asked.order_id, getattr(asked, field))
            return {"status": oms.order(asked.account, asked.order_id).status}

        return taking("POST", path, body(account=str, order_id=str, **{field: kind}), act)

    def configure_feed(asked: Body) -> Json:
        oms.configure_feed(asked.account, configured=asked.configured)
        return {"configured": asked.configured}

    return [
        taking("POST", "/accounts", VtexKeys, lambda keys: {"accounts": oms.register_account(keys)}, 201),
        registering(tuple[NewOmsOrder, ...], oms.register),
        changing("/packages", "package", NewPackage, oms.invoice),
        changing("/tracking", "tracking", Tracking, oms.track),
        changing("/pushes", "number", str, oms.push_again),
        changing("/cancels", "reason", str, oms.cancel),
        changing("/changes", "change", ItemsChange, oms.change_items),
        changing("/statuses", "status", str, oms.force_status),
        taking("PUT", "/feed", body(account=str, configured=bool), configure_feed),
        configuring("hook", HookConfig | None, oms.configure_hook),
        configuring("connector", ConnectorConfig | None, oms.configure_connector),
    ]
