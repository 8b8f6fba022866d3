"""Whatever the OMS answers, an order never breaks the reading and never looks smaller than it is."""

import copy
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.samples import vtex_samples
from tests.unit.adapters.answers import answer
from tests.unit.adapters.oms_orders import ORDER_ID, SETTINGS, line, order, package, packed, share
from worker.adapters.vtex_oms.answers import read_feed, read_order
from worker.domain.facts import OmsOrder
from worker.domain.invoices import counted
from worker.ports import TransientError

SAMPLE: dict[str, Any] = vtex_samples.body("order_full")
# What an order may lack in truth: without these there was no change, so what was added by one is not ordered.
MAY_BE_NULL = {
    ("changesAttachment",),
    ("changesAttachment", "changesData"),
    ("changesAttachment", "changesData", 0),
    ("changesAttachment", "changesData", 0, "itemsAdded"),
}
LINES = st.lists(st.tuples(st.sampled_from(["1", "2", "3"]), st.integers(0, 5)), min_size=1, max_size=6)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(), max_size=9), inner, max_size=3)
    ),
    max_leaves=8,
)

Place = tuple[str | int, ...]


def _places(value: object, place: Place = ()) -> Iterator[Place]:
    if place:
        yield place
    children: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in children:
        yield from _places(inner, (*place, key))


READ = ("items", "status", "changesAttachment", "packageAttachment", "cancellationData")
PLACES = [place for place in _places(SAMPLE) if place != ("orderId",)]
PLACES_READ = [place for place in PLACES if place[0] in READ]


def _with(places: set[Place], value: object, *, absent: bool = False) -> dict[str, Any]:
    """Return the sample with a value at these places, or without them."""
    body = copy.deepcopy(SAMPLE)
    for place in sorted(places, key=len, reverse=True):
        inner: Any = body
        for step in place[:-1]:
            inner = inner[step]
        if absent and isinstance(inner, dict):
            del inner[place[-1]]
        else:
            inner[place[-1]] = value
    return body


def _read(body: object) -> OmsOrder:
    read = read_order(answer(body), SETTINGS, SAMPLE["orderId"], 0)
    assert read is not None
    return read


ORDERED = {"7001": 2, "7002": 2, "7003": 3}
ADDED = {"7009": 1}


@given(st.sets(st.sampled_from(PLACES_READ) | st.sampled_from(PLACES), max_size=12), st.booleans())
def test_no_subset_of_nulls_raises_or_yields_fewer_units(places: set[Place], absent: bool) -> None:  # noqa: FBT001
    """An order with nulls or gaps is unknown or as large as ever, and its invoices never grow."""
    read = _read(_with(places, None, absent=absent))
    whole = ORDERED if places & MAY_BE_NULL else ORDERED | ADDED
    assert not read.items or all(read.items.get(sku, 0) >= units for sku, units in whole.items())
    full = {invoice.number: invoice.items for invoice in _read(SAMPLE).invoices}
    for invoice in read.invoices:
        known = full.get(invoice.number) or next(i.items for i in _read(SAMPLE).invoices if i.key == invoice.key)
        assert all(units <= known[sku] for sku, units in invoice.items.items())


@given(st.sampled_from(PLACES_READ), st.sampled_from(["", "text", -1, 1.5, True, [], {}, [[]], "\ud800", 10**30]))
def test_no_wrong_value_raises_or_yields_fewer_units(place: Place, value: object) -> None:
    """But for a number of units or a SKU, which is believed, nothing else makes an order smaller."""
    read = _read(_with({place}, value))
    believed = place[0] == "items" and place[-1] in {"id", "quantity"}
    missing = place in MAY_BE_NULL or place[:4] == ("changesAttachment", "changesData", 0, "itemsAdded")
    whole = ORDERED if missing else ORDERED | ADDED
    assert believed or not read.items or all(read.items.get(sku, 0) >= units for sku, units in whole.items())


@given(LINES, st.data())
def test_positions_give_back_what_was_ordered(lines: list[tuple[str, int]], data: st.DataObject) -> None:
    """Packages that hold every line once, in any partition, invoice exactly what was ordered."""
    owners = data.draw(st.lists(st.integers(0, 2), min_size=len(lines), max_size=len(lines)))
    packages = [
        package(*(share(at, lines[at][1]) for at, owner in enumerate(owners) if owner == number), number=str(number))
        for number in range(3)
    ]
    read = packed(*packages, items=[line(sku, quantity) for sku, quantity in lines])
    assert counted(read.invoices) == read.items


@given(LINES, LINES, LINES)
def test_changes_never_make_an_order_smaller(
    lines: list[tuple[str, int]], added: list[tuple[str, int]], removed: list[tuple[str, int]]
) -> None:
    """Nor do they add to a SKU that has lines."""
    rows = [line(sku, quantity) for sku, quantity in lines]
    change = {"itemsAdded": [line(*row) for row in added], "itemsRemoved": [line(*row) for row in removed]}
    before, after = order(items=rows), order(items=rows, changesAttachment={"changesData": [change]})
    assert before.items.items() <= after.items.items()
    assert all(units > 0 for units in (*after.items.values(), *after.removed.values()))


@given(JSON)
def test_no_json_breaks_the_reading(body: object) -> None:
    """Whatever comes is an order, a feed, or is tried again."""
    for given_body in (body, {"orderId": ORDER_ID, "items": body, "packageAttachment": {"packages": body}}):
        with suppress(TransientError):
            read_order(answer(given_body), SETTINGS, ORDER_ID, 0)
        with suppress(TransientError):
            read_feed(answer(given_body), SETTINGS, 0)
    read_feed(answer([body, {"handle": body, "orderId": body, "state": body, "lastChange": body}]), SETTINGS, 0)
