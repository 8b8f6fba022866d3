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

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from worker.sandbox.control_json import form_of
from worker.sandbox.pick_and_pack.bodies import NewPickingOrder, PickAndPackKeys, PickingChange, WebhookConfig
from worker.sandbox.sandbox import Sandbox


@dataclass(frozen=True, kw_only=True)
class _Registration:
    account: str
    orders: tuple[NewPickingOrder, ...]


@dataclass(frozen=True, kw_only=True)
class _Change:
    account: str
    order_ids: tuple[str, ...]
    change: PickingChange


@dataclass(frozen=True, kw_only=True)
class _Account:
    account: str


@dataclass(frozen=True, kw_only=True)
class _WebhookForm:
    account: str
    webhook: WebhookConfig | None


def pick_and_pack_control_routes(sandbox: Sandbox) -> list[Route]:
    """Return the routes under `/_sandbox/pick-and-pack`."""
    control = _Control(sandbox)
    return [
        Route("/accounts", control.register_account, methods=["POST"]),
        Route("/orders", control.register_orders, methods=["POST"]),
        Route("/orders", control.change_orders, methods=["PATCH"]),
        Route("/expiries", control.expire_tokens, methods=["POST"]),
        Route("/webhook", control.configure_webhook, methods=["PUT"]),
    ]


class _Control:
    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def register_account(self, request: Request) -> JSONResponse:
        self._sandbox.pick_and_pack.register_account(await form_of(PickAndPackKeys, request))
        return JSONResponse({"accounts": len(self._sandbox.pick_and_pack.accounts)}, 201)

    async def register_orders(self, request: Request) -> JSONResponse:
        form = await form_of(_Registration, request)
        self._sandbox.pick_and_pack.register(form.account, form.orders)
        return JSONResponse({"registered": len(form.orders)}, 201)

    async def change_orders(self, request: Request) -> JSONResponse:
        form = await form_of(_Change, request)
        self._sandbox.pick_and_pack.change(form.account, form.order_ids, form.change)
        return JSONResponse({"changed": len(form.order_ids)})

    async def expire_tokens(self, request: Request) -> JSONResponse:
        form = await form_of(_Account, request)
        self._sandbox.pick_and_pack.expire_tokens(form.account)
        return JSONResponse({"expired": len(self._sandbox.pick_and_pack.account(form.account).tokens)})

    async def configure_webhook(self, request: Request) -> JSONResponse:
        form = await form_of(_WebhookForm, request)
        self._sandbox.pick_and_pack.account(form.account).webhook = form.webhook
        return JSONResponse({"configured": form.webhook is not None})
