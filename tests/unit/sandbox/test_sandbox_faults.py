"""Every fault does on the wire what it was planned to do."""

import json
from typing import Any

import httpx
import pytest

from tests.unit.sandbox.manual_time import ManualTime
from worker.sandbox.calls import CallName
from worker.sandbox.control import SandboxControl, SandboxError
from worker.sandbox.faults import Fault, When
from worker.sandbox.skyhub.orders import NewOrder

CODE = "Lojas Americanas-1"
MANY_POLLS = 500


@pytest.fixture(autouse=True)
def _order(control: SandboxControl, account: str) -> None:
    control.register_orders(account, [NewOrder(code=CODE, complete=True), NewOrder(code="Lojas Americanas-2")])


def confirm(skyhub: httpx.Client, code: str = "1", **options: Any) -> httpx.Response:  # noqa: ANN401 - httpx's own
    """Confirm one code."""
    return skyhub.post("/shipments/b2w/confirm_collection", json={"order_codes": [code]}, **options)


def is_accepted(control: SandboxControl) -> bool:
    """Tell whether the order was accepted."""
    return CODE in control.report().accepted


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("<html><h1>504 Gateway Time-out</h1></html>", "text/html"),
        ("Account  not found", "text/plain"),
        ('{"result":"suc', "application/json"),
        ("", "application/json"),
    ],
)
@pytest.mark.parametrize(("when", "accepted"), [("before", False), ("after", True)])
def test_an_answer_can_be_replaced_before_or_after_its_effect(
    skyhub: httpx.Client, control: SandboxControl, body: str, content_type: str, when: When, *, accepted: bool
) -> None:
    """The caller gets status, body and type of the fault; only `after` has the order been accepted."""
    control.fault(Fault(call="confirm", when=when, status=504, body=body, content_type=content_type))
    answer = confirm(skyhub)
    assert (answer.status_code, answer.text) == (504, body)
    assert answer.headers["content-type"].startswith(content_type)
    assert is_accepted(control) is accepted


def test_a_body_can_be_larger_than_five_mebibytes(skyhub: httpx.Client, control: SandboxControl) -> None:
    """`pad_to_bytes` makes a small body as large as wanted."""
    control.fault(Fault(call="collectables", status=200, body='{"orders":[]}', pad_to_bytes=5 * 2**20 + 1))
    answer = skyhub.get("/shipments/b2w/collectables?requested=false")
    assert len(answer.content) == 5 * 2**20 + 1
    assert json.loads(answer.content) == {"orders": []}


def test_a_fault_can_carry_headers(skyhub: httpx.Client, control: SandboxControl) -> None:
    """A planned 503 can name a Retry-After."""
    control.fault(Fault(call="orders", status=503, headers={"Retry-After": "7"}))
    assert skyhub.get("/orders").headers["Retry-After"] == "7"


@pytest.mark.parametrize(("when", "accepted"), [("before", False), ("after", True)])
def test_a_connection_can_be_reset(
    skyhub: httpx.Client, control: SandboxControl, when: When, *, accepted: bool
) -> None:
    """The caller sees a reset without a byte of an answer, and the next call works."""
    control.fault(Fault(call="confirm", when=when, reset=True))
    with pytest.raises(httpx.ReadError):
        confirm(skyhub)
    assert is_accepted(control) is accepted
    assert control.report().calls == {"confirm": {"reset": 1}}
    assert confirm(skyhub).status_code == 201


def test_a_call_that_hangs_before_its_effect_takes_effect_late(
    skyhub: httpx.Client, control: SandboxControl, time: ManualTime
) -> None:
    """The caller gives up; SkyHub applies the call afterwards all the same."""
    time.hold()
    control.fault(Fault(call="confirm", when="before", hang_seconds=60))
    with pytest.raises(httpx.ReadTimeout):
        confirm(skyhub, timeout=0.2)
    assert time.slept == [60]
    assert not is_accepted(control)
    time.release()
    assert any(is_accepted(control) for _ in range(MANY_POLLS))


def test_a_call_can_hang_after_its_effect(skyhub: httpx.Client, control: SandboxControl, time: ManualTime) -> None:
    """The caller gives up although the order was accepted."""
    time.hold()
    control.fault(Fault(call="confirm", when="after", hang_seconds=60))
    with pytest.raises(httpx.ReadTimeout):
        confirm(skyhub, timeout=0.2)
    assert is_accepted(control)


def test_a_call_can_hang_and_then_fail(skyhub: httpx.Client, control: SandboxControl, time: ManualTime) -> None:
    """Hanging and a status combine; without effect when planned before it."""
    control.fault(Fault(call="confirm", hang_seconds=30, status=504))
    assert confirm(skyhub).status_code == 504
    assert time.slept == [30]
    assert not is_accepted(control)


def test_an_answer_can_drip(skyhub: httpx.Client, control: SandboxControl, time: ManualTime) -> None:
    """The true answer arrives whole, a few bytes at a time."""
    control.fault(Fault(call="confirm", when="after", drip_seconds=0.5, drip_bytes=4))
    answer = confirm(skyhub)
    assert (answer.status_code, answer.json()["result"]) == (201, "sucesso")
    assert time.slept == [0.5] * -(-len(answer.content) // 4)


def test_a_drip_before_the_effect_lets_it_happen(
    skyhub: httpx.Client, control: SandboxControl, time: ManualTime
) -> None:
    """Without a status of its own a dripping fault spoils only the way back."""
    control.fault(Fault(call="confirm", when="before", drip_seconds=0.5, drip_bytes=1000))
    assert confirm(skyhub).status_code == 201
    assert time.slept == [0.5]
    assert is_accepted(control)


def test_a_dripping_answer_starts_before_it_is_whole(
    skyhub: httpx.Client, control: SandboxControl, time: ManualTime
) -> None:
    """Status and length are there while the body is still awaited."""
    time.hold()
    # In one piece: what drips on after the test would be counted in the next one.
    control.fault(Fault(call="orders", status=200, body='{"orders":[]}', drip_seconds=1, drip_bytes=1000))
    with skyhub.stream("GET", "/orders", timeout=0.2) as answer:
        assert answer.headers["content-length"] == "13"
        with pytest.raises(httpx.ReadTimeout):
            answer.read()


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
        ("collectables", "/shipments/b2w/collectables?requested=false"),
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
def test_a_senseless_fault_is_refused(base_url: str, body: dict[str, object], reason: str) -> None:
    """A fault that does nothing, contradicts itself or meets no call is a 400 that says why."""
    answer = httpx.post(f"{base_url}/_sandbox/faults", json=body)
    assert answer.status_code == 400
    assert reason in answer.json()["error"]


def test_latency_delays_every_call(skyhub: httpx.Client, control: SandboxControl, time: ManualTime) -> None:
    """The setting counts in milliseconds."""
    control.settings(latency_ms=250)
    skyhub.get("/orders")
    confirm(skyhub)
    assert time.slept == [0.25, 0.25]


def test_a_call_counts_though_its_caller_leaves_during_the_latency(
    skyhub: httpx.Client, control: SandboxControl, time: ManualTime
) -> None:
    """What was sent whole takes effect, whoever still waits for the answer."""
    control.settings(latency_ms=250)
    time.hold()
    with pytest.raises(httpx.ReadTimeout):
        confirm(skyhub, timeout=0.2)
    time.release()
    assert any(is_accepted(control) for _ in range(MANY_POLLS))


def test_a_refused_control_call_raises(control: SandboxControl) -> None:
    """The client's error carries the sandbox's reason."""
    with pytest.raises(SandboxError, match="no order Submarino-404"):
        control.complete(["Submarino-404"])
