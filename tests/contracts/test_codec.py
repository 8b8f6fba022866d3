import json
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.contracts.samples import FULL_EVENT, FULL_ORDER
from tests.contracts.strategies import EVENT_FIELDS, ORDER_FIELDS, events, names, orders
from tests.contracts.worlds import fake_world
from worker.adapters.redis_ledger.codec import (
    NotAnEventError,
    decode_event,
    decode_record,
    encode_event,
    encode_order,
    moment,
)
from worker.adapters.redis_ledger.compact import compact, expand
from worker.domain.events import Event, OrderInvoiced
from worker.domain.order import At, In, Order, Status
from worker.ports import Change, Saved, Stored

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=8) | st.dictionaries(st.sampled_from("itxvock"), inner, max_size=7),
    max_leaves=20,
)


def read(order: Order) -> Order:
    """Write and read a document as its record holds it."""
    parts = ["1", "write.1", "-", order.status, moment(order.at), moment(order.learn_at), moment(order.reread_at)]
    return decode_record(order.order_id, " ".join(part or "-" for part in [*parts, encode_order(order)])).order


def test_the_properties_draw_every_field() -> None:
    """A field that is added to an order or an event must be drawn here, and given in the samples."""
    assert set(ORDER_FIELDS) == names(Order)
    assert set(EVENT_FIELDS) == names(OrderInvoiced)
    blank = Order(order_id="", skyhub_code="", created_at=0)
    assert [name for name in ORDER_FIELDS if getattr(FULL_ORDER, name) == getattr(blank, name)] == []


@given(orders())
def test_an_order_survives_its_document(order: Order) -> None:
    """Whatever an order holds is read as it was written."""
    assert read(order) == order


@given(events())
def test_an_event_survives_the_inbox(event: Event) -> None:
    """Whatever an event says is read as it was written."""
    assert decode_event(encode_event(event)) == event


@settings(max_examples=settings().max_examples // 3)
@given(st.lists(orders(), max_size=5, unique_by=lambda order: order.order_id), st.lists(events(), max_size=5))
def test_orders_and_events_survive_the_scripts(some: list[Order], heard: list[Event]) -> None:
    """No text, number or order of arguments is changed or mixed up on the way through Lua."""
    world = fake_world()
    ledger = world.ledger()
    ledger.append(heard)
    owners: dict[str, str] = {}
    for order in some:  # Two that share a remote code are one order: the second is not this test's.
        for code in _names(order):
            owners.setdefault(code, order.order_id)
    distinct = [order for order in some if all(owners[code] == order.order_id for code in _names(order))]
    results, entries = ledger.exchange([Change(order=order, version=0) for order in distinct], [], 10)
    assert [entry.event for entry in entries] == heard
    assert results == [Saved(1)] * len(distinct)
    kept = {order.order_id: Stored(order, 1) for order in distinct if order.at.ms + 90 * 86_400_000 > ledger.now()}
    found = ledger.load(order.order_id for order in distinct)[0]
    assert {name: found[name] for name in kept} == kept
    world.close()


def _names(order: Order) -> tuple[str, ...]:
    return (*order.codes[:1], *order.guessed_codes[:1])


@given(JSON)
def test_any_json_is_an_event_or_refused(value: object) -> None:
    """Whatever stands in an inbox, reading it ends in an event or in one kind of error."""
    text = json.dumps(value)
    try:
        event = decode_event(text)
    except NotAnEventError:
        return
    assert decode_event(encode_event(event)) == event


def test_a_document_is_compact() -> None:
    """Memory is paid once an order: what has its default is left out, and names are short."""
    assert encode_order(Order(order_id="1", skyhub_code="Site-1", created_at=5)) == '{"c":"Site-1","n":5,"h":[]}'
    ended = replace(FULL_ORDER, status=Status.REQUESTED)
    assert len(encode_order(ended)) < len(encode_order(FULL_ORDER)) * 3 / 4
    assert len(encode_order(FULL_ORDER)) < 800
    assert len(encode_event(FULL_EVENT)) < 200


def test_a_moment_is_fixed_or_from_now() -> None:
    """A script tells the two apart by a sign."""
    assert [moment(when) for when in (At(5), In(5), In(0), None)] == ["5", "+5", "+0", ""]


def test_a_damaged_document_is_not_read() -> None:
    """Whatever letter of it changes or is lost, an ended order's document is read as it was written, or not at all."""
    written = replace(FULL_ORDER, status=Status.REQUESTED, at=At(0), learn_at=None, reread_at=None)
    compacted = encode_order(written)
    for place in range(len(compacted)):
        for letter in ("A", "+", ""):
            damaged = compacted[:place] + letter + compacted[place + 1 :]
            with suppress(ValueError):
                read_so = decode_record(written.order_id, f"1 w - requested 0 - - {damaged}").order
                assert read_so == written


def test_a_document_without_its_checksum_is_not_read() -> None:
    """What was cut off may have said that the rest is wrong."""
    compacted = compact('{"n":1}')
    assert expand(compacted) == '{"n":1}'
    with pytest.raises(ValueError, match="too soon"):
        expand(compacted[:-4])
