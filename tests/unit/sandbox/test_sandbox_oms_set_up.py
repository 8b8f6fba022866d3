"""VTEX's own calls that set the feed and the hook up, as the pages of the doors give them."""

from typing import Any

import httpx
import pytest

from tests.unit.sandbox.receiver import Receiver, settle
from worker.sandbox.control import SandboxControl
from worker.sandbox.vtex.bodies import Line, NewOmsOrder

FILTER = {"type": "FromWorkflow", "status": ["invoiced", "payment-approved", "canceled"]}
RETENTION = "messageRetentionPeriodInSeconds"
QUEUE = {"visibilityTimeoutInSeconds": 240, RETENTION: 345_600}
FEED, HOOK = "/api/orders/feed/config", "/api/orders/hook/config"


def sell(control: SandboxControl, store: str) -> None:
    """Register an order, which is announced."""
    control.vtex.register_orders(store, [NewOmsOrder(marketplace_order_id="S-1", lines=(Line(sku="A", quantity=2),))])


def test_a_feed_that_is_set_up_holds_what_happens(control: SandboxControl, store: str, oms: httpx.Client) -> None:
    """Before that it is unknown."""
    assert oms.get("/api/orders/feed?maxlot=1").status_code == 404

    assert oms.post(FEED, json={"filter": FILTER, "queue": QUEUE}).status_code == 200

    sell(control, store)
    assert [event["orderId"] for event in oms.get("/api/orders/feed?maxlot=10").json()] == ["BWW-S-1"]


def test_a_hook_that_is_set_up_is_pinged_and_called(
    control: SandboxControl, store: str, oms: httpx.Client, receiver: Receiver
) -> None:
    """With its own headers."""
    hook = {"url": f"{receiver.url}/hook", "headers": {"Authorization": "Bearer made-up"}}
    assert oms.get(HOOK).status_code == 404
    assert oms.post(HOOK, json={"filter": FILTER, "hook": hook}).status_code == 200
    assert oms.get(HOOK).json() == {"hook": hook}

    sell(control, store)
    settle(control)
    ping, call = receiver.calls
    assert ping.body == {"hookConfig": "ping"}
    assert (call.body["OrderId"], call.headers["authorization"]) == ("BWW-S-1", "Bearer made-up")


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        (FEED, {"queue": QUEUE}, "filter: must be an object"),
        (FEED, {"filter": {"type": "All"}, "queue": QUEUE}, "filter.type"),
        (FEED, {"filter": {"type": "FromOrders"}, "queue": QUEUE}, "filter.expression"),
        (FEED, {"filter": FILTER, "queue": {}}, "queue.visibilityTimeoutInSeconds"),
        (FEED, {"filter": FILTER, "queue": {**QUEUE, RETENTION: 86_400}}, "must be 345600 to 1209600"),
        (HOOK, {"filter": {**FILTER, "status": []}, "hook": {"url": "http://127.0.0.1:1"}}, "filter.status"),
        (HOOK, {"filter": FILTER, "hook": {"address": "http://127.0.0.1:1"}}, "url"),
        (HOOK, {"filter": FILTER, "hook": {"url": "http://127.0.0.1:1"}}, "the ping must get 200"),
    ],
)
def test_what_vtex_could_not_use_is_refused(oms: httpx.Client, path: str, body: dict[str, Any], said: str) -> None:
    """With what was wrong."""
    answer = oms.post(path, json=body)

    assert answer.status_code == 400
    assert said in answer.json()["error"]


def test_a_filter_is_of_one_type(oms: httpx.Client) -> None:
    """Not of both at once."""
    both = {**FILTER, "expression": "true"}

    assert oms.post(FEED, json={"filter": both, "queue": QUEUE}).status_code == 409


@pytest.mark.parametrize("path", [FEED, HOOK])
def test_nobody_else_sets_them_up(oms: httpx.Client, path: str) -> None:
    """Who asks with another key gets VTEX's 401."""
    assert oms.post(path, json={}, headers={"X-VTEX-API-AppToken": "of another"}).status_code == 401
