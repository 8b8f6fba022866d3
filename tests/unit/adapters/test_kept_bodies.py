"""What is kept of a body that was refused: what a door reads, and nothing of a customer."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AliasChoices

from tests.fixtures.customer_data import FIELDS, spoken_of
from worker.adapters import native_event, pick_and_pack_webhook, vtex_connector
from worker.adapters.bodies import (
    KNOWN_KEYS,
    Body,
    known_part,
)


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
