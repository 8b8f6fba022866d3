from collections import Counter
from datetime import UTC, datetime
from itertools import pairwise
from random import Random

import pytest

from worker.adapters.native_event import read
from worker.domain.events import OrderCanceled
from worker.entrypoints.up.seller.sales import KINDS, Kind, Sale, new_sale

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
STORES = ["acme", "brava"]


def _sales(seed: int = 7, count: int = 300) -> list[Sale]:
    draw = Random(seed)  # noqa: S311 - the same orders for the same seed
    return [new_sale(draw, 285_264_640_000 + number, NOON, STORES) for number in range(count)]


def _of(kind: Kind) -> list[Sale]:
    return [sale for sale in _sales() if sale.kind == kind]


def _units(sale: Sale) -> Counter[str]:
    """Return the units that the told invoices name, each invoice once."""
    invoices = {step.event["invoice"]["number"]: step.event["invoice"] for step in sale.steps if not step.cancels}
    units = Counter[str]()
    for invoice in invoices.values():
        for item in invoice["items"]:
            units[item["sku"]] += item["quantity"]
    return units


def test_the_same_seed_sells_the_same() -> None:
    """A run can be repeated; another seed sells something else."""
    assert _sales(7) == _sales(7)
    assert _sales(7) != _sales(8)


def test_every_kind_is_sold_in_both_stores_with_a_code_of_its_own() -> None:
    """Nothing that the promises speak of is missing from a day's orders."""
    sales = _sales()

    assert {(sale.kind, sale.store) for sale in sales} == {(kind, store) for kind in KINDS for store in STORES}
    assert len({sale.code for sale in sales}) == len(sales)


def test_every_event_is_a_native_event_of_its_order() -> None:
    """Read as the doors read it; its id is that of the ledger."""
    for sale in _sales():
        for step in sale.steps:
            native = read(step.event)
            assert (native.store, native.event.order_id) == (sale.store, sale.order_id)


@pytest.mark.parametrize("kind", KINDS)
def test_an_order_is_complete_with_one_step_unless_it_is_canceled(kind: Kind) -> None:
    """SkyHub is told so once, with the event that names the last units that were ordered."""
    for sale in _of(kind):
        ordered = {item.id: item.qty for item in sale.registration.items}
        assert sum(step.completes for step in sale.steps) == (0 if kind == "canceled" else 1)
        assert (_units(sale) == Counter(ordered)) is (kind != "canceled")


def test_what_is_told_later_is_told_after_it() -> None:
    """The seconds after the sale grow with every step."""
    for sale in _sales():
        moments = [0.0, *(step.after_seconds for step in sale.steps)]
        assert all(before < after for before, after in pairwise(moments))


def test_parts_come_out_of_order_and_repeated() -> None:
    """The later invoice first, each of them twice; the first sight of the earlier one completes the order."""
    for sale in _of("parts out of order, repeated"):
        dates = [step.event["occurred_at"] for step in sale.steps]
        assert dates[0] == dates[1] > dates[2] == dates[3]
        assert [step.completes for step in sale.steps] == [False, False, True, False]


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
    told: str | None = sale.steps[0].event["order"].get("carrier")
    return told


def test_a_late_label_comes_after_the_last_invoice() -> None:
    """So that "complete, and not collectable yet" is seen; all others are listed from the start."""
    for sale in _sales():
        after = sale.registration.collectable_after_seconds
        assert after is not None
        assert (after > sale.steps[-1].after_seconds) is (sale.kind == "label late")
        assert (after == 0) is (sale.kind != "label late")


def test_an_order_is_canceled_before_its_last_invoice() -> None:
    """The cancel ends it: nothing is told after it, and some item was never invoiced."""
    for sale in _of("canceled"):
        assert [step.cancels for step in sale.steps] == [False] * (len(sale.steps) - 1) + [True]
        assert isinstance(read(sale.steps[-1].event).event, OrderCanceled)
