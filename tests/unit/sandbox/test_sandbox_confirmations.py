"""Confirmations: what is accepted, what is refused, and when the lists show it."""

import httpx
import pytest

from tests.unit.sandbox.manual_time import ManualTime
from tests.unit.sandbox.skyhub_calls import CONFIRM, confirm, listed
from worker.sandbox.control import SandboxControl
from worker.sandbox.skyhub.orders import NewOrder, OrderChange

GOOD, CORREIOS, WAREHOUSE, UNLABELLED, CANCELED = (f"Submarino-{n}" for n in range(1, 6))


@pytest.fixture
def orders(control: SandboxControl, account: str) -> None:
    """Register an order of each kind, their remote codes 1 to 5."""
    control.register_orders(
        account,
        [
            NewOrder(code=GOOD, complete=True),
            NewOrder(code=CORREIOS, carrier="correios"),
            NewOrder(code=WAREHOUSE, carrier="fulfillment"),
            NewOrder(code=UNLABELLED, collectable_after_seconds=None),
            NewOrder(code=CANCELED, status="CANCELED"),
        ],
    )


@pytest.mark.usefixtures("orders")
def test_a_collectable_order_is_accepted(skyhub: httpx.Client, control: SandboxControl) -> None:
    """The answer is a 201 whose message says "sucesso"; the order changes lists at once."""
    answer = confirm(skyhub, "1")
    assert (answer.status_code, answer.json()["result"]) == (201, "sucesso")
    assert "sucesso" in answer.json()["message"]
    assert (listed(skyhub), listed(skyhub, "true")) == ([], ["1"])
    assert list(control.report().accepted) == [GOOD]


@pytest.mark.usefixtures("orders")
def test_lists_lag_behind_an_accepted_confirmation(
    skyhub: httpx.Client, control: SandboxControl, time: ManualTime
) -> None:
    """Until the lag is over, the order is still in the list of those not requested."""
    control.settings(lists_lag_seconds=10)
    confirm(skyhub, "1")
    time.advance(9.5)
    assert (listed(skyhub), listed(skyhub, "true")) == (["1"], [])
    time.advance(0.5)
    assert (listed(skyhub), listed(skyhub, "true")) == ([], ["1"])


@pytest.mark.usefixtures("orders")
def test_a_repeated_confirmation_does_not_start_the_lag_anew(
    skyhub: httpx.Client, control: SandboxControl, time: ManualTime
) -> None:
    """The lists follow the first acceptance."""
    control.settings(lists_lag_seconds=10)
    confirm(skyhub, "1")
    time.advance(6)
    confirm(skyhub, "1")
    time.advance(4)
    assert listed(skyhub, "true") == ["1"]


@pytest.mark.usefixtures("orders")
@pytest.mark.parametrize("bad", ["2", "3", "4", "5", "404", GOOD])
def test_one_bad_code_refuses_the_whole_batch(skyhub: httpx.Client, control: SandboxControl, bad: str) -> None:
    """Wrong carriers, no label yet, canceled, unknown and full codes are named in a 422; nothing is accepted."""
    answer = confirm(skyhub, "1", bad)
    assert (answer.status_code, answer.json()["result"]) == (422, "erro")
    assert bad in answer.json()["message"]
    assert control.report().accepted == {}


@pytest.mark.usefixtures("orders")
def test_only_a_missing_label_is_told_as_not_found(skyhub: httpx.Client, control: SandboxControl, account: str) -> None:
    """The two fragments that mean "no label yet" name the codes without a label and no others."""
    control.register_orders(account, [NewOrder(code="Submarino-6", collectable_after_seconds=None)])
    assert confirm(skyhub, "4").json()["message"] == "Etiqueta nao encontrada: 4"
    assert "nao localizados na etiquetagem: 4, 6" in confirm(skyhub, "4", "6").json()["message"]
    for other in ("2", "5", "404"):
        assert "nao encontrada" not in confirm(skyhub, other).json()["message"]


@pytest.mark.usefixtures("orders")
def test_a_refusal_can_come_with_200(skyhub: httpx.Client, control: SandboxControl) -> None:
    """With the switch on, only `result: erro` tells that nothing was accepted."""
    control.settings(refusal_with_200=True)
    answer = confirm(skyhub, "1", "2")
    assert (answer.status_code, answer.json()["result"]) == (200, "erro")
    assert control.report().accepted == {}


@pytest.mark.usefixtures("orders")
def test_a_batch_can_be_accepted_in_part(skyhub: httpx.Client, control: SandboxControl) -> None:
    """With the switch on, the good codes are accepted although the answer is the refusal of the bad ones."""
    control.settings(partial_acceptance=True)
    answer = confirm(skyhub, "1", "2")
    assert answer.status_code == 422
    assert answer.json()["message"].endswith(": 2")
    assert list(control.report().accepted) == [GOOD]


@pytest.mark.usefixtures("orders")
def test_a_repeated_confirmation_is_accepted_unless_switched_off(skyhub: httpx.Client, control: SandboxControl) -> None:
    """SkyHub knows no idempotency key: the second acceptance is counted; the switch refuses it."""
    assert [confirm(skyhub, "1").status_code for _ in range(2)] == [201, 201]
    assert len(control.report().accepted[GOOD]) == 2
    control.settings(repeat_accepted=False)
    assert confirm(skyhub, "1").status_code == 422
    assert len(control.report().accepted[GOOD]) == 2


@pytest.mark.usefixtures("orders")
@pytest.mark.parametrize(
    ("content", "status"), [(b"", 400), (b"{", 400), (b"\xff", 400), (b"[]", 422), (b'{"order_codes":[]}', 422)]
)
def test_a_body_without_codes_is_refused(skyhub: httpx.Client, content: bytes, status: int) -> None:
    """What is not JSON is a 400, what names no codes a 422."""
    answer = skyhub.post(CONFIRM, content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == status


@pytest.mark.usefixtures("orders")
def test_a_request_in_the_panel_moves_the_order(skyhub: httpx.Client, control: SandboxControl) -> None:
    """A pickup requested by a person is listed as requested and not as accepted from us."""
    control.change([GOOD], OrderChange(requested=True))
    assert (listed(skyhub), listed(skyhub, "true")) == ([], ["1"])
    assert control.report().accepted == {}


@pytest.mark.usefixtures("orders")
def test_an_ungrouped_order_is_listed_again(skyhub: httpx.Client, control: SandboxControl) -> None:
    """Ungrouping takes the request back; what was accepted before stays recorded."""
    confirm(skyhub, "1")
    control.change([GOOD], OrderChange(requested=False))
    assert (listed(skyhub), listed(skyhub, "true")) == (["1"], [])
    assert len(control.report().accepted[GOOD]) == 1


@pytest.mark.usefixtures("orders")
@pytest.mark.parametrize("requested", [True, False])
def test_a_canceled_order_leaves_both_lists(skyhub: httpx.Client, control: SandboxControl, *, requested: bool) -> None:
    """Canceled before or after its request, it is in neither list, and its status says why."""
    if requested:
        confirm(skyhub, "1")
    control.change([GOOD], OrderChange(status="CANCELED"))
    assert (listed(skyhub), listed(skyhub, "true")) == ([], [])
    assert skyhub.get(f"/orders/{GOOD}").json()["status"]["type"] == "CANCELED"
