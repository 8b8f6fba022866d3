"""Which calls a fault meets, and which faults make no sense."""

import httpx
import pytest

from tests.unit.sandbox.skyhub_calls import COLLECTABLES, confirm
from worker.sandbox.calls import CallName
from worker.sandbox.control import SandboxControl
from worker.sandbox.faults import Fault
from worker.sandbox.skyhub.orders import NewOrder

CODE = "Lojas Americanas-1"


@pytest.fixture(autouse=True)
def _orders(control: SandboxControl, account: str) -> None:
    control.register_orders(account, [NewOrder(code=CODE), NewOrder(code="Lojas Americanas-2")])


def test_a_fault_meets_as_many_calls_as_planned(skyhub: httpx.Client, control: SandboxControl) -> None:
    """`times` counts the calls it meets; null goes on until it is cleared."""
    control.fault(Fault(call="orders", status=502, times=2))
    assert [skyhub.get("/orders").status_code for _ in range(3)] == [502, 502, 200]
    fault_id = control.fault(Fault(call="orders", status=500, times=None))
    assert [skyhub.get("/orders").status_code for _ in range(3)] == [500, 500, 500]
    control.clear_faults(fault_id)
    assert skyhub.get("/orders").status_code == 200


def test_all_faults_can_be_cleared(skyhub: httpx.Client, control: SandboxControl) -> None:
    """Clearing without an id forgets every fault."""
    for _ in range(2):
        control.fault(Fault(call="orders", status=502, times=None))
    control.clear_faults()
    assert skyhub.get("/orders").status_code == 200


@pytest.mark.parametrize("code", [CODE, "1"])
@pytest.mark.parametrize(
    ("call", "path"),
    [
        ("order", "/orders/Lojas%20Americanas-1"),
        ("orders", "/orders"),
        ("collectables", f"{COLLECTABLES}?requested=false"),
    ],
)
def test_a_fault_can_follow_a_code(
    skyhub: httpx.Client, control: SandboxControl, call: CallName, path: str, code: str
) -> None:
    """Full or remote, the code is looked for in what is asked for or listed."""
    control.fault(Fault(call=call, status=500, code="Lojas Americanas-404"))
    assert skyhub.get(path).status_code == 200
    control.fault(Fault(call=call, status=500, code=code))
    assert skyhub.get(path).status_code == 500


@pytest.mark.parametrize("code", [CODE, "1"])
def test_a_fault_can_follow_a_confirmed_code(skyhub: httpx.Client, control: SandboxControl, code: str) -> None:
    """A code that breaks SkyHub breaks each batch that holds it, and no other."""
    control.fault(Fault(call="confirm", status=500, code=code, times=None))
    assert confirm(skyhub, "1").status_code == 500
    assert confirm(skyhub, "2").status_code == 201


def test_a_fault_can_follow_a_code_that_nobody_knows(skyhub: httpx.Client, control: SandboxControl) -> None:
    """A code that is not registered can be met as well."""
    control.fault(Fault(call="confirm", status=500, code="404"))
    assert confirm(skyhub, "404").status_code == 500


def test_a_fault_can_follow_an_account(skyhub: httpx.Client, control: SandboxControl, account: str) -> None:
    """Only the named account's calls are met."""
    control.fault(Fault(call="orders", status=500, account="other@example.org"))
    assert skyhub.get("/orders").status_code == 200
    control.fault(Fault(call="orders", status=500, account=account))
    assert skyhub.get("/orders").status_code == 500


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"call": "orders"}, "a fault needs a status"),
        ({"call": "orders", "status": 500, "reset": True}, "either resets the connection or answers"),
        ({"call": "orders", "status": 99}, "status must be from 200"),
        ({"call": "orders", "status": 500, "times": 0}, "times and drip_bytes start at 1"),
        ({"call": "orders", "status": 500, "drip_bytes": 0}, "times and drip_bytes start at 1"),
        ({"call": "elsewhere", "status": 500}, "call: Input should be 'collectables'"),
    ],
)
def test_a_senseless_fault_is_refused(anyone: httpx.Client, body: dict[str, object], reason: str) -> None:
    """A fault that does nothing, contradicts itself or meets no call is a 400 that says why."""
    answer = anyone.post("/_sandbox/faults", json=body)
    assert answer.status_code == 400
    assert reason in answer.json()["error"]
