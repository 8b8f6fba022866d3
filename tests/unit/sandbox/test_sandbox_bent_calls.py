"""Faults that bend what a call does: half-taken confirmations, lists that are wrong; and their count."""

import httpx
import pytest

from worker.sandbox.control import SandboxControl, SandboxError
from worker.sandbox.faults import Fault, Rows
from worker.sandbox.skyhub.orders import Listing, NewOrder

PAGE = 20
OTHER = "ops@other.example"


@pytest.fixture(autouse=True)
def _orders(control: SandboxControl, account: str) -> None:
    control.register_orders(account, [NewOrder(code=f"Submarino-{number}", complete=True) for number in range(1, 42)])


def confirm(skyhub: httpx.Client, *codes: int) -> httpx.Response:
    """Confirm codes."""
    return skyhub.post("/shipments/b2w/confirm_collection", json={"order_codes": [str(code) for code in codes]})


def listed(skyhub: httpx.Client, page: int, requested: str = "false") -> list[int]:
    """Return the codes on a page of a list."""
    answer = skyhub.get("/shipments/b2w/collectables", params={"requested": requested, "offset": page})
    return [int(row["code"]) for row in answer.json()["orders"]]


def accepted(control: SandboxControl) -> list[str]:
    """Return the codes that were accepted."""
    return list(control.report().accepted)


def test_a_batch_can_be_taken_in_part_and_refused(skyhub: httpx.Client, control: SandboxControl) -> None:
    """The first codes take effect, the caller is told that none did."""
    control.fault(Fault(call="confirm", takes=2, status=422, body='{"result":"erro"}'))
    assert confirm(skyhub, 1, 2, 3).status_code == 422
    assert accepted(control) == ["Submarino-1", "Submarino-2"]


def test_a_batch_can_be_taken_in_part_without_an_answer(skyhub: httpx.Client, control: SandboxControl) -> None:
    """The caller sees a reset, and does not know that one of three was taken."""
    control.fault(Fault(call="confirm", takes=1, reset=True))
    with pytest.raises(httpx.ReadError):
        confirm(skyhub, 1, 2, 3)
    assert accepted(control) == ["Submarino-1"]


def test_what_is_taken_whole_does_not_meet_the_fault(skyhub: httpx.Client, control: SandboxControl) -> None:
    """A batch no larger than `takes` is confirmed as ever, and the fault is still there."""
    fault_id = control.fault(Fault(call="confirm", takes=1, status=422))
    assert confirm(skyhub, 1).status_code == 201
    assert control.struck() == {}
    assert confirm(skyhub, 2, 3).status_code == 422
    assert control.struck() == {fault_id: 1}


@pytest.mark.parametrize(
    ("rows", "page", "codes"),
    [
        ("doubled", 3, [41, 41]),
        ("skipped", 1, range(1, 21)),
        ("skipped", 2, range(22, 42)),
        ("repeated", 1, range(1, 21)),
        ("repeated", 2, range(20, 40)),
        ("both", 1, [*range(2, 22), 1]),
    ],
)
def test_a_list_can_be_wrong(
    skyhub: httpx.Client, control: SandboxControl, rows: Rows, page: int, codes: list[int]
) -> None:
    """Rows come twice, a row is missed or repeated between two pages, or rows of the other list are in this one."""
    if rows == "both":
        confirm(skyhub, 1)
    control.fault(Fault(call="collectables", rows=rows, times=None))
    assert listed(skyhub, page) == list(codes)


def test_a_page_that_would_be_the_same_does_not_meet_the_fault(skyhub: httpx.Client, control: SandboxControl) -> None:
    """A fault counts only where it changed what was read."""
    fault_id = control.fault(Fault(call="collectables", rows="skipped"))
    assert listed(skyhub, 1) == list(range(1, 21))
    assert control.struck() == {}
    listed(skyhub, 2)
    assert control.struck() == {fault_id: 1}
    assert listed(skyhub, 2) == list(range(21, 41))


@pytest.mark.parametrize(("listing", "met"), [("open", "false"), ("requested", "true")])
def test_a_fault_can_follow_a_list(skyhub: httpx.Client, control: SandboxControl, listing: Listing, met: str) -> None:
    """Only the named list is met."""
    control.fault(Fault(call="collectables", listing=listing, status=503, times=None))
    for requested in ("true", "false"):
        answer = skyhub.get("/shipments/b2w/collectables", params={"requested": requested})
        assert answer.status_code == (503 if requested == met else 200)


def test_struck_counts_what_is_over_too(skyhub: httpx.Client, control: SandboxControl) -> None:
    """Used up or cleared, a fault's count stays until the reset."""
    spent = control.fault(Fault(call="orders", status=500, times=2))
    for _ in range(3):
        skyhub.get("/orders")
    cleared = control.fault(Fault(call="orders", status=500, times=None))
    skyhub.get("/orders")
    control.clear_faults()
    assert control.struck() == {spent: 2, cleared: 1}
    control.reset()
    assert control.struck() == {}


@pytest.mark.parametrize(
    "body",
    [
        {"call": "orders", "rows": "doubled"},
        {"call": "orders", "status": 500, "listing": "open"},
        {"call": "collectables", "rows": "doubled", "when": "after"},
        {"call": "confirm", "takes": 1},
        {"call": "confirm", "takes": 0, "status": 422},
        {"call": "confirm", "takes": 1, "status": 422, "when": "after"},
        {"call": "order", "takes": 1, "status": 422},
    ],
)
def test_a_bend_that_cannot_be_is_refused(anyone: httpx.Client, body: dict[str, object]) -> None:
    """A fault that bends what its call does not have, or too late, is a 400."""
    assert anyone.post("/_sandbox/faults", json=body).status_code == 400


def test_an_account_can_have_settings_of_its_own(skyhub: httpx.Client, control: SandboxControl, account: str) -> None:
    """What is set for one account holds whatever the others' is, and what is not follows the others'."""
    control.register_account(OTHER, "key", "manager")
    assert control.settings(OTHER, lists_lag_seconds=9.0).lists_lag_seconds == 9.0
    assert control.settings(strict=False, lists_lag_seconds=2.0).lists_lag_seconds == 2.0
    confirm(skyhub, 1)
    assert 1 in listed(skyhub, 1)
    own = control.settings(OTHER)
    assert (own.lists_lag_seconds, own.strict) == (9.0, False)
    control.settings(account, lists_lag_seconds=0.0)
    confirm(skyhub, 2)
    assert 2 not in listed(skyhub, 1)


def test_settings_of_an_unknown_account_are_refused(control: SandboxControl) -> None:
    """Only an account that is registered has settings, and only known ones."""
    with pytest.raises(SandboxError, match="no account nobody"):
        control.settings("nobody", strict=False)
    with pytest.raises(SandboxError, match="unheard_of: Unexpected"):
        control.settings("ops@acme.example", unheard_of=True)
