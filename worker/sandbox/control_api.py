"""The control API: JSON under `/_sandbox`, without authentication; `worker.sandbox.control` is its client.

Times are seconds, codes may be full or remote, a field that is left out has its default. Errors are
`{"error": "..."}` with 400 (form), 404 (unknown account or order) or 409 (registered before). What steers the OMS and
Pick and Pack alone is in `worker.sandbox.vtex.control_api` and `worker.sandbox.pick_and_pack.control_api`.

`GET /_sandbox/health` → `{"status": "ok"}`.

`POST /_sandbox/accounts` adds an account, or gives a known one new keys → 201 `{"accounts": 1}`::

    {"user_email": "ops@acme.example", "api_key": "k", "accountmanager_key": "m"}

`POST /_sandbox/orders` adds orders, all or none → 201 `{"registered": 1}`; all but `code` may be left out
(`worker.sandbox.orders.NewOrder`)::

    {"account": "ops@acme.example", "orders": [{
        "code": "Lojas Americanas-285264647201", "remote_code": "285264647201",
        "carrier": "direct",                  # direct | correios | own | fulfillment
        "complete": false,                    # the seller's last item is invoiced
        "expect": "pickup",                   # pickup | none; default by carrier
        "collectable_after_seconds": 0,       # null: not before it is made collectable
        "requested": false,                   # true: requested in the panel
        "allowed": 1,                         # accepted confirmations before one counts as second
        "status": "INVOICED", "status_code": "order_invoiced",
        "items": [{"id": "1", "product_id": "345117", "qty": 1}],
        "invoices": [{"key": "…", "number": "4021", "line": "1", "issue_date": ""}],
        "customer": "Cliente de Teste", "value": 10.0}]}

`PATCH /_sandbox/orders` changes orders, all or none → `{"changed": 1}`; without `account` wherever the codes are
known (`worker.sandbox.orders.OrderChange`)::

    {"codes": ["285264647201"], "account": "ops@acme.example",
     "change": {"complete": true, "expect": "none", "carrier": "direct", "allowed": 2,
                "status": "CANCELED",         # canceled, shipped, delivered: in neither list
                "collectable": true,          # listable now; false: not listable
                "requested": true}}           # in the panel; false: ungrouped, listed again

`POST /_sandbox/sales` adds orders to SkyHub, the OMS and perhaps Pick and Pack, all or none → 201 `{"registered": 1}`;
they are complete for the verdicts once the OMS has invoiced their last unit (`worker.sandbox.sales.NewSale`)::

    {"skyhub": "ops@acme.example", "vtex": "acme", "pick_and_pack": null, "sales": [{
        "code": "Lojas Americanas-285264647201", "lines": [{"sku": "345117", "quantity": 1}],
        "carrier": "direct", "affiliate_id": "BWW", "remote_code": null, "expect": null,
        "collectable_after_seconds": 0, "status": "INVOICED", "fulfillment_status": "READY_FOR_HANDLING",
        "dock": "1", "custom_apps": {}, "null_fields": []}]}

`PATCH /_sandbox/doors/hook` (or `connector`, `webhook`) changes how its messages are sent, those under way included
→ all rules of the door (`worker.sandbox.deliveries.DoorRules`)::

    {"lost": false, "twice": false, "held_back_seconds": 0, "timeout_seconds": 5, "attempts": 10,
     "first_delay_seconds": 0.5, "delay_growth": 2, "longest_delay_seconds": 60}

`GET /_sandbox/settings`, and `PATCH /_sandbox/settings` with those to change → all of them
(`worker.sandbox.settings.Settings`)::

    {"latency_ms": 0, "lists_lag_seconds": 0, "strict": true, "partial_acceptance": false,
     "refusal_with_200": false, "repeat_accepted": true, "rate_limits": true, "retry_after_seconds": null,
     "oms_calls_per_minute": 6000, "null_fields": [], "absent_fields": [], "null_states": false,
     "feed_visibility_seconds": 240, "feed_lost": false, "feed_twice": false, "feed_shuffled": false,
     "token_seconds": 900, "expired_with_403": false, "unknown_with_400": false}

With `?account=` they are those of one account of SkyHub's alone, whatever the others' are, in calls to SkyHub.

`POST /_sandbox/faults` plans a fault → 201 `{"id": 1}` (`worker.sandbox.faults.Fault`)::

    {"call": "confirm",                       # collectables | confirm | order | orders
                                              # oms_order | feed | feed_commit | pnp_token | pnp_status
     "when": "after",                         # before | after the effect
     "account": null, "code": null,           # which calls; null: any
     "listing": null,                         # of collectables: open | requested; null: either
     "times": 1,                              # null: until cleared
     "status": 504, "body": "<h1>504</h1>", "content_type": "text/html", "headers": {}, "pad_to_bytes": 0,
     "hang_seconds": 0, "reset": false, "drip_seconds": 0, "drip_bytes": 1,
     "takes": null,                           # of a confirmation only the first n codes take effect
     "rows": null}                            # of collectables: doubled | skipped | repeated | both

`GET /_sandbox/faults` → `{"faults": [{"id": 1, "remaining": 1, "fault": {…}}], "struck": {"1": 2}}`: those planned, and
how many calls each has met, those that are over included. `DELETE /_sandbox/faults` and `DELETE /_sandbox/faults/1` →
`{"faults": n}` that are left.

`GET /_sandbox/report`, or `?account=` for one → the verdicts (`worker.sandbox.report.Report`)::

    {"orders": 1, "accepted": {"Lojas Americanas-285264647201": [1790000000.0]}, "early": [], "second": [],
     "wrong_carrier": [], "unexpected": [], "lost": [], "calls": {"confirm": {"201": 1}},
     "deliveries": {"hook": {"sent": 3, "retried": 1, "accepted": 1, "waiting": 1}},
     "door_answers": {"hook": {"200": 1, "503": 1, "timeout": 1}}, "feed_waiting": 0, "tokens_issued": 0}

`POST /_sandbox/reset` forgets everything, settings included → `{"status": "ok"}`.
"""

from dataclasses import asdict, dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route

from worker.sandbox.control_json import form_of, object_of
from worker.sandbox.deliveries import Door, DoorRules
from worker.sandbox.faults import Fault
from worker.sandbox.forms import build, convert
from worker.sandbox.orders import NewOrder, OrderChange
from worker.sandbox.pick_and_pack.control_api import pick_and_pack_control_routes
from worker.sandbox.sales import NewSale
from worker.sandbox.sandbox import Sandbox
from worker.sandbox.seller import Credentials
from worker.sandbox.vtex.control_api import vtex_control_routes


@dataclass(frozen=True, kw_only=True)
class Registration:
    """The body that registers orders."""

    account: str
    orders: tuple[NewOrder, ...]


@dataclass(frozen=True, kw_only=True)
class Change:
    """The body that changes orders."""

    codes: tuple[str, ...]
    change: OrderChange
    account: str | None = None


@dataclass(frozen=True, kw_only=True)
class SalesForm:
    """The body that registers orders everywhere, with an account of each service."""

    sales: tuple[NewSale, ...]
    skyhub: str
    vtex: str
    pick_and_pack: str | None = None


def control_routes(sandbox: Sandbox) -> Mount:
    """Return the routes under `/_sandbox`."""
    control = _Control(sandbox)
    return Mount(
        "/_sandbox",
        routes=[
            Route("/health", control.health),
            Route("/accounts", control.register_account, methods=["POST"]),
            Route("/orders", control.register_orders, methods=["POST"]),
            Route("/orders", control.change_orders, methods=["PATCH"]),
            Route("/settings", control.settings),
            Route("/settings", control.change_settings, methods=["PATCH"]),
            Route("/faults", control.faults),
            Route("/faults", control.plan_fault, methods=["POST"]),
            Route("/faults", control.clear_faults, methods=["DELETE"]),
            Route("/faults/{fault_id:int}", control.clear_faults, methods=["DELETE"]),
            Route("/sales", control.register_sales, methods=["POST"]),
            Route("/doors/{door}", control.change_door, methods=["PATCH"]),
            Mount("/vtex", routes=vtex_control_routes(sandbox)),
            Mount("/pick-and-pack", routes=pick_and_pack_control_routes(sandbox)),
            Route("/report", control.report),
            Route("/reset", control.reset, methods=["POST"]),
        ],
    )


class _Control:
    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    async def health(self, _request: Request) -> JSONResponse:
        return JSONResponse({"status": "ok"})

    async def register_account(self, request: Request) -> JSONResponse:
        self.sandbox.register_account(await form_of(Credentials, request))
        return JSONResponse({"accounts": len(self.sandbox.sellers)}, 201)

    async def register_orders(self, request: Request) -> JSONResponse:
        registration = await form_of(Registration, request)
        self.sandbox.seller(registration.account).register(registration.orders, self.sandbox.clock())
        return JSONResponse({"registered": len(registration.orders)}, 201)

    async def change_orders(self, request: Request) -> JSONResponse:
        change = await form_of(Change, request)
        return JSONResponse({"changed": self.sandbox.change_orders(change.codes, change.change, change.account)})

    async def register_sales(self, request: Request) -> JSONResponse:
        form = await form_of(SalesForm, request)
        picking = None if form.pick_and_pack is None else (self.sandbox.pick_and_pack, form.pick_and_pack)
        self.sandbox.sales.register(
            form.sales, self.sandbox.seller(form.skyhub), (self.sandbox.oms, form.vtex), picking
        )
        return JSONResponse({"registered": len(form.sales)}, 201)

    async def change_door(self, request: Request) -> JSONResponse:
        rules = self.sandbox.deliveries.rules
        door = convert(Door, request.path_params["door"], "door")
        rules[door] = build(DoorRules, asdict(rules[door]) | await object_of(request))
        return JSONResponse(asdict(rules[door]))

    async def settings(self, request: Request) -> JSONResponse:
        account = request.query_params.get("account")
        known = self.sandbox.settings if account is None else self.sandbox.settings_of(account)
        return JSONResponse(asdict(known))

    async def change_settings(self, request: Request) -> JSONResponse:
        self.sandbox.change_settings(await object_of(request), request.query_params.get("account"))
        return await self.settings(request)

    async def faults(self, _request: Request) -> JSONResponse:
        rows = [
            {"id": fault_id, "remaining": remaining, "fault": asdict(fault)}
            for fault_id, fault, remaining in self.sandbox.faults.planned()
        ]
        return JSONResponse({"faults": rows, "struck": self.sandbox.faults.struck})

    async def plan_fault(self, request: Request) -> JSONResponse:
        return JSONResponse({"id": self.sandbox.faults.add(await form_of(Fault, request))}, 201)

    async def clear_faults(self, request: Request) -> JSONResponse:
        self.sandbox.faults.clear(request.path_params.get("fault_id"))
        return JSONResponse({"faults": len(self.sandbox.faults.planned())})

    async def report(self, request: Request) -> JSONResponse:
        return JSONResponse(asdict(self.sandbox.report(request.query_params.get("account"))))

    async def reset(self, _request: Request) -> JSONResponse:
        self.sandbox.reset()
        return JSONResponse({"status": "ok"})
