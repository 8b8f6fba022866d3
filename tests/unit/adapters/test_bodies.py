"""What the bodies that others send share: bounds, and faults that the sender can mend."""

import json
from typing import Annotated

import pytest

from tests.fixtures.customer_data import FIELDS
from worker.adapters.bodies import (
    NOT_TOO_LONG,
    Body,
    InvoiceType,
    MaybeText,
    Text,
    Units,
    fields_of,
    parsed,
    read_as,
)
from worker.ports import UnreadableBodyError


class Line(Body):
    """A line of a body."""

    sku: Text
    quantity: Units


class Sent(Body):
    """A body with everything that is shared."""

    number: Text
    key: MaybeText = None
    type: InvoiceType = "Output"
    items: Annotated[list[Line], NOT_TOO_LONG] | None = None


def reason_of(fields: dict[str, object]) -> str:
    """Return what is said about these fields."""
    with pytest.raises(UnreadableBodyError) as caught:
        read_as(Sent, {"number": "1", **fields})
    assert caught.value.__cause__ is None
    return caught.value.reason


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not JSON: "),
        (b"{", "not JSON: "),
        (b'{"a": NaN}', "not JSON: "),
        (b'{"a": Infinity}', "not JSON: "),
        (b"\xff", "not JSON: "),
        (b"[" * 500 + b"]" * 500, "not JSON: recursion limit exceeded"),
        (b" " * 1_048_577, "the body has 1048577 bytes, 1048576 are the most"),
    ],
)
def test_what_is_no_json_is_refused(body: bytes, reason: str) -> None:
    """Size and depth are bounded before anything is read."""
    with pytest.raises(UnreadableBodyError) as caught:
        parsed(body)
    assert caught.value.reason.startswith(reason)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ([], "a list"),
        ("{}", "'{}'"),
        (json.dumps(FIELDS), "JSON inside a text"),
        (json.dumps([FIELDS]), "JSON inside a text"),
        (1, "1"),
        (None, "None"),
    ],
)
def test_only_an_object_has_fields(value: object, found: str) -> None:
    """JSON inside JSON is not unpacked."""
    with pytest.raises(UnreadableBodyError, match=f"found {found}, expected a JSON object"):
        fields_of(value)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"number": None}, "number: found None, "),
        ({"number": True}, "number: found True, "),
        ({"number": " "}, "number: found ' ', string should have at least 1 character"),
        ({"number": "1" * 201}, "number: found '1111"),
        ({"number": "\ud800"}, "number: found '\\ud800', "),
        ({"key": ["Ana"]}, "key: found a list, "),
        ({"key": "1" * 201}, "key: found '1111"),
        ({"type": "Return"}, "type: found 'Return', input should be 'Output' or 'Input'"),
        ({"type": 1}, "type: found 1, input should be 'Output' or 'Input'"),
        ({"items": {"sku": "Ana"}}, "items: found an object, "),
        ({"items": ["1"]}, "items.0: found '1', expected an object"),
        ({"items": [{"sku": "1"}]}, "items.0.quantity: field required"),
        ({"items": [{"sku": "1", "quantity": True}]}, "items.0.quantity: found True, input should be a valid integer"),
        ({"items": [{"sku": "1", "quantity": None}]}, "items.0.quantity: found None, "),
        ({"items": [{"sku": "1", "quantity": 1_000_001}]}, "items.0.quantity: found 1000001, "),
        ({"items": [{"sku": "1", "quantity": -1}]}, "items.0.quantity: found -1, "),
        ({"items": [{"sku": "1", "quantity": 0.5}]}, "items.0.quantity: found 0.5, "),
        ({"items": [{"sku": "1", "quantity": 1}] * 1_001}, "items: found a list, list should have at most 1000 items"),
    ],
)
def test_a_fault_is_named_with_its_place_what_was_found_and_what_belongs_there(
    fields: dict[str, object], reason: str
) -> None:
    """Whoever sent it can mend it."""
    assert reason_of(fields).startswith(reason)


def test_five_faults_are_named_and_the_others_counted() -> None:
    """A wrong body of a thousand rows gives a readable sentence."""
    reason = reason_of({"items": [{"sku": "1", "quantity": -1}] * 7})
    assert reason.count("found -1") == 5
    assert reason.endswith("; and 2 more")


def test_numbers_and_blanks_are_read_as_they_are_meant() -> None:
    """Codes may be numbers, numbers may be text, and only the type's word matters."""
    lines = [{"sku": 345117, "quantity": "2"}, {"sku": 88.0, "quantity": 2.0}, {"sku": " 7 ", "quantity": "0"}]
    read = read_as(Sent, {"number": 4021.0, "key": " K ", "type": " OUTPUT ", "items": lines, "customer": "Ana"})
    assert (read.number, read.key, read.type) == ("4021", "K", "Output")
    assert [(line.sku, line.quantity) for line in read.items or ()] == [("345117", 2), ("88", 2), ("7", 0)]


@pytest.mark.parametrize("said", [{}, {"type": None}, {"type": ""}, {"type": "  "}])
def test_an_invoice_of_no_type_is_a_sale(said: dict[str, object]) -> None:
    """Missing means Output."""
    assert read_as(Sent, {"number": "1", **said}).type == "Output"
