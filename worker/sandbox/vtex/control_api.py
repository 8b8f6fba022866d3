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

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from worker.sandbox.control_json import form_of
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
from worker.sandbox.vtex.feed import Feed


@dataclass(frozen=True, kw_only=True)
class _Registration:
    account: str
    orders: tuple[NewOmsOrder, ...]


@dataclass(frozen=True, kw_only=True)
class _Named:
    account: str
    order_id: str


@dataclass(frozen=True, kw_only=True)
class _Invoicing(_Named):
    package: NewPackage


@dataclass(frozen=True, kw_only=True)
class _TrackingForm(_Named):
    tracking: Tracking


@dataclass(frozen=True, kw_only=True)
class _Push(_Named):
    number: str


@dataclass(frozen=True, kw_only=True)
class _Cancel(_Named):
    reason: str


@dataclass(frozen=True, kw_only=True)
class _Change(_Named):
    change: ItemsChange


@dataclass(frozen=True, kw_only=True)
class _Status(_Named):
    status: str


@dataclass(frozen=True, kw_only=True)
class _FeedForm:
    account: str
    configured: bool


@dataclass(frozen=True, kw_only=True)
class _HookForm:
    account: str
    hook: HookConfig | None


@dataclass(frozen=True, kw_only=True)
class _ConnectorForm:
    account: str
    connector: ConnectorConfig | None


def vtex_control_routes(sandbox: Sandbox) -> list[Route]:
    """Return the routes under `/_sandbox/vtex`."""
    control = _Control(sandbox)
    return [
        Route("/accounts", control.register_account, methods=["POST"]),
        Route("/orders", control.register_orders, methods=["POST"]),
        Route("/packages", control.invoice, methods=["POST"]),
        Route("/tracking", control.track, methods=["POST"]),
        Route("/pushes", control.push_again, methods=["POST"]),
        Route("/cancels", control.cancel, methods=["POST"]),
        Route("/changes", control.change_items, methods=["POST"]),
        Route("/statuses", control.force_status, methods=["POST"]),
        Route("/feed", control.configure_feed, methods=["PUT"]),
        Route("/hook", control.configure_hook, methods=["PUT"]),
        Route("/connector", control.configure_connector, methods=["PUT"]),
    ]


class _Control:
    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def register_account(self, request: Request) -> JSONResponse:
        self._sandbox.oms.register_account(await form_of(VtexKeys, request))
        return JSONResponse({"accounts": len(self._sandbox.oms.accounts)}, 201)

    async def register_orders(self, request: Request) -> JSONResponse:
        form = await form_of(_Registration, request)
        self._sandbox.oms.register(form.account, form.orders)
        return JSONResponse({"registered": len(form.orders)}, 201)

    async def invoice(self, request: Request) -> JSONResponse:
        form = await form_of(_Invoicing, request)
        self._sandbox.oms.invoice(form.account, form.order_id, form.package)
        return self._status(form)

    async def track(self, request: Request) -> JSONResponse:
        form = await form_of(_TrackingForm, request)
        self._sandbox.oms.track(form.account, form.order_id, form.tracking)
        return self._status(form)

    async def push_again(self, request: Request) -> JSONResponse:
        form = await form_of(_Push, request)
        self._sandbox.oms.push_again(form.account, form.order_id, form.number)
        return self._status(form)

    async def cancel(self, request: Request) -> JSONResponse:
        form = await form_of(_Cancel, request)
        self._sandbox.oms.cancel(form.account, form.order_id, form.reason)
        return self._status(form)

    async def change_items(self, request: Request) -> JSONResponse:
        form = await form_of(_Change, request)
        self._sandbox.oms.change_items(form.account, form.order_id, form.change)
        return self._status(form)

    async def force_status(self, request: Request) -> JSONResponse:
        form = await form_of(_Status, request)
        self._sandbox.oms.force_status(form.account, form.order_id, form.status)
        return self._status(form)

    async def configure_feed(self, request: Request) -> JSONResponse:
        form = await form_of(_FeedForm, request)
        account = self._sandbox.oms.account(form.account)
        account.feed = (account.feed or Feed()) if form.configured else None
        return JSONResponse({"configured": form.configured})

    async def configure_hook(self, request: Request) -> JSONResponse:
        form = await form_of(_HookForm, request)
        await self._sandbox.oms.configure_hook(form.account, form.hook)
        return JSONResponse({"configured": form.hook is not None})

    async def configure_connector(self, request: Request) -> JSONResponse:
        form = await form_of(_ConnectorForm, request)
        self._sandbox.oms.account(form.account).connector = form.connector
        return JSONResponse({"configured": form.connector is not None})

    def _status(self, form: _Named) -> JSONResponse:
        return JSONResponse({"status": self._sandbox.oms.order(form.account, form.order_id).status})
