"""The control API: JSON under `/_sandbox`, without authentication; `worker.sandbox.control` is its client.

Times are seconds, codes may be full or remote, a field that is left out has its default. Errors are
`{"error": "..."}` with 400 (form), 404 (unknown account or order) or 409 (registered before). What steers one
service alone is in the `control_api` of `worker.sandbox.skyhub`, `worker.sandbox.vtex` and
`worker.sandbox.pick_and_pack`.

`GET /` tells people of all this in short (`worker.sandbox.front_page`).

`GET /_sandbox/health` → `{"status": "ok"}`.

`POST /_sandbox/sales` adds orders to SkyHub, the OMS and perhaps Pick and Pack, all or none → 201 `{"registered": 1}`;
they are complete for the verdicts once the OMS has invoiced their last unit (`worker.sandbox.sales.NewSale`)::

    {"skyhub": "ops@acme.example", "vtex": "acme", "pick_and_pack": null, "sales": [{
        "code": "Lojas Americanas-285264647201", "lines": [{"sku": "345117", "quantity": 1}],
        "carrier": "direct", "affiliate_id": "BWW", "remote_code": null, "expect": null,
        "collectable_after_seconds": 0, "status": "INVOICED", "fulfillment_status": "READY_FOR_HANDLING",
        "dock": "1", "custom_apps": {}, "null_fields": [], "invoice": null}]}

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
                                              # oms_order | feed | feed_config | feed_commit | pnp_token | pnp_status
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

from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route

from worker.sandbox.control_json import Json, object_of, taking
from worker.sandbox.deliveries import Door, DoorRules
from worker.sandbox.faults import Fault
from worker.sandbox.forms import build, form
from worker.sandbox.pick_and_pack.control_api import pick_and_pack_control_routes
from worker.sandbox.sales import NewSale
from worker.sandbox.sandbox import Sandbox
from worker.sandbox.skyhub.control_api import skyhub_control_routes
from worker.sandbox.vtex.control_api import vtex_control_routes


@form
class _Sales:
    sales: tuple[NewSale, ...]
    skyhub: str
    vtex: str
    pick_and_pack: str | None = None


@form
class _Door:
    door: Door


def control_routes(sandbox: Sandbox) -> Mount:
    """Return the routes under `/_sandbox`; SkyHub's have no folder of their own."""
    return Mount(
        "/_sandbox",
        routes=[
            *_world_routes(sandbox),
            *skyhub_control_routes(sandbox),
            Mount("/vtex", routes=vtex_control_routes(sandbox)),
            Mount("/pick-and-pack", routes=pick_and_pack_control_routes(sandbox)),
        ],
    )


def _world_routes(sandbox: Sandbox) -> list[Route]:
    async def health(_request: Request) -> JSONResponse:
        return JSONResponse({"status": "ok"})

    def register_sales(asked: _Sales) -> Json:
        picking = None if asked.pick_and_pack is None else (sandbox.pick_and_pack, asked.pick_and_pack)
        sandbox.sales.register(asked.sales, sandbox.seller(asked.skyhub), (sandbox.oms, asked.vtex), picking)
        return {"registered": len(asked.sales)}

    async def change_door(request: Request) -> JSONResponse:
        door, rules = build(_Door, request.path_params).door, sandbox.deliveries.rules
        rules[door] = build(DoorRules, asdict(rules[door]) | await object_of(request))
        return JSONResponse(asdict(rules[door]))

    async def settings(request: Request) -> JSONResponse:
        account = request.query_params.get("account")
        if request.method == "PATCH":
            sandbox.change_settings(await object_of(request), account)
        return JSONResponse(asdict(sandbox.settings if account is None else sandbox.settings_of(account)))

    async def faults(_request: Request) -> JSONResponse:
        rows = [
            {"id": fault_id, "remaining": remaining, "fault": asdict(fault)}
            for fault_id, fault, remaining in sandbox.faults.planned()
        ]
        return JSONResponse({"faults": rows, "struck": sandbox.faults.struck})

    async def clear_faults(request: Request) -> JSONResponse:
        sandbox.faults.clear(request.path_params.get("fault_id"))
        return JSONResponse({"faults": len(sandbox.faults.planned())})

    async def report(request: Request) -> JSONResponse:
        return JSONResponse(asdict(sandbox.report(request.query_params.get("account"))))

    async def reset(_request: Request) -> JSONResponse:
        sandbox.reset()
        return JSONResponse({"status": "ok"})

    return [
        Route("/health", health),
        taking("POST", "/sales", _Sales, register_sales, 201),
        Route("/doors/{door}", change_door, methods=["PATCH"]),
        Route("/settings", settings, methods=["GET", "PATCH"]),
        Route("/faults", faults),
        taking("POST", "/faults", Fault, lambda fault: {"id": sandbox.faults.add(fault)}, 201),
        Route("/faults", clear_faults, methods=["DELETE"]),
        Route("/faults/{fault_id:int}", clear_faults, methods=["DELETE"]),
        Route("/report", report),
        Route("/reset", reset, methods=["POST"]),
    ]
