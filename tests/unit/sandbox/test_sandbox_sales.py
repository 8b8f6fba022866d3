"""Sales: one order in every world, and one truth about it."""

import httpx
import pytest

from tests.unit.sandbox.receiver import Receiver, settle
from worker.sandbox.control import SandboxControl, SandboxError
from worker.sandbox.pick_and_pack.bodies import NewPickingOrder
from worker.sandbox.sales import NewSale
from worker.sandbox.skyhub.orders import NewOrder
from worker.sandbox.vtex.bodies import (
    ConnectorConfig,
    ItemsChange,
    Line,
    NewOmsOrder,
    NewPackage,
    PackedItem,
    Removal,
    of_skus,
)

CODE = "Lojas Americanas-1"
LINES = (Line(sku="A", quantity=2), Line(sku="B", seller_sku="b-1"), Line(sku="A"))
SALE = NewSale(code=CODE, lines=LINES)


@pytest.fixture
def sold(control: SandboxControl, account: str, store: str) -> SandboxControl:
    """Return the control client of a sandbox with one sale in all three worlds."""
    control.register_sales([SALE], skyhub=account, vtex=store, pick_and_pack=store)
    return control


def confirm(skyhub: httpx.Client) -> None:
    """Have the sale's pickup accepted."""
    assert skyhub.post("/shipments/b2w/confirm_collection", json={"order_codes": ["1"]}).status_code == 201


def test_a_sale_is_known_everywhere(
    skyhub: httpx.Client, oms: httpx.Client, picking: httpx.Client, sold: SandboxControl
) -> None:
    """With the same units under each world's spelling of its code."""
    del sold
    assert (SALE.order_id, SALE.marketplace_order_id) == ("BWW-Lojas_Americanas-1", "Lojas_Americanas-1")
    at_skyhub = skyhub.get(f"/orders/{CODE}").json()
    assert [(item["id"], item["product_id"], item["qty"]) for item in at_skyhub["items"]] == [
        ("A", "A", 2),
        ("B", "b-1", 1),
        ("A", "A", 1),
    ]
    assert oms.get(f"/api/oms/pvt/orders/{SALE.order_id}").json()["marketplaceOrderId"] == SALE.marketplace_order_id
    token = picking.post("/auth/token", json={"apiKey": "api-key"}).json()["data"]
    status = picking.get(f"/picking-tracking/{SALE.order_id}", headers={"Authorization": token}).json()["data"]
    assert [(item["id"], item["quantity"]) for item in status["pickedItems"]] == [("A", 2), ("B", 1), ("A", 1)]


def test_a_sale_completes_with_its_last_unit(skyhub: httpx.Client, sold: SandboxControl, store: str) -> None:
    """Units are pooled over lines: three packages, and only after the third is a pickup owed."""
    for number, items in enumerate(((PackedItem(line=2),), of_skus({"B": 1}))):
        sold.vtex.invoice(store, SALE.order_id, NewPackage(number=str(number), items=items))
        assert sold.report().lost == ()
    sold.vtex.invoice(store, SALE.order_id, NewPackage(number="2", items=of_skus({"A": 2})))
    assert sold.report().lost == (CODE,)
    confirm(skyhub)
    assert sold.report().violations == {}


def test_a_pickup_before_the_last_unit_is_early(skyhub: httpx.Client, sold: SandboxControl, store: str) -> None:
    """Though the OMS calls the order invoiced."""
    sold.vtex.invoice(store, SALE.order_id, NewPackage(number="1", items=of_skus({"A": 3}), value=4000))
    confirm(skyhub)
    assert sold.report().early == (CODE,)


def test_what_does_not_count_completes_nothing(sold: SandboxControl, store: str) -> None:
    """Returns, unknown SKUs, the same number again, too much of another SKU."""
    invoice = sold.vtex.invoice
    invoice(store, SALE.order_id, NewPackage(number="1", items=of_skus({"A": 5, "Z": 9})))
    invoice(store, SALE.order_id, NewPackage(number="R", items=of_skus({"B": 1}), type="INPUT"))
    assert sold.report().lost == ()
    invoice(store, SALE.order_id, NewPackage(number="2", items=of_skus({"B": 1}), type=None))
    assert sold.report().lost == (CODE,)
    invoice(store, SALE.order_id, NewPackage(number="1", items=of_skus({"A": 1})))
    assert sold.report().lost == ()


def test_an_invoice_counts_once_its_items_can_be_read(sold: SandboxControl, store: str, receiver: Receiver) -> None:
    """In the order, or in a push that is sent; not while the connector's door is off."""
    everything = NewPackage(number="1", items=of_skus({"A": 3, "B": 1}), shown_in_order="null")
    sold.vtex.invoice(store, SALE.order_id, everything)
    assert sold.report().lost == ()
    sold.vtex.configure_connector(store, ConnectorConfig(endpoint=receiver.url))
    sold.door("connector", lost=True)
    sold.vtex.push_again(store, SALE.order_id, "1")
    assert sold.report().lost == ()
    sold.door("connector", lost=False)
    sold.vtex.push_again(store, SALE.order_id, "1")
    settle(sold)
    assert sold.report().lost == (CODE,)


def test_a_removal_lowers_nothing_and_an_addition_raises(sold: SandboxControl, store: str) -> None:
    """As an operator decides about removals, the sandbox waits for all that was ever ordered."""
    sold.vtex.change_items(store, SALE.order_id, ItemsChange(removed=(Removal(sku="B"),), added=(Line(sku="C"),)))
    sold.vtex.invoice(store, SALE.order_id, NewPackage(number="1", items=of_skus({"A": 3, "C": 1})))
    assert sold.report().lost == ()
    sold.vtex.invoice(store, SALE.order_id, NewPackage(number="2", items=of_skus({"B": 1})))
    assert sold.report().lost == (CODE,)


def test_a_cancel_cancels_the_sale_at_skyhub(skyhub: httpx.Client, sold: SandboxControl, store: str) -> None:
    """No pickup is owed any more, and it leaves the lists; an invoice that races the cancel changes nothing."""
    sold.vtex.cancel(store, SALE.order_id)
    sold.vtex.invoice(store, SALE.order_id, NewPackage(number="1", items=of_skus({"A": 3, "B": 1})))
    assert sold.report().lost == ()
    assert skyhub.get(f"/orders/{CODE}").json()["status"]["type"] == "CANCELED"
    assert skyhub.get("/shipments/b2w/collectables?requested=false").json() == {"orders": []}


def test_a_sale_need_not_be_picked(picking: httpx.Client, control: SandboxControl, account: str, store: str) -> None:
    """Without an account of Pick and Pack it is no order of Pick and Pack; a carrier is as at SkyHub."""
    control.register_sales([NewSale(code=CODE, lines=LINES, carrier="correios")], skyhub=account, vtex=store)
    token = picking.post("/auth/token", json={"apiKey": "api-key"}).json()["data"]
    answer = picking.get(f"/picking-tracking/{SALE.order_id}", headers={"Authorization": token})
    assert answer.status_code == 404
    control.vtex.invoice(store, SALE.order_id, NewPackage(number="1", items=of_skus({"A": 3, "B": 1})))
    assert control.report().lost == ()


@pytest.mark.parametrize("known_at", ["skyhub", "vtex", "pick_and_pack"])
def test_sales_are_registered_everywhere_or_nowhere(
    control: SandboxControl, account: str, store: str, known_at: str
) -> None:
    """An order that one world knows refuses the lot in all."""
    if known_at == "skyhub":
        control.register_orders(account, [NewOrder(code=CODE)])
    elif known_at == "vtex":
        control.vtex.register_orders(store, [NewOmsOrder(marketplace_order_id="Lojas_Americanas-1", lines=LINES)])
    else:
        control.pick_and_pack.register_orders(store, [NewPickingOrder(order_id=SALE.order_id)])
    other = NewSale(code="Submarino-2", lines=LINES)
    with pytest.raises(SandboxError, match="409"):
        control.register_sales([other, SALE], skyhub=account, vtex=store, pick_and_pack=store)
    control.register_sales([other], skyhub=account, vtex=store, pick_and_pack=store)


@pytest.mark.parametrize("account_of", ["skyhub", "vtex", "pick_and_pack"])
def test_a_sale_needs_its_accounts(control: SandboxControl, account: str, store: str, account_of: str) -> None:
    """An unknown one is a 404."""
    accounts = {"skyhub": account, "vtex": store, "pick_and_pack": store} | {account_of: "nobody"}
    with pytest.raises(SandboxError, match="404"):
        control.register_sales([SALE], **accounts)


def test_a_sale_may_come_with_an_invoice_of_which_nobody_was_told(
    skyhub: httpx.Client, oms: httpx.Client, control: SandboxControl, account: str, store: str
) -> None:
    """The OMS shows every unit invoiced under its number, and a request is not early."""
    control.register_sales([NewSale(code=CODE, lines=LINES, invoice="4021-1")], skyhub=account, vtex=store)

    order = oms.get(f"/api/oms/pvt/orders/{SALE.order_id}").json()
    assert order["status"] == "invoiced"
    (package,) = order["packageAttachment"]["packages"]
    assert (package["invoiceNumber"], sum(item["quantity"] for item in package["items"])) == ("4021-1", 4)
    confirm(skyhub)
    assert control.report().violations == {}
