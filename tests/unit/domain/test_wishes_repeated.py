"""A wish that holds already changes nothing: an operator may repeat it, and sees that nothing was left to do."""

from dataclasses import replace

import pytest

from tests.unit.domain.builders import (
    NOW,
    ORDER_ID,
    POLICY,
    due,
    failed,
    invoiced,
    recorded,
    requesting,
    saved,
    skipped,
    was_canceled,
    was_requested,
)
from worker.domain.facts import Authority, Carrier, CarrierClaim
from worker.domain.order import Order, Status
from worker.domain.progress import (
    IllegalTransitionError,
    discard,
    enter,
    record,
    release,
    retry_anew,
    set_carrier,
)

LATER = NOW + 5


def test_a_released_order_that_still_waits_is_released_already() -> None:
    """Its carrier is what it waits for: a second release says nothing new, with whatever reason."""
    order = saved(release(recorded(invoiced(ordered={}, carrier=Carrier.UNKNOWN)), "why", POLICY, NOW))
    assert order.status is Status.WAITING
    assert release(order, "another reason", POLICY, LATER) is order


@pytest.mark.parametrize("order", [due(), requesting(), was_requested()])
def test_a_release_that_had_its_effect_is_not_refused(order: Order) -> None:
    """Who releases twice, a moment after the first release made the order due, hears that it holds."""
    order = replace(order, released=True)
    assert release(order, "again", POLICY, LATER) is order


@pytest.mark.parametrize("order", [skipped(), was_canceled(), failed()])
def test_a_release_that_no_longer_helps_is_refused(order: Order) -> None:
    """The order has left the way to its pickup since: another wish is needed, and the refusal says so."""
    order = replace(order, released=True)
    with pytest.raises(
        IllegalTransitionError, match=f"^only a waiting order can be released; {ORDER_ID} is {order.status}$"
    ):
        release(order, "again", POLICY, LATER)


def test_a_discarded_order_is_discarded_already() -> None:
    """Also after the hour, and with another reason: the first one stays."""
    order = saved(discard(failed(), "lost", NOW))
    assert discard(order, "another reason", LATER) is order
    assert order.reason == "discarded: lost"


def test_a_canceled_order_is_not_taken_for_a_discarded_one() -> None:
    """Its source canceled it; nobody gave it up."""
    with pytest.raises(IllegalTransitionError, match=f"^only a failed order can be discarded; {ORDER_ID} is canceled$"):
        discard(was_canceled(), "why", LATER)
    misleading = failed("discarded by SkyHub, it says")
    assert discard(misleading, "why", LATER).status is Status.CANCELED


def test_a_discard_can_be_wished_anew_once_the_order_failed_again() -> None:
    """A retry between two discards makes the second one a wish of its own."""
    retried = saved(retry_anew(saved(discard(failed(), "lost", NOW)), "found", POLICY, NOW))
    again = saved(enter(retried, Status.FAILED, "refused: no", NOW))
    assert discard(again, "lost again", LATER).reason == "discarded: lost again"


@pytest.mark.parametrize("order", [due(), requesting(), was_requested(), skipped(), was_canceled(), failed()])
def test_a_carrier_that_the_operator_has_set_is_set_already(order: Order) -> None:
    """In every status, with whatever reason: the first word and its date stand."""
    order = saved(set_carrier(order, Carrier.OWN, "label", POLICY, NOW))
    assert set_carrier(order, Carrier.OWN, "another reason", POLICY, LATER) is order
    assert order.carriers[Authority.OPERATOR] == CarrierClaim(Carrier.OWN, NOW)


def test_another_carrier_is_another_word() -> None:
    """An operator may think better of it, also back to what was said before."""
    order = saved(set_carrier(due(), Carrier.OWN, "label", POLICY, NOW))
    back = set_carrier(order, Carrier.DIRECT, "the other label", POLICY, LATER)
    assert (back.status, back.carriers[Authority.OPERATOR]) == (Status.DUE, CarrierClaim(Carrier.DIRECT, LATER))


def test_what_a_source_said_is_not_yet_an_operators_word() -> None:
    """The same carrier from an operator outranks what a source may say later."""
    order = set_carrier(due(), Carrier.DIRECT, "label", POLICY, LATER)
    assert order.carriers[Authority.OPERATOR] == CarrierClaim(Carrier.DIRECT, LATER)
    assert record(order, invoiced(carrier=Carrier.CORREIOS, at=NOW + 9), POLICY, NOW).status is Status.DUE
