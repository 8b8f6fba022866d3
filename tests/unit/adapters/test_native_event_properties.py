"""Any JSON is a native event or is refused with a reason; what the schema accepts is read."""

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from tests.fixtures.native_events import INVOICED, SHORTEST, changed
from worker.adapters.native_event import NativeEventError, read, schema
from worker.domain.events import Addressed, OrderInvoiced
from worker.domain.facts import Carrier

TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]), min_size=1, max_size=200)
ZONES = st.none() | st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
TIMES = st.datetimes(timezones=ZONES).map(datetime.isoformat)
ITEMS = st.none() | st.lists(st.fixed_dictionaries({"sku": TEXTS, "quantity": st.integers(0, 1_000_000)}), max_size=5)
INVOICES = st.fixed_dictionaries(
    {"number": TEXTS},
    optional={
        "key": st.none() | TEXTS,
        "type": st.sampled_from(["Output", "Input"]),
        "issued_at": st.none() | TIMES,
        "items": ITEMS,
    },
)
ORDERS = st.fixed_dictionaries(
    {},
    optional={
        "items": ITEMS,
        "skyhub_code": st.none() | TEXTS,
        "remote_code": st.none() | TEXTS,
        "carrier": st.sampled_from([None, *Carrier]),
    },
)
EVENTS = st.fixed_dictionaries(
    {"store": TEXTS, "order_id": TEXTS, "occurred_at": TIMES, "invoice": INVOICES},
    optional={"order": st.none() | ORDERS},
)
TEXTS_OF_ANY_KIND = st.text(st.characters(), max_size=20)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS_OF_ANY_KIND | st.sampled_from(["NaN", "1e400"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS_OF_ANY_KIND, inner, max_size=3),
    max_leaves=8,
)
PLACES = st.sampled_from(
    [
        ("store",),
        ("event",),
        ("order_id",),
        ("occurred_at",),
        ("invoice",),
        ("invoice", "number"),
        ("invoice", "key"),
        ("invoice", "type"),
        ("invoice", "issued_at"),
        ("invoice", "items"),
        ("invoice", "items", 0),
        ("invoice", "items", 0, "sku"),
        ("invoice", "items", 0, "quantity"),
        ("order",),
        ("order", "carrier"),
        ("order", "remote_code"),
    ]
)


@given(EVENTS)
def test_what_the_schema_accepts_is_read(body: dict[str, Any]) -> None:
    """No event that a producer built by the schema is refused, and its units all arrive."""
    Draft202012Validator(schema()).validate(body)
    event = _read(body)
    assert sum(event.invoice.items.values()) == sum(i["quantity"] for i in body["invoice"].get("items") or ())
    assert event.invoice.dated_at == event.occurred_at


@given(st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2100, 1, 1)))  # noqa: DTZ001 - zoned below
def test_a_moment_is_the_same_in_every_zone(moment: datetime) -> None:
    """Times become milliseconds since the epoch, whatever zone they were written in."""
    known = moment.replace(tzinfo=UTC)
    expected = (known - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(milliseconds=1)
    assert abs(_at(known.isoformat()) - expected) <= 1
    assert _at(known.isoformat()) == _at(moment.isoformat())


@given(JSON)
def test_no_json_breaks_the_reading(value: object) -> None:
    """Whatever comes, as a value or as text, is an event or is refused with a reason."""
    for body in (value, json.dumps(value)):
        _reads_or_refuses(body)


@given(PLACES, JSON)
def test_no_value_in_any_field_breaks_the_reading(place: tuple[str | int, ...], value: object) -> None:
    """One wrong field of an otherwise good event is an event still, or is refused with a reason."""
    body = changed({"event": "OrderInvoiced", **INVOICED}, *place, value=value)
    for spelled in (body, json.dumps(body)):
        _reads_or_refuses(spelled)


def _reads_or_refuses(body: object) -> None:
    with suppress(NativeEventError):
        assert isinstance(read(body), Addressed)


def _read(body: object) -> OrderInvoiced:
    event = read(body).event
    assert isinstance(event, OrderInvoiced)
    return event


def _at(text: str) -> int:
    return _read(changed(SHORTEST, "occurred_at", value=text)).occurred_at
