"""The simulated OMS: what an order looks like, and what may be registered."""

import json

import httpx
import pytest

from tests.unit.sandbox.manual_time import ManualTime
from tests.unit.sandbox.oms_calls import LINES, NEW, ORDER, packages, read
from worker.sandbox.control import SandboxControl, SandboxError
from worker.sandbox.vtex.bodies import NewOmsOrder, NewPackage, of_skus
from worker.sandbox.vtex.customers import CUSTOMER_WORDS


@pytest.fixture(autouse=True)
def _order(control: SandboxControl, store: str) -> None:
    control.vtex.register_orders(store, [NEW])


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


def test_orders_are_registered_all_or_none(control: SandboxControl, store: str) -> None:
    """A known or repeated id refuses the lot; an unknown account or order is a 404."""
    new = NewOmsOrder(marketplace_order_id="S-2", lines=LINES)
    for lot in ([new, NEW], [new, new]):
        with pytest.raises(SandboxError, match="409"):
            control.vtex.register_orders(store, lot)
    with pytest.raises(SandboxError, match="no order BWW-S-2"):
        control.vtex.cancel(store, "BWW-S-2")
    with pytest.raises(SandboxError, match="no VTEX account nobody"):
        control.vtex.register_orders("nobody", [new])


def test_a_line_has_a_unit(anyone: httpx.Client, store: str) -> None:
    """An order of nothing is refused."""
    order = {"marketplace_order_id": "S-2", "lines": [{"sku": "A", "quantity": 0}]}
    answer = anyone.post("/_sandbox/vtex/orders", json={"account": store, "orders": [order]})
    assert (answer.status_code, "at least one unit" in answer.text) == (400, True)
