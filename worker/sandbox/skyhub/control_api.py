"""The control API of the simulated SkyHub, as in `worker.sandbox.control_api`.

`POST /_sandbox/accounts` adds an account, or gives a known one new keys → 201 `{"accounts": 1}`::

    {"user_email": "ops@acme.example", "api_key": "k", "accountmanager_key": "m"}

`POST /_sandbox/orders` adds orders, all or none → 201 `{"registered": 1}`; all but `code` may be left out
(`worker.sandbox.skyhub.orders.NewOrder`)::

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
known (`worker.sandbox.skyhub.orders.OrderChange`)::

    {"codes": ["285264647201"], "account": "ops@acme.example",
     "change": {"complete": true, "expect": "none", "carrier": "direct", "allowed": 2,
                "status": "CANCELED",         # canceled, shipped, delivered: in neither list
                "collectable": true,          # listable now; false: not listable
                "requested": true}}           # in the panel; false: ungrouped, listed again
"""

from starlette.routing import Route

from worker.sandbox.control_json import Json, registering, taking
from worker.sandbox.forms import form
from worker.sandbox.sandbox import Sandbox
from worker.sandbox.skyhub.account import Credentials
from worker.sandbox.skyhub.orders import NewOrder, OrderChange


@form
class _Change:
    codes: tuple[str, ...]
    change: OrderChange
    account: str | None = None


def skyhub_control_routes(sandbox: Sandbox) -> list[Route]:
    """Return SkyHub's routes under `/_sandbox`."""

    def register_orders(account: str, orders: tuple[NewOrder, ...]) -> None:
        sandbox.seller(account).register(orders, sandbox.clock())

    def change_orders(asked: _Change) -> Json:
        return {"changed": sandbox.change_orders(asked.codes, asked.change, asked.account)}

    return [
        taking("POST", "/accounts", Credentials, lambda keys: {"accounts": sandbox.register_account(keys)}, 201),
        registering(tuple[NewOrder, ...], register_orders),
        taking("PATCH", "/orders", _Change, change_orders),
    ]
