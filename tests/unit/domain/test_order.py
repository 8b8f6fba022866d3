"""How far an order's invoicing is, and what an operator should see of it."""

from dataclasses import replace

import pytest

from tests.unit.domain.builders import NOW, an_invoice, due, failed, invoiced, recorded, was_requested
from worker.domain.facts import Authority, Carrier, CarrierClaim
from worker.domain.order import HISTORY_LENGTH, Attention, ItemList, Order
from worker.domain.policy import Policy

BARE = Order(order_id="x", skyhub_code="x", created_at=NOW)


def ordered(items: dict[str, int], *bodies: dict[str, int]) -> Order:
    """Make an order of `items`, with one invoice a body."""
    invoices = tuple(an_invoice(str(number), body) for number, body in enumerate(bodies))
    return replace(BARE, ordered=items, invoices=invoices)


@pytest.mark.parametrize(
    ("order", "complete"),
    [
        (ordered({"a": 2, "b": 1}, {"a": 1}, {"a": 1, "b": 1}), True),
        (ordered({"a": 2, "b": 1}, {"a": 2}), False),
        (ordered({"a": 2}, {"a": 1}), False),
        (ordered({"a": 2}, {"a": 3}), True),
        (ordered({"a": 1, "b": 1}, {"a": 2}), False),
        (ordered({"a": 1}, {"b": 1}), False),
        (ordered({"a": 1}), False),
        (ordered({}, {"a": 1}), False),
        (ordered({}), False),
        (ordered({"a": 0}), False),
        (ordered({"a": 0}, {"a": 1}), False),
        (ordered({"a": 0, "b": 1}, {"b": 1}), True),
        (ordered({"a": 0, "b": 1}), False),
    ],
)
def test_an_order_is_complete_once_every_ordered_unit_is_invoiced(order: Order, complete: bool) -> None:  # noqa: FBT001
    """Pooled by SKU over invoices; nothing is complete without at least one counted unit."""
    assert order.complete is complete


def test_invoiced_units_are_never_more_than_were_ordered() -> None:
    """Unknown SKUs and surplus units are kept, and not counted."""
    order = ordered({"a": 2, "b": 1, "c": 1}, {"a": 5, "x": 1}, {"b": 1})
    assert order.invoiced == {"a": 2, "b": 1, "c": 0}


def test_a_sku_that_was_not_ordered_asks_for_attention() -> None:
    """Only once the order's items are known."""
    assert ordered({"a": 1}, {"x": 1}).attention == {Attention.UNKNOWN_SKU}
    assert ordered({}, {"x": 1}).attention == frozenset()


def test_too_many_units_ask_for_attention() -> None:
    """More of a SKU than was ordered, over all invoices."""
    assert ordered({"a": 1}, {"a": 1}, {"a": 1}).attention == {Attention.OVER_INVOICED}
    assert ordered({"a": 2}, {"a": 2}).attention == frozenset()
    assert ordered({"a": 0}).attention == frozenset()


def test_a_removal_asks_for_attention_until_a_newer_list_names_it_again() -> None:
    """The newest list shows fewer units than the highest one."""
    order = ordered({"a": 2})
    assert replace(order, newest_list=ItemList(1, {"a": 1})).attention == {Attention.ITEMS_REMOVED}
    assert replace(order, newest_list=ItemList(1, {"b": 2})).attention == {Attention.ITEMS_REMOVED}
    assert replace(order, newest_list=ItemList(1, {"a": 2})).attention == frozenset()


def test_sources_that_name_different_carriers_ask_for_attention() -> None:
    """Also where the ranking settles which of them counts."""
    direct, correios = CarrierClaim(Carrier.DIRECT, 1), CarrierClaim(Carrier.CORREIOS, 2)
    assert replace(BARE, carriers={Authority.EVENT: direct}).attention == frozenset()
    agreed = replace(BARE, carriers={Authority.EVENT: direct, Authority.SKYHUB: replace(direct, at=9)})
    assert agreed.attention == frozenset()
    conflict = replace(BARE, carriers={Authority.EVENT: direct, Authority.SKYHUB: correios})
    assert conflict.attention == {Attention.CARRIER_CONFLICT}
    corrected = replace(conflict, carriers={**conflict.carriers, Authority.OPERATOR: direct})
    assert corrected.attention == frozenset()  # its cause is gone: somebody has decided


def test_a_cancel_after_the_request_asks_for_attention() -> None:
    """Before the request it is a status, not a flag."""
    assert replace(was_requested(), canceled_at=NOW).attention == {Attention.CANCELED_AFTER_REQUEST}
    assert replace(due(), canceled_at=NOW).attention == frozenset()
    assert was_requested().attention == frozenset()


def test_what_was_flagged_from_outside_is_shown_beside_the_facts() -> None:
    """Both kinds at once."""
    order = replace(ordered({"a": 1}, {"a": 2}), flags=frozenset({Attention.LISTED_AFTER_REQUEST}))
    assert order.attention == {Attention.LISTED_AFTER_REQUEST, Attention.OVER_INVOICED}


def test_attention_goes_with_its_cause() -> None:
    """An order corrected to fit is an order like any other."""
    order = recorded(invoiced(an_invoice("1", {"a": 2})))
    assert order.attention == {Attention.OVER_INVOICED}
    corrected = an_invoice("1", {"a": 1}, dated_at=NOW + 1)
    assert recorded(invoiced(an_invoice("1", {"a": 2})), invoiced(corrected)).attention == frozenset()


def test_history_keeps_its_last_lines() -> None:
    """Fifty of them; the oldest fall out, the newest is last."""
    order = BARE
    for number in range(HISTORY_LENGTH + 5):
        order = order.noted(number, "test.noted", f"line {number}")
    assert HISTORY_LENGTH == len(order.history) == 50
    assert [order.history[0].at, order.history[-1].at] == [5, HISTORY_LENGTH + 4]
    assert order.history[-1].detail == "line 54"
    assert BARE.noted(1, "test.noted").history[0].detail == ""
    assert BARE.history == ()


def test_a_copy_leaves_the_original_as_it_was() -> None:
    """Orders are values: deciding about one never changes the one that was read."""
    before = failed()
    copy = before.noted(NOW, "test.noted")
    assert before == failed()
    assert copy.order_id == before.order_id
    assert Policy() == Policy()
