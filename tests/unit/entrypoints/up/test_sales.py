from collections import Counter
from datetime import UTC, datetime
from functools import cache
from itertools import pairwise
from random import Random

import pytest

from worker.adapters.native_event import read
from worker.domain.events import OrderCanceled
from worker.entrypoints.up.sandbox_stores import NATIVE, SANDBOX_STORES, Door
from worker.entrypoints.up.seller.sale import Canceled, Invoiced, Kind, Packed, Sale
from worker.entrypoints.up.seller.sales import DOORS, KINDS, kinds_through, new_sale

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def _sold(seed: int) -> list[Sale]:
    draw = Random(seed)  # noqa: S311 - the same orders for the same seed
    return [new_sale(draw, 285_264_640_000 + number, NOON, SANDBOX_STORES) for number in range(2000)]


@cache
def _sales() -> list[Sale]:
    return _sold(7)


def _of(kind: Kind) -> list[Sale]:
    return [sale for sale in _sales() if sale.kind == kind]


def _invoices(sale: Sale) -> list[Invoiced]:
    return [step.deed for step in sale.steps if isinstance(step.deed, Invoiced)]


def _units(sale: Sale) -> Counter[str]:
    """Return the units of the invoices, each counted once."""
    units = Counter[str]()
    for invoice in {invoice.number: invoice for invoice in _invoices(sale)}.values():
        units.update(invoice.units)
    return units


def _ordered(sale: Sale) -> Counter[str]:
    return Counter({line.sku: line.quantity for line in sale.registration.lines})


def test_the_same_seed_sells_the_same() -> None:
    """A run can be repeated; another seed sells something else."""
    assert _sold(7) == _sales()
    assert _sold(8) != _sales()


def test_every_kind_arrives_through_every_door_that_can_tell_of_it() -> None:
    """Nothing that the promises speak of is missing from a day's orders; each has a code of its own."""
    sales = _sales()

    assert {(sale.kind, sale.door) for sale in sales} == {
        (kind, door) for door in DOORS for kind in kinds_through(door)
    }
    assert {kind for door in DOORS for kind in kinds_through(door)} == set(KINDS)
    assert len({sale.code for sale in sales}) == len(sales)


def test_a_sale_arrives_in_a_store_that_has_its_door() -> None:
    """Native events can be handed in anywhere; VTEX and Pick and Pack tell where their doors are opened."""
    places = {(sale.door, sale.store) for sale in _sales()}

    assert places == {(door, store.name) for store in SANDBOX_STORES for door in store.all_doors}
    assert {door for door, _ in places} == set(DOORS)


@pytest.mark.parametrize("door", DOORS)
def test_what_is_lost_everywhere_is_what_reconcile_can_find(door: Door) -> None:
    """SkyHub lists only what Direct collects: an order that nobody hears of for ever proves nothing."""
    no_pickup = {"Correios", "own logistics", "canceled"}

    assert no_pickup.isdisjoint(kinds_through(door)) is (door == "lost everywhere")


def test_only_a_native_event_can_leave_the_carrier_out() -> None:
    """VTEX never names it."""
    assert {door for door in DOORS if "carrier not told" in kinds_through(door)} == set(NATIVE)


def test_every_event_is_a_native_event_of_its_order() -> None:
    """Read as the doors read it; its id is that of the ledger, and it says what the OMS says."""
    for sale in _sales():
        for step in sale.steps:
            if not isinstance(step.deed, Packed):
                native = read(step.deed.event)
                assert (native.store, native.event.order_id) == (sale.store, sale.order_id)
        for invoice in _invoices(sale):
            told = invoice.event["invoice"]
            assert (told["number"], told["issued_at"]) == (invoice.number, invoice.issued_at)
            assert {item["sku"]: item["quantity"] for item in told["items"]} == invoice.units


@pytest.mark.parametrize("kind", KINDS)
def test_an_order_is_complete_once_all_its_units_are_invoiced_unless_it_is_canceled(kind: Kind) -> None:
    """With the invoice that names the last units that were ordered; it stays so."""
    for sale in _of(kind):
        complete = [invoice.complete for invoice in _invoices(sale)]
        assert complete == sorted(complete)
        assert any(complete) is (kind != "canceled")
        assert (_units(sale) == _ordered(sale)) is (kind != "canceled")


def test_what_is_told_later_is_told_after_it() -> None:
    """The seconds after the sale grow with every step."""
    for sale in _sales():
        moments = [0.0, *(step.after_seconds for step in sale.steps)]
        assert all(before < after for before, after in pairwise(moments))


def test_parts_come_out_of_order_and_repeated() -> None:
    """The later invoice first, each of them twice; the first sight of the earlier one completes the order."""
    for sale in _of("parts out of order, repeated"):
        dates = [invoice.issued_at for invoice in _invoices(sale)]
        assert dates[0] == dates[1] > dates[2] == dates[3]
        assert [invoice.complete for invoice in _invoices(sale)] == [False, False, True, True]


def test_who_carries_an_order_is_told_or_left_to_skyhub() -> None:
    """Correios and own logistics are never Direct; an event does not always say who it is."""
    carriers = {(sale.kind, sale.registration.carrier, _told(sale)) for sale in _sales() if sale.kind != "canceled"}

    assert carriers == {
        ("one item", "direct", "direct"),
        ("items invoiced apart", "direct", "direct"),
        ("parts out of order, repeated", "direct", "direct"),
        ("label late", "direct", "direct"),
        ("carrier not told", "direct", None),
        ("Correios", "correios", "correios"),
        ("own logistics", "own", None),
    }


def _told(sale: Sale) -> str | None:
    told: str | None = _invoices(sale)[0].event["order"].get("carrier")
    return told


def test_skyhub_lists_an_order_when_it_is_complete() -> None:
    """Just before its last invoice is told, or later where the label is late; never, if it is canceled."""
    for sale in _sales():
        listed = sale.registration.collectable_after_seconds
        complete = [step.after_seconds for step in sale.steps if isinstance(step.deed, Invoiced) and step.deed.complete]
        assert (listed is None) is (sale.kind == "canceled")
        if listed is not None:
            assert (listed > complete[0]) is (sale.kind == "label late")
            assert listed >= max(0.0, complete[0] - 0.5)


def test_an_order_is_canceled_before_its_last_invoice() -> None:
    """The cancel ends it: nothing is told after it, and some item was never invoiced."""
    for sale in _of("canceled"):
        *before, last = [step.deed for step in sale.steps]
        assert all(isinstance(deed, Invoiced) for deed in before)
        assert isinstance(last, Canceled)
        assert isinstance(read(last.event).event, OrderCanceled)


def test_what_is_held_until_it_is_packed_is_packed_at_the_end() -> None:
    """In the store that asks for it, each order that waits for a pickup; when it is sold, its box is being picked."""
    holding = {store.name for store in SANDBOX_STORES if store.require_packed}
    assert holding

    for sale in _sales():
        waits = sale.store in holding and sale.kind not in {"Correios", "own logistics", "canceled"}
        assert [isinstance(step.deed, Packed) for step in sale.steps[-1:]] == [waits]
        assert sale.registration.fulfillment_status == "PICKING"
