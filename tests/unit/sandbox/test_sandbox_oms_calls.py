"""The simulated OMS over HTTP: keys, errors, limits and faults."""

import httpx
import pytest

from tests.unit.sandbox.manual_time import ManualTime
from worker.sandbox.calls import CallName
from worker.sandbox.control import SandboxControl
from worker.sandbox.faults import Fault
from worker.sandbox.vtex.bodies import Line, NewOmsOrder

ORDER = "BWW-S-1"
PATH = f"/api/oms/pvt/orders/{ORDER}"


@pytest.fixture(autouse=True)
def _order(control: SandboxControl, store: str) -> None:
    control.vtex.configure_feed(store)
    control.vtex.register_orders(store, [NewOmsOrder(marketplace_order_id="S-1", lines=(Line(sku="A"),))])


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"X-VTEX-API-AppKey": "app-key"},
        {"X-VTEX-API-AppKey": "app-key", "X-VTEX-API-AppToken": "other"},
        {"X-VTEX-API-AppKey": "other", "X-VTEX-API-AppToken": "app-token"},
    ],
)
@pytest.mark.parametrize("path", [PATH, "/api/orders/feed?maxlot=10"])
def test_wrong_keys_are_unauthorized(
    anyone: httpx.Client, control: SandboxControl, path: str, keys: dict[str, str]
) -> None:
    """401 with VTEX's error body, whichever key is wrong; counted for nobody."""
    answer = anyone.get(f"/vtex{path}", headers=keys)
    assert answer.status_code == 401
    assert answer.json()["error"].keys() == {"code", "message", "exception"}
    assert control.report("acme").calls == {}
    assert sum(control.report().calls.popitem()[1].values()) == 1


def test_accounts_see_their_own_orders_only(oms: httpx.Client, anyone: httpx.Client, control: SandboxControl) -> None:
    """Told apart by their keys; another's order is an unknown one."""
    control.vtex.register_account("other", "other-key", "other-token")
    keys = {"X-VTEX-API-AppKey": "other-key", "X-VTEX-API-AppToken": "other-token"}
    answer = anyone.get(f"/vtex{PATH}", headers=keys)
    assert (answer.status_code, answer.json()["error"]["exception"]) == (404, None)
    assert oms.get(PATH).status_code == 200
    assert control.report("acme").calls == {"oms_order": {"200": 1}}
    assert control.report("other").calls == {"oms_order": {"404": 1}}


@pytest.mark.parametrize(("wait", "header"), [(None, None), (60, "60")])
def test_calls_beyond_the_limit_are_throttled(
    oms: httpx.Client, control: SandboxControl, time: ManualTime, wait: int | None, header: str | None
) -> None:
    """An account's calls a minute count over all endpoints; a 429 may name a Retry-After."""
    control.settings(rate_limits=True, oms_calls_per_minute=2, retry_after_seconds=wait)
    assert [oms.get(PATH).status_code, oms.get("/api/orders/feed?maxlot=1").status_code] == [200, 200]
    throttled = oms.get(PATH)
    assert (throttled.status_code, throttled.headers.get("Retry-After")) == (429, header)
    assert "error" in throttled.json()
    time.advance(60)
    assert oms.get(PATH).status_code == 200


def test_every_call_waits_for_the_latency(oms: httpx.Client, control: SandboxControl, time: ManualTime) -> None:
    """The OMS is as slow as SkyHub."""
    control.settings(latency_ms=70)
    oms.get(PATH)
    oms.get("/api/orders/feed?maxlot=1")
    assert time.slept == [0.07, 0.07]


CALLS: list[tuple[CallName, str, str]] = [
    ("oms_order", "GET", PATH),
    ("feed", "GET", "/api/orders/feed?maxlot=10"),
    ("feed_config", "GET", "/api/orders/feed/config"),
    ("feed_commit", "POST", "/api/orders/feed"),
]


@pytest.mark.parametrize(("call", "method", "path"), CALLS)
def test_every_call_can_fail_as_planned(
    oms: httpx.Client, control: SandboxControl, store: str, call: CallName, method: str, path: str
) -> None:
    """A 503 with its headers for this account only, a reset, then the true answer."""
    body: dict[str, list[str]] | None = {"handles": []} if method == "POST" else None
    control.fault(Fault(call=call, account="other", status=500))
    control.fault(Fault(call=call, account=store, status=503, headers={"Retry-After": "9"}))
    answer = oms.request(method, path, json=body)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "9")
    control.fault(Fault(call=call, reset=True))
    with pytest.raises(httpx.ReadError):
        oms.request(method, path, json=body)
    control.clear_faults()
    assert oms.request(method, path, json=body).status_code == 200
    assert control.report().calls[call] == {"503": 1, "reset": 1, "200": 1}


def test_a_fault_can_meet_one_order(oms: httpx.Client, control: SandboxControl, store: str) -> None:
    """By its id, in the order, in the feed and in a commit."""
    control.vtex.register_orders(store, [NewOmsOrder(marketplace_order_id="S-2", lines=(Line(sku="A"),))])
    control.fault(Fault(call="oms_order", code=ORDER, status=500, times=2))
    control.fault(Fault(call="feed", code=ORDER, status=500))
    assert oms.get("/api/oms/pvt/orders/BWW-S-2").status_code == 200
    assert [oms.get(PATH).status_code for _ in range(3)] == [500, 500, 200]
    assert oms.get("/api/orders/feed?maxlot=10").status_code == 500
    control.fault(Fault(call="feed_commit", code=ORDER, status=500))
    handles = {event["orderId"]: [event["handle"]] for event in oms.get("/api/orders/feed?maxlot=10").json()}
    commits = [oms.post("/api/orders/feed", json={"handles": handles[order]}) for order in ("BWW-S-2", ORDER)]
    assert [commit.status_code for commit in commits] == [200, 500]
    assert control.report().feed_waiting == 1


def test_a_feed_answer_can_be_lost_after_its_effect(oms: httpx.Client, control: SandboxControl) -> None:
    """The events are hidden although nobody got them."""
    control.fault(Fault(call="feed", when="after", reset=True))
    with pytest.raises(httpx.ReadError):
        oms.get("/api/orders/feed?maxlot=10")
    assert oms.get("/api/orders/feed?maxlot=10").json() == []
