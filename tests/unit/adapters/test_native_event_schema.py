"""The JSON Schema of the native event, and the reader: what one accepts the other reads."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from tests.fixtures.native_events import CANCELED, INVOICED, SHORTEST, changed
from worker.adapters.native_event import NativeEventError, read, schema

VALID = pytest.mark.parametrize("body", [INVOICED, CANCELED, SHORTEST], ids=["invoiced", "canceled", "shortest"])


def _reason(body: object) -> str:
    with pytest.raises(NativeEventError) as caught:
        read(body)
    assert "value error" not in caught.value.reason.lower()  # a library's word
    return caught.value.reason


@VALID
def test_the_schema_accepts_the_examples(body: dict[str, Any]) -> None:
    """The JSON Schema is one, and what the documents show as right is right by it."""
    Draft202012Validator.check_schema(schema())
    Draft202012Validator(schema()).validate(body)


@pytest.mark.parametrize(
    "body",
    [
        {},
        changed(INVOICED, "invoice", "number", value=...),
        changed(INVOICED, "invoice", "items", 0, "quantity", value=-1),
        changed(INVOICED, "order", "carrier", value="loggi"),
        changed(CANCELED, "event", value="OrderShipped"),
    ],
)
def test_what_the_schema_refuses_is_refused(body: dict[str, Any]) -> None:
    """A producer that checks against the schema is not surprised by this service."""
    assert not Draft202012Validator(schema()).is_valid(body)
    _reason(body)
