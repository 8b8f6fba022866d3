"""The simulated OMS: what an order looks like, and how invoices, cancels and changes alter it."""

import json
from typing import Any

import httpx
import pytest

from tests.unit.sandbox.manual_time import ManualTime
from worker.sandbox.control import SandboxControl, SandboxError
from worker.sandbox.vtex.bodies import (
    ItemsChange,
    Line,
    NewOmsOrder,
    NewPackage,
    PackedItem,
    Removal,
    Shown,
    Tracking,
    of_skus,
)
from worker.sandbox.vtex.customers import CUSTOMER_WORDS

ORDER = "BWW-Lojas_Americanas-1"
LINES = (Line(sku="A", quantity=2), Line(sku="B", seller_sku="b-1", unique_id="line-b"), Line(sku="A"))


@pytest.fixture(autouse=True)
def _order(control: SandboxControl, store: str) -> None:
    control.vtex.register_orders(store, [NewOmsOrder(marketplace_order_id="Lojas_Americanas-1", lines=LINES)])


def read(oms: httpx.Client, order_id: str = ORDER) -> dict[str, Any]:
    """Read an order."""
    answer = oms.get(f"/api/oms/pvt/orders/{order_id}")
    assert answer.status_code == 200
    document: dict[str, Any] = answer.json()
    return document


def packages(oms: httpx.Client) -> list[dict[str, Any]]:
    """Read the order's packages."""
    rows: list[dict[str, Any]] = read(oms)["packageAttachment"]["packages"]
    return rows


def test_an_order_names_its_lines_by_position(oms: httpx.Client) -> None:
    """A SKU may stand on two lines; each line has its own id, and its row of logistics by position."""
    order = read(oms)
    assert (order["orderId"], order["affiliateId"]) == (ORDER, "BWW")
    assert (order["marketplaceOrderId"], order["status"]) == ("Lojas_Americanas-1", "ready-for-handling")
    assert [(line["id"], line["quantity"], line["sellerSku"]) for line in order["items"]] == [
        ("A", 2, "A"),
        ("B", 1, "b-1"),
        ("A", 1, "A"),
    ]
    assert len({line["uniqueId"] for line in order["items"]}) == 3
    assert order["items"][1]["uniqueId"] == "line-b"
    rows = order["shippingData"]["logisticsInfo"]
    assert [(row["itemIndex"], row["deliveryCompany"]) for row in rows] == [(n, "vtex:fob_1") for n in range(3)]
    assert (order["packageAttachment"], order["changesAttachment"], order["cancellationData"]) == (None, None, None)


def test_every_order_shows_its_customer(oms: httpx.Client) -> None:
    """A leak of any of the customer's words can be found, because each is in every order."""
    text = json.dumps(read(oms))
    assert [word for word in CUSTOMER_WORDS if word not in text] == []


def test_some_orders_lack_the_dock(oms: httpx.Client, control: SandboxControl, store: str) -> None:
    """Without a dock the logistics say nothing of who carries it; apps are shown where there are any."""
    new = NewOmsOrder(
        marketplace_order_id="S-2", lines=LINES, affiliate_id="XYZ", dock=None, custom_apps={"app": {"code": "7"}}
    )
    control.vtex.register_orders(store, [new])
    order = read(oms, "XYZ-S-2")
    assert [row["deliveryCompany"] for row in order["shippingData"]["logisticsInfo"]] == [None] * 3
    assert order["customData"]["customApps"] == [{"id": "app", "major": 1, "fields": {"code": "7"}}]


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


def test_any_field_can_be_null_or_absent(oms: httpx.Client, control: SandboxControl, store: str) -> None:
    """By the settings in all orders; what makes it an order stays."""
    control.vtex.invoice(store, ORDER, NewPackage(number="1", items=of_skus({"A": 1})))
    nulls = ("shippingData", "clientProfileData", "lastChange", "items.uniqueId", "packageAttachment.packages.type")
    control.settings(null_fields=nulls)
    order = read(oms)
    assert (order["shippingData"], order["clientProfileData"], order["lastChange"]) == (None, None, None)
    assert [line["uniqueId"] for line in order["items"]] == [None] * 3
    assert order["packageAttachment"]["packages"][0]["type"] is None
    assert (order["items"][0]["id"], packages(oms)[0]["items"][0]["itemIndex"]) == ("A", 0)
    control.settings(null_fields=(), absent_fields=("packageAttachment.packages.type", "nothing.here"))
    assert "type" not in packages(oms)[0]


def test_one_order_can_have_its_own_nulls(oms: httpx.Client, control: SandboxControl, store: str) -> None:
    """The others keep their fields."""
    new = NewOmsOrder(marketplace_order_id="S-2", lines=LINES, null_fields=("affiliateId",))
    control.vtex.register_orders(store, [new])
    assert (read(oms, "BWW-S-2")["affiliateId"], read(oms)["affiliateId"]) == (None, "BWW")


def test_dates_have_seven_digits_and_never_repeat(
    oms: httpx.Client, control: SandboxControl, store: str, time: ManualTime
) -> None:
    """Two changes in one moment are told apart by a tick; time that passes shows."""
    stamps = []
    for number, seconds in enumerate((0, 0, 60)):
        time.advance(seconds)
        control.vtex.invoice(store, ORDER, NewPackage(number=str(number), items=of_skus({"A": 1})))
        stamps.append(read(oms)["lastChange"])
    assert all(len(stamp) == len("2026-11-20T12:00:00.0000000+00:00") for stamp in stamps)
    assert len(set(stamps)) == 3
    assert sorted(stamps) == stamps


def test_an_invoice_can_have_a_date_of_its_own_or_none(oms: httpx.Client, control: SandboxControl, store: str) -> None:
    """As given; an empty one is null."""
    for number, date in (("1", "2026-11-20T12:00:00"), ("2", "")):
        control.vtex.invoice(store, ORDER, NewPackage(number=number, items=of_skus({"A": 1}), issued_at=date))
    assert [package["issuanceDate"] for package in packages(oms)] == ["2026-11-20T12:00:00", None]


def test_orders_are_registered_all_or_none(control: SandboxControl, store: str) -> None:
    """A known or repeated id refuses the lot; an unknown account or order is a 404."""
    new = NewOmsOrder(marketplace_order_id="S-2", lines=LINES)
    known = NewOmsOrder(marketplace_order_id="Lojas_Americanas-1", lines=LINES)
    for lot in ([new, known], [new, new]):
        with pytest.raises(SandboxError, match="409"):
            control.vtex.register_orders(store, lot)
    with pytest.raises(SandboxError, match="no order BWW-S-2"):
        control.vtex.cancel(store, "BWW-S-2")
    with pytest.raises(SandboxError, match="no VTEX account nobody"):
        control.vtex.register_orders("nobody", [new])


@pytest.mark.parametrize("items", [[{"quantity": 1}], [{"sku": "A", "line": 0}], "A"])
def test_a_package_item_names_one_line(base_url: str, store: str, items: object) -> None:
    """Neither none nor two."""
    body = {"account": store, "order_id": ORDER, "package": {"number": "1", "items": items}}
    assert httpx.post(f"{base_url}/_sandbox/vtex/packages", json=body).status_code == 400


def test_a_line_has_a_unit(base_url: str, store: str) -> None:
    """An order of nothing is refused."""
    order = {"marketplace_order_id": "S-2", "lines": [{"sku": "A", "quantity": 0}]}
    answer = httpx.post(f"{base_url}/_sandbox/vtex/orders", json={"account": store, "orders": [order]})
    assert (answer.status_code, "at least one unit" in answer.text) == (400, True)
