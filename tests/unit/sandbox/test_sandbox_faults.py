"""Every fault does on the wire what it was planned to do."""

import json

import httpx
import pytest

from tests.unit.sandbox.manual_time import ManualTime
from tests.unit.sandbox.skyhub_calls import COLLECTABLES, confirm
from worker.sandbox.control import SandboxControl
from worker.sandbox.faults import Fault, When
from worker.sandbox.skyhub.orders import NewOrder

CODE = "Lojas Americanas-1"
MANY_POLLS = 500


@pytest.fixture(autouse=True)
def _order(control: SandboxControl, account: str) -> None:
    control.register_orders(account, [NewOrder(code=CODE, complete=True)])


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
    answer = confirm(skyhub, "1")
    assert (answer.status_code, answer.text) == (504, body)
    assert answer.headers["content-type"].startswith(content_type)
    assert is_accepted(control) is accepted


def test_a_body_can_be_larger_than_five_mebibytes(skyhub: httpx.Client, control: SandboxControl) -> None:
    """`pad_to_bytes` makes a small body as large as wanted."""
    control.fault(Fault(call="collectables", status=200, body='{"orders":[]}', pad_to_bytes=5 * 2**20 + 1))
    answer = skyhub.get(f"{COLLECTABLES}?requested=false")
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
        confirm(skyhub, "1")
    assert is_accepted(control) is accepted
    assert control.report().calls == {"confirm": {"reset": 1}}
    assert confirm(skyhub, "1").status_code == 201


def test_a_call_that_hangs_before_its_effect_takes_effect_late(
    skyhub: httpx.Client, control: SandboxControl, time: ManualTime
) -> None:
    """The caller gives up; SkyHub applies the call afterwards all the same."""
    time.hold()
    control.fault(Fault(call="confirm", when="before", hang_seconds=60))
    with pytest.raises(httpx.ReadTimeout):
        confirm(skyhub, "1", timeout=0.2)
    assert time.slept == [60]
    assert not is_accepted(control)
    time.release()
    assert any(is_accepted(control) for _ in range(MANY_POLLS))


def test_a_call_can_hang_after_its_effect(skyhub: httpx.Client, control: SandboxControl, time: ManualTime) -> None:
    """The caller gives up although the order was accepted."""
    time.hold()
    control.fault(Fault(call="confirm", when="after", hang_seconds=60))
    with pytest.raises(httpx.ReadTimeout):
        confirm(skyhub, "1", timeout=0.2)
    assert is_accepted(control)


def test_a_call_can_hang_and_then_fail(skyhub: httpx.Client, control: SandboxControl, time: ManualTime) -> None:
    """Hanging and a status combine; without effect when planned before it."""
    control.fault(Fault(call="confirm", hang_seconds=30, status=504))
    assert confirm(skyhub, "1").status_code == 504
    assert time.slept == [30]
    assert not is_accepted(control)


def test_an_answer_can_drip(skyhub: httpx.Client, control: SandboxControl, time: ManualTime) -> None:
    """The true answer arrives whole, a few bytes at a time."""
    control.fault(Fault(call="confirm", when="after", drip_seconds=0.5, drip_bytes=4))
    answer = confirm(skyhub, "1")
    assert (answer.status_code, answer.json()["result"]) == (201, "sucesso")
    assert time.slept == [0.5] * -(-len(answer.content) // 4)


def test_a_drip_before_the_effect_lets_it_happen(
    skyhub: httpx.Client, control: SandboxControl, time: ManualTime
) -> None:
    """Without a status of its own a dripping fault spoils only the way back."""
    control.fault(Fault(call="confirm", when="before", drip_seconds=0.5, drip_bytes=1000))
    assert confirm(skyhub, "1").status_code == 201
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


def test_latency_delays_every_call(skyhub: httpx.Client, control: SandboxControl, time: ManualTime) -> None:
    """The setting counts in milliseconds."""
    control.settings(latency_ms=250)
    skyhub.get("/orders")
    confirm(skyhub, "1")
    assert time.slept == [0.25, 0.25]


def test_a_call_counts_though_its_caller_leaves_during_the_latency(
    skyhub: httpx.Client, control: SandboxControl, time: ManualTime
) -> None:
    """What was sent whole takes effect, whoever still waits for the answer."""
    control.settings(latency_ms=250)
    time.hold()
    with pytest.raises(httpx.ReadTimeout):
        confirm(skyhub, "1", timeout=0.2)
    time.release()
    assert any(is_accepted(control) for _ in range(MANY_POLLS))
