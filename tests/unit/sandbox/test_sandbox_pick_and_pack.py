"""The simulated Pick and Pack: tokens, statuses in every form, errors and the webhook."""

from typing import Any

import httpx
import pytest

from tests.unit.sandbox.manual_time import ManualTime
from tests.unit.sandbox.receiver import Receiver, settle
from worker.sandbox.calls import CallName
from worker.sandbox.control import SandboxControl, SandboxError
from worker.sandbox.faults import Fault
from worker.sandbox.pick_and_pack.bodies import STATUSES, NewPickingOrder, Picked, PickingChange, WebhookConfig

ORDER = "BWW-S-1"
PATH = f"/picking-tracking/{ORDER}"


@pytest.fixture(autouse=True)
def _order(control: SandboxControl, store: str) -> None:
    picked = (Picked(sku="A", quantity=2), Picked(sku="B"))
    control.pick_and_pack.register_orders(store, [NewPickingOrder(order_id=ORDER, picked=picked)])


def token(picking: httpx.Client, api_key: str = "api-key") -> str:
    """Ask for a token."""
    answer = picking.post("/auth/token", json={"apiKey": api_key})
    assert (answer.status_code, answer.json()["message"]) == (200, "success")
    text: str = answer.json()["data"]
    return text


def ask(picking: httpx.Client, shown: str, path: str = PATH) -> httpx.Response:
    """Ask for a status."""
    return picking.get(path, headers={"Authorization": shown})


def read(picking: httpx.Client) -> dict[str, Any]:
    """Return the data of a status, asked for with a fresh token."""
    answer = ask(picking, token(picking))
    assert (answer.status_code, answer.json()["message"]) == (200, "success")
    data: dict[str, Any] = answer.json()["data"]
    return data


@pytest.mark.parametrize(
    ("body", "status"), [({"apiKey": "other"}, 401), ({}, 400), ({"apikey": "api-key"}, 400), ([], 400)]
)
def test_a_token_needs_the_api_key(picking: httpx.Client, control: SandboxControl, body: object, status: int) -> None:
    """A wrong key is a 401, another form a 400; neither issues a token."""
    assert picking.post("/auth/token", json=body).status_code == status
    report = control.report()
    assert (report.tokens_issued, report.calls) == (0, {"pnp_token": {str(status): 1}})


def test_tokens_are_issued_anew_and_counted(picking: httpx.Client, control: SandboxControl) -> None:
    """Each looks like a JWT, and an earlier one stays good."""
    first, second = token(picking), token(picking)
    assert first != second
    assert [part.count(".") for part in (first, second)] == [2, 2]
    assert [ask(picking, shown).status_code for shown in (first, second)] == [200, 200]
    assert (control.report("acme").tokens_issued, control.report().tokens_issued) == (2, 2)


@pytest.mark.parametrize("prefix", ["", "Bearer "])
def test_a_token_is_shown_as_it_is(picking: httpx.Client, prefix: str) -> None:
    """With `Bearer` it is unknown, and so is none at all."""
    assert ask(picking, prefix + token(picking)).status_code == (401 if prefix else 200)
    unknown = picking.get(PATH)
    assert (unknown.status_code, unknown.json()["code"]) == (401, 1000)


@pytest.mark.parametrize(("with_403", "status", "code"), [(False, 401, 1000), (True, 403, "EXPIRED_TOKEN")])
def test_a_token_expires(
    picking: httpx.Client, control: SandboxControl, time: ManualTime, *, with_403: bool, status: int, code: object
) -> None:
    """After 900 s; what answers then is a setting. A wrong token is a 401 in any case."""
    control.settings(expired_with_403=with_403)
    shown = token(picking)
    time.advance(899)
    assert ask(picking, shown).status_code == 200
    time.advance(1)
    expired = ask(picking, shown)
    assert (expired.status_code, expired.json()["code"]) == (status, code)
    assert ask(picking, "wrong").status_code == 401
    assert ask(picking, token(picking)).status_code == 200


def test_tokens_can_expire_sooner(picking: httpx.Client, control: SandboxControl, store: str) -> None:
    """By a shorter life, or all at once."""
    shown = token(picking)
    control.pick_and_pack.expire_tokens(store)
    assert ask(picking, shown).status_code == 401
    control.settings(token_seconds=0)
    assert ask(picking, token(picking)).status_code == 401


def test_a_status_names_host_order_and_picked_items(picking: httpx.Client) -> None:
    """In full; shipping is absent until there is any."""
    data = read(picking)
    assert (data["hostname"], data["orderId"], data["fulfillmentStatus"]) == ("acme", ORDER, "READY_FOR_HANDLING")
    assert [(item["id"], item["quantity"]) for item in data["pickedItems"]] == [("A", 2), ("B", 1)]
    assert {"image", "sellingPrice", "ean", "name", "refId", "categories"} <= set(data["pickedItems"][0])
    assert "shipping" not in data


def test_parts_of_a_status_may_be_partly_there_or_absent(
    picking: httpx.Client, control: SandboxControl, store: str
) -> None:
    """Picked items lose what is not needed, services what may be absent; absent parts have no field."""
    control.pick_and_pack.change(store, [ORDER], PickingChange(shipping="whole", picked_items="partly"))
    data = read(picking)
    assert set(data["pickedItems"][0]) == {"id", "refId", "quantity"}
    whole = data["shipping"]["services"][0]
    assert {"agent", "vehicle", "trackingUrl", "evidences"} <= set(whole)
    control.pick_and_pack.change(store, [ORDER], PickingChange(shipping="partly", picked_items="absent"))
    data = read(picking)
    assert "pickedItems" not in data
    assert set(data["shipping"]["services"][0]) == {"serviceId", "courier", "serviceStatus", "createdAt"}


@pytest.mark.parametrize("status", [*STATUSES, "PENDING"])
def test_any_status_can_be_set(picking: httpx.Client, control: SandboxControl, store: str, status: str) -> None:
    """Listed or not."""
    control.pick_and_pack.set_status(store, ORDER, status)
    assert read(picking)["fulfillmentStatus"] == status


@pytest.mark.parametrize(("with_400", "status", "code"), [(False, 404, 1001), (True, 400, 1002)])
def test_an_unknown_order_has_its_code(
    picking: httpx.Client, control: SandboxControl, *, with_400: bool, status: int, code: int
) -> None:
    """404 and 1001, or 400 and 1002; an order of another account is unknown."""
    control.settings(unknown_with_400=with_400)
    control.pick_and_pack.register_account("other", "other-key")
    shown = token(picking)
    answers = [ask(picking, shown, "/picking-tracking/BWW-S-2"), ask(picking, token(picking, "other-key"))]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(status, code)] * 2


@pytest.mark.parametrize("call", ["pnp_token", "pnp_status"])
def test_every_call_can_fail_as_planned(
    picking: httpx.Client, control: SandboxControl, store: str, time: ManualTime, call: CallName
) -> None:
    """Pick and Pack's own 500, a 429 and a reset, after the latency of the settings."""
    shown = token(picking)

    def do() -> httpx.Response:
        if call == "pnp_token":
            return picking.post("/auth/token", json={"apiKey": "api-key"})
        return ask(picking, shown)

    control.settings(latency_ms=50)
    control.fault(Fault(call=call, account=store, status=500, body='{"message":"Internal error","code":1003}'))
    control.fault(Fault(call=call, status=429, headers={"Retry-After": "3"}))
    control.fault(Fault(call=call, reset=True))
    broken = do()
    assert (broken.status_code, broken.json()["code"]) == (500, 1003)
    assert do().headers["Retry-After"] == "3"
    with pytest.raises(httpx.ReadError):
        do()
    control.clear_faults()
    assert do().status_code == 200
    assert time.slept == [0.05] * 4


def test_a_status_goes_to_the_webhook(control: SandboxControl, store: str, receiver: Receiver) -> None:
    """Old and new, with one field more than announced; headers and parameters as configured, unless nobody is told."""
    webhook = WebhookConfig(url=f"{receiver.url}/door?a=b", query={"token": "s"}, headers={"X-Own": "yes"})
    control.pick_and_pack.configure_webhook(store, webhook)
    control.pick_and_pack.set_status(store, ORDER, "PACKING", notify=False)
    control.pick_and_pack.set_status(store, ORDER, "PENDING")
    control.pick_and_pack.change(store, [ORDER], PickingChange(shipping="whole"))
    settle(control)
    (call,) = receiver.calls
    assert (call.path, call.query, call.headers["x-own"]) == ("/door", "a=b&token=s", "yes")
    told = {"orderId": ORDER, "oldStatus": "PACKING", "newStatus": "PENDING", "hostname": "acme"}
    assert call.body.items() >= told.items()
    assert len(call.body) == 5
    control.pick_and_pack.configure_webhook(store, None)
    control.pick_and_pack.set_status(store, ORDER, "PICKING")
    settle(control)
    assert len(receiver.calls) == 1


def test_orders_are_registered_and_changed_all_or_none(
    picking: httpx.Client, control: SandboxControl, store: str
) -> None:
    """A known or repeated id is a 409, an unknown order or account a 404."""
    new = NewPickingOrder(order_id="BWW-S-2")
    for lot in ([new, NewPickingOrder(order_id=ORDER)], [new, new]):
        with pytest.raises(SandboxError, match="409"):
            control.pick_and_pack.register_orders(store, lot)
    with pytest.raises(SandboxError, match="no order BWW-S-2"):
        control.pick_and_pack.change(store, [ORDER, "BWW-S-2"], PickingChange(status="PACKING"))
    assert read(picking)["fulfillmentStatus"] == "READY_FOR_HANDLING"
    with pytest.raises(SandboxError, match="no Pick and Pack account nobody"):
        control.pick_and_pack.expire_tokens("nobody")
