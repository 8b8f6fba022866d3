"""The control API: JSON under `/_sandbox`, without authentication; `worker.sandbox.control` is its client.

Times are seconds, codes may be full or remote, a field that is left out has its default. Errors are
`{"error": "..."}` with 400 (form), 404 (unknown account or order) or 409 (registered before).

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

`GET /_sandbox/settings`, and `PATCH /_sandbox/settings` with those to change → all of them
(`worker.sandbox.settings.Settings`)::

    {"latency_ms": 0, "lists_lag_seconds": 0, "strict": true, "partial_acceptance": false,
     "refusal_with_200": false, "repeat_accepted": true, "rate_limits": true, "retry_after_seconds": null}

`POST /_sandbox/faults` plans a fault → 201 `{"id": 1}` (`worker.sandbox.faults.Fault`)::

    {"call": "confirm",                       # collectables | confirm | order | orders
     "when": "after",                         # before | after the effect
     "account": null, "code": null,           # which calls; null: any
     "times": 1,                              # null: until cleared
     "status": 504, "body": "<h1>504</h1>", "content_type": "text/html", "headers": {}, "pad_to_bytes": 0,
     "hang_seconds": 0, "reset": false, "drip_seconds": 0, "drip_bytes": 1}

`GET /_sandbox/faults` → `{"faults": [{"id": 1, "remaining": 1, "fault": {…}}]}`; `DELETE /_sandbox/faults` and
`DELETE /_sandbox/faults/1` → `{"faults": n}` that are left.

`GET /_sandbox/report`, or `?account=` for one → the verdicts (`worker.sandbox.report.Report`)::

    {"orders": 1, "accepted": {"Lojas Americanas-285264647201": [1790000000.0]}, "early": [], "second": [],
     "wrong_carrier": [], "unexpected": [], "lost": [], "calls": {"confirm": {"201": 1}}}

`POST /_sandbox/reset` forgets everything, settings included → `{"status": "ok"}`.
"""

from dataclasses import asdict, dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route

from worker.sandbox.faults import Fault
from worker.sandbox.forms import FormError, build
from worker.sandbox.orders import NewOrder, OrderChange
from worker.sandbox.sandbox import Sandbox
from worker.sandbox.seller import Credentials
from worker.sandbox.settings import Settings


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
        self.sandbox.register_account(build(Credentials, await _json(request)))
        return JSONResponse({"accounts": len(self.sandbox.sellers)}, 201)

    async def register_orders(self, request: Request) -> JSONResponse:
        registration = build(Registration, await _json(request))
        self.sandbox.seller(registration.account).register(registration.orders, self.sandbox.clock())
        return JSONResponse({"registered": len(registration.orders)}, 201)

    async def change_orders(self, request: Request) -> JSONResponse:
        change = build(Change, await _json(request))
        return JSONResponse({"changed": self.sandbox.change_orders(change.codes, change.change, change.account)})

    async def settings(self, _request: Request) -> JSONResponse:
        return JSONResponse(asdict(self.sandbox.settings))

    async def change_settings(self, request: Request) -> JSONResponse:
        changes = await _json(request)
        if not isinstance(changes, dict):
            raise FormError("body must be an object")
        self.sandbox.settings = build(Settings, asdict(self.sandbox.settings) | changes)
        return await self.settings(request)

    async def faults(self, _request: Request) -> JSONResponse:
        rows = [
            {"id": fault_id, "remaining": remaining, "fault": asdict(fault)}
            for fault_id, fault, remaining in self.sandbox.faults.planned()
        ]
        return JSONResponse({"faults": rows})

    async def plan_fault(self, request: Request) -> JSONResponse:
        return JSONResponse({"id": self.sandbox.faults.add(build(Fault, await _json(request)))}, 201)

    async def clear_faults(self, request: Request) -> JSONResponse:
        self.sandbox.faults.clear(request.path_params.get("fault_id"))
        return JSONResponse({"faults": len(self.sandbox.faults.planned())})

    async def report(self, request: Request) -> JSONResponse:
        return JSONResponse(asdict(self.sandbox.report(request.query_params.get("account"))))

    async def reset(self, _request: Request) -> JSONResponse:
        self.sandbox.reset()
        return JSONResponse({"status": "ok"})


async def _json(request: Request) -> Any:  # noqa: ANN401 - whatever the caller sent; `build` looks at it
    try:
        return await request.json()
    except ValueError as error:
        raise FormError("the body is not JSON") from error
