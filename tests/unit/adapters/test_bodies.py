"""What the bodies that others send share: bounds, and faults that the sender can mend."""

import json
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AliasChoices

from tests.fixtures.customer_data import FIELDS, spoken_of
from worker.adapters import native_event, pick_and_pack_webhook, vtex_connector
from worker.adapters.bodies import (
    KNOWN_KEYS,
    NOT_TOO_LONG,
    Body,
    InvoiceType,
    MaybeText,
    Text,
    Units,
    fields_of,
    known_part,
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


def _names(model: type[Body]) -> set[str]:
    """Return every name by which the fields of a model are read."""
    found: set[str] = set()
    for name, field in model.model_fields.items():
        alias = field.validation_alias
        found |= set(map(str, alias.choices)) if isinstance(alias, AliasChoices) else {str(alias or name)}
    return found


def test_every_key_that_a_door_reads_is_known() -> None:
    """And no other: only such values are kept of a refused body."""
    modules = {module.__name__ for module in (native_event, pick_and_pack_webhook, vtex_connector)}
    models = [model for model in Body.__subclasses__() if model.__module__ in modules]
    read = {name for model in models for name in _names(model)}

    assert {model.__module__ for model in models} == modules
    assert read | {"hookConfig", "args", "kwargs"} == KNOWN_KEYS


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        ({"order_id": "1", "buyer": "Ana"}, {"order_id": "1", "buyer": "…"}),
        ({"buyer": {"order_id": "1"}, "cpf": 1, "x": None, "y": []}, {"buyer": "…", "cpf": "…", "x": "…", "y": "…"}),
        ({"ordr_id": "1", "invoice": {"nmber": 1}}, {"ordr_id": "…", "invoice": {"nmber": "…"}}),
        ([{"items": [{"sku": 1, "for": "Ana"}, 7]}], [{"items": [{"sku": 1, "for": "…"}, 7]}]),
        ({"reason": "x" * 201, "for": "Ana"}, {"reason": "x" * 200 + "…", "for": "…"}),
        ({"quantity": int("1" * 201), "for": "Ana"}, {"quantity": "1" * 200 + "…", "for": "…"}),
        ({"args": [json.dumps({"for": "Ana"})]}, {"args": ['{"for": "…"}']}),
        (json.dumps(json.dumps({"for": "Ana"})), json.dumps('{"for": "…"}', ensure_ascii=False)),
        ({"order_id": "\ud800", "for": "Ana"}, {"order_id": "\ud800", "for": "…"}),
    ],
)
def test_a_key_that_no_door_reads_keeps_its_name_and_loses_its_value(body: object, kept: object) -> None:
    """So that a misspelled key is seen, and nothing of a customer. What was too long for a text stays too long."""
    for text in (json.dumps(body), json.dumps(body, indent=1), "\ufeff" + json.dumps(body)):
        assert json.loads(known_part(text)) == kept
        assert json.loads(known_part(text.encode())) == kept
        known_part(text).encode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "order;name",
        "null",
        "NaN",
        '"text"',
        "{}",
        ' { "order_id" : NaN,\n"items": [{"sku": 1.0, "quantity": "x"}] }',
        '{"reason": "%s"}' % ("x" * 5_000),
        '{"quantity": %s}' % ("1" * 5_000),
        '{"order_id": "\\ud800"}',
        "[" * 100_000,
        '{"items":' * 5_000,
    ],
)
def test_what_holds_no_unknown_key_and_what_is_no_json_is_kept_as_it_came(text: str) -> None:
    """To the letter: it may be read again once our fault is mended."""
    assert known_part(text) == text
    assert known_part(text.encode()) == text


def test_no_spelling_hides_a_customer() -> None:
    """Broken letters, what is no number, a key that is repeated, a number that is too long, a raw line break."""
    for text in (
        b'{"order_id": "\xe9", "customer": "Ana"}',
        b'{"order_id": NaN, "customer": "Ana"}',
        b'{"invoice": {"customer": "Ana"}, "invoice": {"number": "1"}}',
        b'{"quantity": ' + b"1" * 5_000 + b', "customer": "Ana"}',
        b'{"reason": "\n", "customer": "Ana"}',
        b'{"items":' * 200 + b'{"customer": "Ana"}' + b"}" * 200,
    ):
        assert json.loads(known_part(text))
        assert "Ana" not in known_part(text)


_JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(sorted(KNOWN_KEYS)) | st.text(), inner, max_size=3)
    ),
    max_leaves=20,
)


@given(_JSON, st.sampled_from(sorted(FIELDS)))
def test_what_is_kept_of_any_body_says_nothing_of_its_customer(body: object, name: str) -> None:
    """Wherever the customer stands in it; and what was kept once is kept like that again."""
    kept = known_part(json.dumps([body, {"items": body, "invoice": {**FIELDS, "x": body}}, {name: FIELDS[name]}]))

    assert spoken_of(kept) == []
    assert known_part(kept) == kept
