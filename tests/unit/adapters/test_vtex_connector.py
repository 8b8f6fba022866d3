"""An invoice and a cancel as VTEX pushes them, in every form; and whatever else comes through VTEX's doors."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.adapters.vtex_bodies import HOOK, ORDER_ID, PUSH, RECEIVED
from worker.adapters.vtex_connector import read_cancel, read_hook, read_invoice_push
from worker.domain.events import OrderCanceled, OrderInvoiced
from worker.domain.invoices import Invoice, Source
from worker.ports import UnreadableBodyError


def push(**fields: object) -> OrderInvoiced:
    """Read a push with these fields."""
    return read_invoice_push(json.dumps({**PUSH, **fields}).encode(), ORDER_ID, RECEIVED)


def push_without(*names: str) -> OrderInvoiced:
    """Read a push that lacks these fields."""
    body = {name: value for name, value in PUSH.items() if name not in names}
    return read_invoice_push(json.dumps(body).encode(), ORDER_ID, RECEIVED)


def test_a_push_is_an_undated_pushed_invoice() -> None:
    """It states no time of its own; the courier is not B2W's carrier and says nothing."""
    invoice = Invoice(
        number="NF 5001/1",
        key="K",
        items={"7001": 1},
        issued_at=RECEIVED - 3_600_000,
        dated_at=None,
        source=Source.PUSHED,
    )
    assert push() == OrderInvoiced(order_id=ORDER_ID, occurred_at=RECEIVED, invoice=invoice)


def test_the_same_push_with_tracking_is_the_same_invoice() -> None:
    """So that it cannot count twice."""
    tracked = push(courier="Direct", trackingNumber="IPE-1", trackingUrl="https://tracking.example/IPE-1")
    assert tracked.invoice == push().invoice


def test_a_sku_of_several_lines_is_pooled() -> None:
    """Rounding splits a line; codes may be numbers, quantities text or 2.0."""
    lines = [{"id": 7001, "quantity": "1"}, {"id": "88", "quantity": 0}, {"id": 7001.0, "quantity": 2.0}]
    assert push(items=lines).invoice.items == {"7001": 3}


@pytest.mark.parametrize("items", [None, []])
def test_an_invoice_that_names_no_items_stands_for_unknown(items: object) -> None:
    """The order is read again."""
    assert push(items=items).invoice.items == push_without("items").invoice.items == {}


@pytest.mark.parametrize(
    ("kind", "output"), [("Output", True), ("OUTPUT", True), (None, True), ("", True), ("input", False)]
)
def test_a_return_is_told_from_a_sale(kind: object, output: bool) -> None:  # noqa: FBT001
    """In any case of letters; missing is Output."""
    assert push(type=kind).invoice.output is output
    assert push_without("type").invoice.output


@pytest.mark.parametrize("none", [None, "", " "])
def test_an_invoice_without_a_number_goes_by_its_key(none: object) -> None:
    """As in the OMS; without a key it has none, and not an empty one."""
    assert push(invoiceNumber=none).invoice.number == push_without("invoiceNumber").invoice.number == "K"
    assert push(invoiceKey=none).invoice.key is push_without("invoiceKey").invoice.key is None
    assert push(invoiceNumber=5001, invoiceKey=3526).invoice.names == {"number:5001", "key:3526"}


@pytest.mark.parametrize("date", [None, "", "20/11/2026", "0001-01-01T00:00:00", 20261120, {}])
def test_a_date_that_cannot_be_read_loses_no_invoice(date: object) -> None:
    """It is only shown."""
    assert push(issuanceDate=date).invoice.issued_at is None


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"invoiceNumber": None, "invoiceKey": None}, "invoiceNumber: found None, "),
        ({"invoiceNumber": {"n": "Ana"}}, "invoiceNumber: found an object, "),
        ({"invoiceNumber": "1" * 201}, "invoiceNumber: found '1111"),
        ({"invoiceKey": ["Ana"]}, "invoiceKey: found a list, "),
        ({"type": "Return"}, "type: found 'Return', input should be 'Output' or 'Input'"),
        ({"items": {"id": "Ana"}}, "items: found an object, "),
        ({"items": [None]}, "items.0: found None, expected an object"),
        ({"items": [{"quantity": 1}]}, "items.0.id: field required"),
        ({"items": [{"id": None, "quantity": 1}]}, "items.0.id: found None, "),
        ({"items": [{"id": "1", "quantity": None}]}, "items.0.quantity: found None, "),
        ({"items": [{"id": "1", "quantity": True}]}, "items.0.quantity: found True, "),
        ({"items": [{"id": "1", "quantity": 1_000_001}]}, "items.0.quantity: found 1000001, "),
        ({"items": [{"id": "1", "quantity": 1}] * 1_001}, "items: found a list, list should have at most 1000 items"),
    ],
)
def test_a_push_that_cannot_be_read_says_why(fields: dict[str, object], reason: str) -> None:
    """Each field, what was found, what belongs there; nothing nested is quoted."""
    with pytest.raises(UnreadableBodyError) as caught:
        push(**fields)
    assert reason in caught.value.reason
    assert "Ana" not in caught.value.reason


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"reason": "no stock"}, "no stock"),
        ({"reason": " no\nstock "}, "no stock"),
        ({"reason": 7}, "7"),
        ({"reason": None}, ""),
        ({"reason": ""}, ""),
        ({"why": "no stock"}, ""),
        ({}, ""),
        ([], ""),
        ("", ""),
        (None, ""),
    ],
)
def test_a_cancel_needs_no_body(body: object, reason: str) -> None:
    """That it was sent says it."""
    expected = OrderCanceled(order_id=ORDER_ID, occurred_at=RECEIVED, reason=reason, dated=False)
    assert read_cancel(json.dumps(body).encode(), ORDER_ID, RECEIVED) == expected


@pytest.mark.parametrize("body", [b"", b" \r\n"])
def test_a_cancel_may_be_empty(body: bytes) -> None:
    """Not even JSON is needed."""
    assert read_cancel(body, ORDER_ID, RECEIVED).reason == ""


def test_a_cancel_is_not_lost_for_a_long_reason() -> None:
    """Its words are cut."""
    assert len(read_cancel(json.dumps({"reason": "x" * 5_000}).encode(), ORDER_ID, RECEIVED).reason) == 200


@pytest.mark.parametrize("body", [b"reason=none", b"[1]", b'"{}"', b"0", b"true", b'{"reason": {}}', b"{", b"\xff"])
def test_what_is_no_cancel_is_refused(body: bytes) -> None:
    """JSON inside JSON included."""
    with pytest.raises(UnreadableBodyError):
        read_cancel(body, ORDER_ID, RECEIVED)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"A-1"', b"\xff", b"[" * 9_999, b'{"OrderId":NaN}'])
def test_what_is_no_object_is_refused(body: bytes) -> None:
    """By the push and the hook alike."""
    with pytest.raises(UnreadableBodyError):
        read_invoice_push(body, ORDER_ID, RECEIVED)
    with pytest.raises(UnreadableBodyError):
        read_hook(body, RECEIVED)


FIELDS = st.sampled_from([*PUSH, *HOOK, "hookConfig", "reason"])
JSON: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(FIELDS | st.sampled_from(["id", "quantity"]), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(st.dictionaries(FIELDS, JSON), st.dictionaries(FIELDS, JSON) | JSON)
def test_no_body_breaks_the_reading(fields: dict[str, object], alone: object) -> None:
    """Whatever comes is an event, or is refused with a reason; and the text of it too."""
    for body in ({**PUSH, **HOOK, **fields}, alone):
        raw = json.dumps(body).encode()
        for spelled in (raw, raw[:-1]):
            with suppress(UnreadableBodyError):
                assert all(read_invoice_push(spelled, ORDER_ID, RECEIVED).invoice.items.values())
            with suppress(UnreadableBodyError):
                read_cancel(spelled, ORDER_ID, RECEIVED)
            with suppress(UnreadableBodyError):
                read_hook(spelled, RECEIVED)
