"""The hook: when the simulated OMS calls it, and in which form."""

import re

import pytest
from starlette.responses import Response

from tests.unit.sandbox.receiver import HANG, Receiver, settle
from worker.sandbox.control import SandboxControl, SandboxError
from worker.sandbox.vtex.bodies import HookConfig, Line, NewOmsOrder, NewPackage, of_skus

ORDER = "BWW-S-1"
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z")


@pytest.fixture(autouse=True)
def _order(control: SandboxControl, store: str) -> None:
    lines = (Line(sku="A", quantity=2), Line(sku="B"))
    control.vtex.register_orders(store, [NewOmsOrder(marketplace_order_id="S-1", lines=lines)])


def with_hook(control: SandboxControl, store: str, hook: HookConfig, receiver: Receiver) -> None:
    """Configure a hook and forget its ping."""
    control.vtex.configure_hook(store, hook)
    receiver.calls.clear()


def test_configuring_a_hook_pings_it(control: SandboxControl, store: str, receiver: Receiver) -> None:
    """The ping carries the configured headers, and is none of the deliveries."""
    control.vtex.configure_hook(store, HookConfig(url=f"{receiver.url}/hook?token=s", headers={"Authorization": "x"}))
    (call,) = receiver.calls
    assert (call.method, call.path, call.query, call.body) == ("POST", "/hook", "token=s", {"hookConfig": "ping"})
    assert call.headers["authorization"] == "x"
    assert control.report().deliveries == {}


@pytest.mark.parametrize("status", [201, 204, 401, 500])
def test_a_hook_whose_ping_gets_no_200_is_refused(
    control: SandboxControl, store: str, receiver: Receiver, status: int
) -> None:
    """The configuration before it stays."""
    control.vtex.configure_hook(store, HookConfig(url=f"{receiver.url}/first"))
    receiver.planned.append(Response(status_code=status))
    with pytest.raises(SandboxError, match=str(status)):
        control.vtex.configure_hook(store, HookConfig(url=f"{receiver.url}/second"))
    control.vtex.force_status(store, ORDER, "handling")
    settle(control)
    assert receiver.calls[-1].path == "/first"


def test_a_hook_that_nobody_answers_is_refused(control: SandboxControl, store: str, receiver: Receiver) -> None:
    """Neither a hanging receiver nor a closed port."""
    control.door("hook", timeout_seconds=0.1)
    receiver.planned.append(HANG)
    with pytest.raises(SandboxError, match="timeout"):
        control.vtex.configure_hook(store, HookConfig(url=f"{receiver.url}/hook"))
    with pytest.raises(SandboxError, match="unreachable"):
        control.vtex.configure_hook(store, HookConfig(url="http://127.0.0.1:1/hook"))


def test_a_change_is_announced_in_seven_fields(control: SandboxControl, store: str, receiver: Receiver) -> None:
    """In PascalCase, with the account and its key as origin."""
    with_hook(control, store, HookConfig(url=f"{receiver.url}/hook", headers={"X-Own": "yes"}), receiver)
    control.vtex.invoice(store, ORDER, NewPackage(number="1", items=of_skus({"A": 1})))
    settle(control)
    (call,) = receiver.calls
    moments = [call.body.pop("LastChange"), call.body.pop("CurrentChange")]
    assert all(MOMENT.fullmatch(moment) for moment in moments)
    assert moments[0] < moments[1]
    assert call.body == {
        "Domain": "Fulfillment",
        "OrderId": ORDER,
        "State": "payment-approved",
        "LastState": "ready-for-handling",
        "Origin": {"Account": store, "Key": "app-key"},
    }
    assert call.headers["x-own"] == "yes"


def test_a_change_is_announced_in_five_fields(control: SandboxControl, store: str, receiver: Receiver) -> None:
    """The guide's form; its state can be null."""
    with_hook(control, store, HookConfig(url=f"{receiver.url}/hook", form="guide"), receiver)
    control.settings(null_states=True)
    control.vtex.force_status(store, ORDER, "handling")
    settle(control)
    body = receiver.calls[0].body
    assert set(body) == {"Domain", "OrderId", "State", "LastChange", "Origin"}
    assert (body["State"], bool(MOMENT.fullmatch(body["LastChange"]))) == (None, True)


def test_a_hook_can_be_taken_away(control: SandboxControl, store: str, receiver: Receiver) -> None:
    """Nothing is sent any more, and nothing counted as lost."""
    with_hook(control, store, HookConfig(url=f"{receiver.url}/hook"), receiver)
    control.vtex.configure_hook(store, None)
    control.vtex.force_status(store, ORDER, "handling")
    assert (control.report().deliveries, receiver.calls) == ({}, [])
