"""The report sees each way in which a promise can be broken."""

import httpx
import pytest

from tests.unit.sandbox.skyhub_calls import COLLECTABLES, confirm
from worker.sandbox.control import SandboxControl
from worker.sandbox.skyhub.orders import NewOrder, OrderChange

CODE = "Submarino-1"


def test_a_pickup_of_a_complete_order_breaks_nothing(
    skyhub: httpx.Client, control: SandboxControl, account: str
) -> None:
    """Completed, then accepted once: no verdict."""
    control.register_orders(account, [NewOrder(code=CODE)])
    control.complete([CODE])
    confirm(skyhub, "1")
    assert control.report().violations == {}


def test_an_acceptance_before_completion_is_early(skyhub: httpx.Client, control: SandboxControl, account: str) -> None:
    """A listed order can be accepted too early even in strict mode, and completing it later does not heal that."""
    control.register_orders(account, [NewOrder(code=CODE)])
    confirm(skyhub, "1")
    control.complete([CODE])
    assert control.report().violations == {"early": (CODE,)}


@pytest.mark.parametrize("batches", [[["1"], ["1"]], [["1", "1"]]])
def test_more_acceptances_than_allowed_are_second(
    skyhub: httpx.Client, control: SandboxControl, account: str, batches: list[list[str]]
) -> None:
    """Two calls, or one call with the code twice; an order allowed two is fine with two."""
    control.register_orders(account, [NewOrder(code=CODE, complete=True)])
    for batch in batches:
        confirm(skyhub, *batch)
    assert control.report().violations == {"second": (CODE,)}
    control.change([CODE], OrderChange(allowed=2))
    assert control.report().violations == {}


@pytest.mark.parametrize("carrier", ["correios", "own", "fulfillment"])
def test_an_accepted_order_of_another_carrier_is_wrong(
    skyhub: httpx.Client, control: SandboxControl, account: str, carrier: str
) -> None:
    """With `strict` off any known order is accepted; one that Direct does not carry is then seen."""
    new = NewOrder(code=CODE, carrier=carrier, complete=True, expect="pickup")  # type: ignore[arg-type]
    control.register_orders(account, [new])
    control.settings(strict=False)
    confirm(skyhub, "1")
    assert control.report().violations == {"wrong_carrier": (CODE,)}


def test_an_acceptance_against_expectation_is_unexpected(
    skyhub: httpx.Client, control: SandboxControl, account: str
) -> None:
    """An order of which no pickup is expected must not be accepted."""
    control.register_orders(account, [NewOrder(code=CODE, complete=True, expect="none")])
    confirm(skyhub, "1")
    assert control.report().violations == {"unexpected": (CODE,)}


def test_a_complete_order_without_its_pickup_is_lost(
    skyhub: httpx.Client, control: SandboxControl, account: str
) -> None:
    """It stops being lost when accepted; an order that is not complete is not lost."""
    control.register_orders(account, [NewOrder(code=CODE)])
    assert control.report().violations == {}
    control.complete([CODE])
    assert control.report().violations == {"lost": (CODE,)}
    confirm(skyhub, "1")
    assert control.report().violations == {}


def test_an_order_that_people_requested_is_not_lost(control: SandboxControl, account: str) -> None:
    """Requested in the panel it needs no acceptance; ungrouping the request loses it again."""
    control.register_orders(account, [NewOrder(code=CODE, complete=True)])
    control.change([CODE], OrderChange(requested=True))
    assert control.report().violations == {}
    control.change([CODE], OrderChange(requested=False))
    assert control.report().violations == {"lost": (CODE,)}


@pytest.mark.parametrize("status", ["SHIPPED", "DELIVERED", "CANCELED", "CANCELLED"])
def test_an_order_that_is_gone_is_not_lost(control: SandboxControl, account: str, status: str) -> None:
    """What was shipped or canceled no longer waits for a pickup, also when its request was taken back."""
    control.register_orders(account, [NewOrder(code=CODE, complete=True)])
    for change in (OrderChange(status=status), OrderChange(requested=False)):
        control.change([CODE], change)
        assert control.report().violations == {}


def test_an_order_registered_as_requested_is_not_lost(control: SandboxControl, account: str) -> None:
    """Registration can say that the panel was faster."""
    control.register_orders(account, [NewOrder(code=CODE, complete=True, requested=True)])
    assert control.report().violations == {}


def test_calls_are_counted_by_endpoint_and_status(skyhub: httpx.Client, control: SandboxControl, account: str) -> None:
    """Every call counts, also those refused; a report of one account leaves out calls nobody was recognised for."""
    control.register_orders(account, [NewOrder(code=CODE)])
    confirm(skyhub, "1")
    skyhub.get(f"{COLLECTABLES}?requested=true")
    skyhub.get(COLLECTABLES)
    skyhub.get("/orders/nothing-1")
    skyhub.get("/orders", headers={"X-Api-Key": "wrong"})
    ours = {"confirm": {"201": 1}, "collectables": {"200": 1, "422": 1}, "order": {"404": 1}}
    assert control.report(account).calls == ours
    assert control.report().calls == {**ours, "orders": {"401": 1}}
