"""The control API of the simulated Pick and Pack, under `/_sandbox/pick-and-pack`.

As in `worker.sandbox.control_api`; `worker.sandbox.pick_and_pack.control` is its client.

`POST /accounts` adds an account, or gives a known one a new key → 201 `{"accounts": 1}`::

    {"account": "acme", "api_key": "k"}

`POST /orders` adds orders, all or none → 201 `{"registered": 1}` (`worker.sandbox.pick_and_pack.bodies`)::

    {"account": "acme", "orders": [{
        "order_id": "BWW-Lojas_Americanas-285264647201", "status": "READY_FOR_HANDLING",   # any text
        "picked": [{"sku": "345117", "quantity": 1}],
        "picked_items": "whole", "shipping": "absent"}]}                         # whole | partly | absent

`PATCH /orders` changes orders, all or none; a status goes to the webhook unless `notify` is false → `{"changed": 1}`::

    {"account": "acme", "order_ids": ["BWW-…"],
     "change": {"status": "PACKING", "picked": null, "picked_items": null, "shipping": null, "notify": true}}

`POST /expiries` lets all tokens of an account expire now → `{"expired": 2}`: `{"account": "acme"}`.

`PUT /webhook` says where statuses go; null: nowhere → `{"configured": true}`::

    {"account": "acme", "webhook": {"url": "http://…", "query": {"token": "…"}, "headers": {}}}
"""

from starlette.routing import Route

from worker.sandbox.control_json import Body, Json, body, configuring, registering, taking
from worker.sandbox.pick_and_pack.bodies import NewPickingOrder, PickAndPackKeys, PickingChange, WebhookConfig
from worker.sandbox.sandbox import Sandbox


def pick_and_pack_control_routes(sandbox: Sandbox) -> list[Route]:
    """Return the routes under `/_sandbox/pick-and-pack`."""
    service = sandbox.pick_and_pack

    def change_orders(asked: Body) -> Json:
        service.change(asked.account, asked.order_ids, asked.change)
        return {"changed": len(asked.order_ids)}

    def expire_tokens(asked: Body) -> Json:
        return {"expired": service.expire_tokens(asked.account)}

    changed = body(account=str, order_ids=tuple[str, ...], change=PickingChange)
    return [
        taking("POST", "/accounts", PickAndPackKeys, lambda keys: {"accounts": service.register_account(keys)}, 201),
        registering(tuple[NewPickingOrder, ...], service.register),
        taking("PATCH", "/orders", changed, change_orders),
        taking("POST", "/expiries", body(account=str), expire_tokens),
        configuring("webhook", WebhookConfig | None, service.configure_webhook),
    ]
