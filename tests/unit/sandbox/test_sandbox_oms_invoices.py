"""The simulated OMS: how invoices, cancels and changes alter an order."""

import httpx
import pytest

from tests.unit.sandbox.oms_calls import NEW, ORDER, packages, read
from worker.sandbox.control import SandboxControl, SandboxError
from worker.sandbox.vtex.bodies import (
    ItemsChange,
    Line,
    NewPackage,
    PackedItem,
    Removal,
    Shown,
    Tracking,
    of_skus,
)


@pytest.fixture(autouse=True)
def _order(control: SandboxControl, store: str) -> None:
    control.vtex.register_orders(store, [NEW])


def test_a_sku_is_spread_over_its_lines(oms: httpx.Client, control: SandboxControl, store: str) -> None:
    """A package names positions; what one line cannot take goes to the next, and too much to the last."""
    control.vtex.invoice(store, ORDER, NewPackage(number="1", items=of_skus({"A": 1})))
    control.vtex.invoice(store, ORDER, NewPackage(number="2", items=of_skus({"A": 4})))
    rows = [[(item["itemIndex"], item["quantity"]) for item in package["items"]] for package in packages(oms)]
    assert rows == [[(0, 1)], [(0, 1), (2, 3)]]


def test_one_package_may_split_a_sku(oms: httpx.Client, control: SandboxControl, store: str) -> None:
    """Two rows of one SKU share its lines, and lines can be named by position, real or not."""
    items = (PackedItem(sku="A", quantity=2), PackedItem(sku="A"), PackedItem(line=1), PackedItem(line=7))
    control.vtex.invoice(store, ORDER, NewPackage(number="N 1/2", items=items))
    (package,) = packages(oms)
    assert package["invoiceNumber"] == "N 1/2"
    assert [(item["itemIndex"], item["quantity"]) for item in package["items"]] == [(0, 2), (2, 1), (1, 1), (7, 1)]


def test_an_unknown_sku_gets_a_position_beyond_the_lines(
    oms: httpx.Client, control: SandboxControl, store: str
) -> None:
    """The OMS cannot say a SKU that the order has not."""
    control.vtex.invoice(store, ORDER, NewPackage(number="1", items=of_skus({"Z": 1})))
    assert packages(oms)[0]["items"][0]["itemIndex"] == 3


def test_partial_invoices_move_the_order_back_until_it_is_worth_it(control: SandboxControl, store: str) -> None:
    """`payment-approved` after a part, `invoiced` once the value is reached; returns change nothing."""
    invoice, package = control.vtex.invoice, NewPackage
    assert invoice(store, ORDER, package(number="1", items=of_skus({"A": 3}))) == "payment-approved"
    assert invoice(store, ORDER, package(number="R", items=of_skus({"B": 1}), type="Input")) == "payment-approved"
    assert invoice(store, ORDER, package(number="2", items=of_skus({"B": 1}), type="output")) == "invoiced"


def test_the_value_decides_and_not_the_items(oms: httpx.Client, control: SandboxControl, store: str) -> None:
    """One unit at the price of all makes the order `invoiced`, and so does force."""
    package = NewPackage(number="1", items=of_skus({"A": 1}), value=4000)
    assert control.vtex.invoice(store, ORDER, package) == "invoiced"
    assert control.vtex.force_status(store, ORDER, "handling") == "handling"
    assert control.vtex.force_status(store, ORDER, "invoiced") == "invoiced"
    assert read(oms)["status"] == "invoiced"


def test_the_same_number_replaces(oms: httpx.Client, control: SandboxControl, store: str) -> None:
    """An invoice can become smaller; it is never there twice, and what it held before is free again."""
    control.vtex.invoice(store, ORDER, NewPackage(number="1", items=of_skus({"A": 3, "B": 1})))
    status = control.vtex.invoice(store, ORDER, NewPackage(number="1", items=of_skus({"A": 1}), key="3526"))
    assert status == "payment-approved"
    (package,) = packages(oms)
    assert (package["invoiceKey"], [item["itemIndex"] for item in package["items"]]) == ("3526", [0])


@pytest.mark.parametrize(("shown", "items"), [("null", None), ("empty", [])])
def test_a_package_can_hide_its_items(
    oms: httpx.Client,
    control: SandboxControl,
    store: str,
    shown: Shown,
    items: object,
) -> None:
    """`packages[].items` is fallible: null or empty although units were invoiced."""
    control.vtex.invoice(store, ORDER, NewPackage(number="1", items=of_skus({"A": 1}), shown_in_order=shown))
    assert packages(oms)[0]["items"] == items


def test_tracking_is_filled_in_later(oms: httpx.Client, control: SandboxControl, store: str) -> None:
    """The package stays the same otherwise; an unknown number is a 404."""
    control.vtex.invoice(store, ORDER, NewPackage(number="1", items=of_skus({"A": 1})))
    before = packages(oms)[0]
    control.vtex.track(store, ORDER, Tracking(number="1"))
    assert packages(oms)[0] == before | {"courier": "Correios", "trackingNumber": "SB000000001BR"}
    with pytest.raises(SandboxError, match="has no invoice 2"):
        control.vtex.track(store, ORDER, Tracking(number="2"))


def test_a_cancel_is_kept_as_it_was_first(oms: httpx.Client, control: SandboxControl, store: str) -> None:
    """It can come twice; an invoice that races it is kept, and the order stays canceled."""
    assert control.vtex.cancel(store, ORDER, "Fraude") == "canceled"
    first = read(oms)["cancellationData"]
    assert first["Reason"] == "Fraude"
    control.vtex.cancel(store, ORDER, "Outra")
    assert control.vtex.invoice(store, ORDER, NewPackage(number="1", items=of_skus({"A": 1}))) == "canceled"
    assert (read(oms)["cancellationData"], len(packages(oms))) == (first, 1)


def test_a_change_adds_and_removes(oms: httpx.Client, control: SandboxControl, store: str) -> None:
    """Removed units leave the lines, but not an invoiced one; positions of packages follow their lines."""
    control.vtex.invoice(store, ORDER, NewPackage(number="1", items=(PackedItem(line=2),)))
    change = ItemsChange(added=(Line(sku="C"),), removed=(Removal(sku="B"), Removal(sku="A", quantity=2)))
    control.vtex.change_items(store, ORDER, change)
    order = read(oms)
    assert [(line["id"], line["quantity"]) for line in order["items"]] == [("A", 1), ("C", 1)]
    assert [item["itemIndex"] for item in packages(oms)[0]["items"]] == [0]
    (row,) = order["changesAttachment"]["changesData"]
    assert [(item["id"], item["quantity"]) for item in row["itemsRemoved"]] == [("B", 1), ("A", 2)]
    assert [(item["id"], item["quantity"]) for item in row["itemsAdded"]] == [("C", 1)]


def test_removed_units_may_stay_listed(oms: httpx.Client, control: SandboxControl, store: str) -> None:
    """The change says so, the lines do not; what was removed need no longer be paid."""
    change = ItemsChange(removed=(Removal(sku="B"),), removed_stay=True)
    control.vtex.change_items(store, ORDER, change)
    assert [line["id"] for line in read(oms)["items"]] == ["A", "B", "A"]
    assert control.vtex.invoice(store, ORDER, NewPackage(number="1", items=of_skus({"A": 3}))) == "invoiced"


def test_an_invoice_can_have_a_date_of_its_own_or_none(oms: httpx.Client, control: SandboxControl, store: str) -> None:
    """As given; an empty one is null."""
    for number, date in (("1", "2026-11-20T12:00:00"), ("2", "")):
        control.vtex.invoice(store, ORDER, NewPackage(number=number, items=of_skus({"A": 1}), issued_at=date))
    assert [package["issuanceDate"] for package in packages(oms)] == ["2026-11-20T12:00:00", None]


@pytest.mark.parametrize("items", [[{"quantity": 1}], [{"sku": "A", "line": 0}], "A"])
def test_a_package_item_names_one_line(anyone: httpx.Client, store: str, items: object) -> None:
    """Neither none nor two."""
    body = {"account": store, "order_id": ORDER, "package": {"number": "1", "items": items}}
    assert anyone.post("/_sandbox/vtex/packages", json=body).status_code == 400
