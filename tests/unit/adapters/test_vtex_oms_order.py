"""What was ordered, by the OMS: never less than it was, and nothing of a customer."""

from typing import Any

import pytest

from tests.unit.adapters.answers import answer
from tests.unit.adapters.oms_orders import ORDER_ID, SETTINGS, line, order
from worker.adapters.vtex_oms.answers import read_order
from worker.domain.facts import OmsOrder
from worker.ports import TransientError

BLANKS: list[Any] = [None, "", [], {}, 0, "text", [None], [[]]]


def test_lines_are_pooled_by_sku() -> None:
    """A SKU may repeat over lines; no other field of a line names it."""
    assert order(items=[line("7"), line("8", 2), line("7", 3)]).items == {"7": 4, "8": 2}


@pytest.mark.parametrize("quantity", [2, "2", 2.0, "2.0", " 2 "])
def test_numbers_are_read_as_they_are_spelled(quantity: object) -> None:
    """Codes as numbers, quantities as text or as 2.0."""
    assert order(items=[line(345117, quantity), line(88.0, quantity)]).items == {"345117": 2, "88": 2}


@pytest.mark.parametrize(
    "bad",
    [
        None,
        "7",
        {},
        line(None),
        line(""),
        line({}),
        line("7" * 201),
        line("\ud800"),
        line("8", None),
        line("8", -1),
        line("8", 1.5),
        line("8", quantity=True),
        line("8", "many"),
        line("8", 1_000_001),
    ],
)
def test_one_unreadable_line_makes_the_items_unknown(bad: object) -> None:
    """An order must not look smaller than it is."""
    assert order(items=[line("7"), bad]).items == {}


def test_a_line_of_no_units_orders_nothing() -> None:
    """It is no unreadable line either."""
    assert order(items=[line("7"), line("8", 0)]).items == {"7": 1}


@pytest.mark.parametrize("blank", BLANKS)
@pytest.mark.parametrize("field", ["items", "changesAttachment", "packageAttachment", "cancellationData", "status"])
def test_a_blank_field_is_not_said(field: str, blank: object) -> None:
    """Anything may be null, absent or of another kind, and spoils nothing else."""
    read = order(**{"items": [line("7")], "status": "handling", field: blank})
    assert (read.items == {"7": 1}) is (field != "items")
    assert read.invoices == ()
    assert read.removed == {}
    assert not read.canceled


@pytest.mark.parametrize("blank", BLANKS)
def test_a_blank_field_inside_another_is_not_said(blank: object) -> None:
    """As on the outside."""
    for changes in ({"changesData": blank}, {"changesData": [{"itemsAdded": None, "itemsRemoved": blank}]}):
        read = order(items=[line("7")], changesAttachment=changes, packageAttachment={"packages": blank})
        assert (read.items, read.removed, read.invoices) == ({"7": 1}, {}, ())


def changed(items: list[Any], *changes: tuple[list[Any], list[Any]]) -> OmsOrder:
    """Read an order with these changes: what each added and removed."""
    data = [{"reason": "r", "itemsAdded": added, "itemsRemoved": removed} for added, removed in changes]
    return order(items=items, changesAttachment={"changesData": data})


def test_what_changes_took_out_is_told_and_lowers_nothing() -> None:
    """Lines may still list it or not; a person decides."""
    read = changed([line("7", 3)], ([], [line("7", 1), line("8", 2)]), ([], [line(8, "1")]))
    assert read.items == {"7": 3}
    assert read.removed == {"7": 1, "8": 3}


def test_what_was_added_again_was_not_taken_out() -> None:
    """Only the net counts, in any order of the changes."""
    for changes in ([([line("7")], []), ([], [line("7", 2)])], [([], [line("7", 2)]), ([line("7")], [])]):
        read = changed([line("7", 3)], *changes)
        assert (read.items, read.removed) == ({"7": 3}, {"7": 1})


def test_what_was_added_and_has_no_line_is_ordered() -> None:
    """With its net units; a SKU that has a line has its added units there."""
    read = changed([line("7", 3)], ([line("9", 2), line("7", 1)], []), ([line("9", 2)], [line("9", 1)]))
    assert (read.items, read.removed) == ({"7": 3, "9": 3}, {})
    assert changed([line("7", 0)], ([line("9")], [line("7")])).items == {"9": 1}


@pytest.mark.parametrize("bad", [None, "9", {}, line(None), line("9", None), line("9", "many")])
def test_an_unreadable_addition_makes_the_items_unknown(bad: object) -> None:
    """What was added is not known, so the order must not look whole without it."""
    assert changed([line("7")], ([line("9"), bad], [])).items == {}


@pytest.mark.parametrize("bad", [None, "9", {}, line(None), line("9", None), line("9", "many")])
def test_an_unreadable_removal_is_passed_over(bad: object) -> None:
    """It lowers nothing anyhow; what can be read of the others is told."""
    read = changed([line("7", 2)], ([], [bad, line("7")]))
    assert (read.items, read.removed) == ({"7": 2}, {"7": 1})


def test_an_addition_to_unknown_lines_stays_unknown() -> None:
    """A part of an order is not the order."""
    for lines in ([], [None]):
        assert changed(lines, ([line("9")], [])).items == {}


def test_the_status_is_the_oms_own_word() -> None:
    """In lower case; of `invoiced` it says nothing about items."""
    assert order(status=" Invoiced ").status == "invoiced"
    assert order(status="invoiced", items=[line("7")]).invoices == ()
    assert order().status == "unknown"


DATA = {"RequestedByUser": True, "Reason": " no\nstock ", "CancellationDate": "2026-11-20T12:00:00.1234567Z"}


@pytest.mark.parametrize("status", ["canceled", "cancelled", "Canceled"])
def test_a_cancel_is_read_with_its_date(status: str) -> None:
    """In either spelling of the word, and of the keys."""
    for data in (DATA, {key.lower(): value for key, value in DATA.items()}):
        read = order(status=status, cancellationData=data)
        assert (read.canceled, read.canceled_at) == (True, 1_795_176_000_123)
        assert "stock" not in repr(read)  # the reason is free text, perhaps about the customer


@pytest.mark.parametrize(
    "status", ["cancel", "cancellation-requested", "waiting-for-seller-decision", "request-cancel", "handling", None]
)
def test_only_a_canceled_order_is_canceled(status: object) -> None:
    """A cancel that is asked for may be refused yet, and its data say nothing."""
    read = order(status=status, cancellationData=DATA)
    assert (read.canceled, read.canceled_at) == (False, None)


@pytest.mark.parametrize("blank", [None, "", {}, [], True, "\ud800", "0001-01-01T00:00:00"])
def test_a_cancel_may_say_nothing_else(blank: object) -> None:
    """Its date is not needed, nor need it be readable."""
    read = order(status="canceled", cancellationData={"Reason": {"a": blank}, "CancellationDate": blank})
    assert (read.canceled, read.canceled_at) == (True, None)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>Ana Maria</html>",
        b'{"orderId":"BWW-Submarino-1","name":"Ana Maria"',
        b"[" * 100_000,
        None,
        [],
        "Ana Maria",
        {},
        {"name": "Ana Maria"},
        {"orderId": None, "name": "Ana Maria"},
        {"orderId": {"name": "Ana Maria"}},
        {"orderId": "", "items": []},
        [{"orderId": ORDER_ID}],
        {"error": {"code": "1", "message": "Ana Maria"}},
    ],
)
def test_a_200_that_is_no_order_is_tried_again(body: object) -> None:
    """It is neither an unknown order nor an empty one, and is not quoted: it may hold a customer's name."""
    with pytest.raises(TransientError) as raised:
        read_order(answer(body), SETTINGS, ORDER_ID, 0)
    assert "Ana" not in raised.value.reason
    assert raised.value.__cause__ is None


def test_an_order_that_does_not_name_itself_is_the_one_that_was_asked_for() -> None:
    """Any field may be null; of one without a status it is known that the OMS knows it."""
    found = read_order(answer({"orderId": None, "status": None, "items": [line("7")]}), SETTINGS, ORDER_ID, 0)
    assert found is not None
    assert (found.order_id, found.status, found.items) == (ORDER_ID, "unknown", {"7": 1})


def test_the_answer_for_another_order_is_not_taken() -> None:
    """Its invoices would complete the wrong order."""
    with pytest.raises(TransientError, match="another order"):
        read_order(answer({"orderId": "BWW-Submarino-2"}), SETTINGS, ORDER_ID, 0)
