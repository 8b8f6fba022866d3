"""Who carries an order: the word that outranks the others."""

from dataclasses import replace

import pytest

from tests.unit.domain.builders import NOW, ORDER_ID, at_skyhub
from worker.domain.facts import Authority, Carrier, CarrierClaim, SkyHubStatus
from worker.domain.knowledge import (
    created,
    with_carrier,
    with_skyhub,
)

NEW = created(ORDER_ID, "BWW", NOW)


def test_a_later_word_on_the_carrier_outranks_an_earlier_one() -> None:
    """Whichever arrives first."""
    for first, second in (((Carrier.CORREIOS, 1), (Carrier.DIRECT, 2)), ((Carrier.DIRECT, 2), (Carrier.CORREIOS, 1))):
        order = with_carrier(with_carrier(NEW, Authority.EVENT, *first), Authority.EVENT, *second)
        assert order.carriers == {Authority.EVENT: CarrierClaim(Carrier.DIRECT, 2)}


@pytest.mark.parametrize("other", [Carrier.CORREIOS, Carrier.OWN, Carrier.FULFILLMENT])
def test_of_two_words_of_one_moment_the_one_against_direct_stands(other: Carrier) -> None:
    """What is not surely Direct is not requested."""
    for first, second in ((other, Carrier.DIRECT), (Carrier.DIRECT, other)):
        order = with_carrier(with_carrier(NEW, Authority.EVENT, first, 1), Authority.EVENT, second, 1)
        assert order.carrier is other


def test_of_two_other_words_of_one_moment_one_stands_in_any_order() -> None:
    """The tie is broken by name."""
    for first, second in ((Carrier.OWN, Carrier.CORREIOS), (Carrier.CORREIOS, Carrier.OWN)):
        order = with_carrier(with_carrier(NEW, Authority.EVENT, first, 1), Authority.EVENT, second, 1)
        assert order.carrier is Carrier.OWN


def test_skyhub_outranks_events_and_an_operator_outranks_both() -> None:
    """However much later the lower authority speaks; each one's word is kept."""
    order = with_carrier(NEW, Authority.EVENT, Carrier.DIRECT, 9)
    assert order.carrier is Carrier.DIRECT
    order = with_carrier(order, Authority.SKYHUB, Carrier.CORREIOS, 5)
    assert order.carrier is Carrier.CORREIOS
    order = with_carrier(order, Authority.OPERATOR, Carrier.DIRECT, 1)
    assert order.carrier is Carrier.DIRECT
    assert len(order.carriers) == 3


def test_unknown_replaces_nothing() -> None:
    """Nor does a repeat: the same object comes back."""
    order = with_carrier(NEW, Authority.EVENT, Carrier.DIRECT, 1)
    assert with_carrier(order, Authority.EVENT, Carrier.UNKNOWN, 2) is order
    assert with_carrier(order, Authority.SKYHUB, Carrier.UNKNOWN, 2) is order
    assert with_carrier(order, Authority.EVENT, Carrier.DIRECT, 1) is order
    unsure = replace(order, carriers={**order.carriers, Authority.SKYHUB: CarrierClaim(Carrier.UNKNOWN, 9)})
    assert unsure.carrier is Carrier.DIRECT
    assert NEW.carrier is Carrier.UNKNOWN


@pytest.mark.parametrize(
    ("status", "carrier"),
    [
        (SkyHubStatus.NEW, Carrier.DIRECT),
        (SkyHubStatus.APPROVED, Carrier.DIRECT),
        (SkyHubStatus.PAYMENT_OVERDUE, Carrier.DIRECT),
        (SkyHubStatus.UNKNOWN, Carrier.DIRECT),
        (SkyHubStatus.CANCELED, Carrier.DIRECT),
        (SkyHubStatus.INVOICED, Carrier.OWN),
        (SkyHubStatus.SHIPPED, Carrier.OWN),
        (SkyHubStatus.DELIVERED, Carrier.OWN),
        (SkyHubStatus.SHIPMENT_EXCEPTION, Carrier.OWN),
    ],
)
def test_own_is_believed_only_once_skyhub_calls_the_order_invoiced(status: SkyHubStatus, carrier: Carrier) -> None:
    """Before, an empty `calculation_type` may only mean that none was assigned yet."""
    order = with_carrier(NEW, Authority.EVENT, Carrier.DIRECT, NOW)
    assert with_skyhub(order, at_skyhub(Carrier.OWN, status), NOW).carrier is carrier


def test_any_other_carrier_is_believed_at_once() -> None:
    """Only the absence of a carrier is doubtful."""
    for carrier in (Carrier.CORREIOS, Carrier.FULFILLMENT, Carrier.DIRECT):
        assert with_skyhub(NEW, at_skyhub(carrier, SkyHubStatus.NEW), NOW).carrier is carrier
