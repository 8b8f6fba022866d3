"""The connector: what the simulated OMS pushes to it, where, and in which form."""

import re

import httpx
import pytest
from starlette.responses import JSONResponse, Response

from tests.unit.sandbox.receiver import RECEIPT, Receiver, settle
from worker.sandbox.control import SandboxControl
from worker.sandbox.vtex.bodies import (
    ConnectorConfig,
    HookConfig,
    Line,
    NewOmsOrder,
    NewPackage,
    PackedItem,
    Shown,
    Tracking,
    of_skus,
)

ORDER = "BWW-S-1"


@pytest.fixture(autouse=True)
def _order(control: SandboxControl, store: str) -> None:
    lines = (Line(sku="A", quantity=2), Line(sku="B"))
    control.vtex.register_orders(store, [NewOmsOrder(marketplace_order_id="S-1", lines=lines)])


def with_connector(control: SandboxControl, store: str, receiver: Receiver, path: str = "/vtex/acme") -> None:
    """Configure a connector whose token travels in the URL."""
    connector = ConnectorConfig(endpoint=receiver.url + path, query={"token": "s&x"}, headers={"X-Own": "yes"})
    control.vtex.configure_connector(store, connector)


def test_an_invoice_is_pushed_by_sku(control: SandboxControl, store: str, receiver: Receiver) -> None:
    """Not by position; a SKU on two rows comes twice, and the secret of the URL stays whole."""
    with_connector(control, store, receiver)
    items = (PackedItem(sku="A"), PackedItem(line=0), PackedItem(sku="B"))
    control.vtex.invoice(store, ORDER, NewPackage(number="4021 1/2", items=items, key="3526"))
    settle(control)
    (call,) = receiver.calls
    assert (call.path, call.query) == ("/vtex/acme/pub/orders/S-1/invoice", "token=s%26x")
    assert call.headers["x-own"] == "yes"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", call.body.pop("issuanceDate"))
    assert call.body == {
        "type": "Output",
        "invoiceNumber": "4021 1/2",
        "courier": "",
        "trackingNumber": "",
        "trackingUrl": "",
        "items": [
            {"id": "A", "quantity": 1, "price": 1000},
            {"id": "A", "quantity": 1, "price": 1000},
            {"id": "B", "quantity": 1, "price": 1000},
        ],
        "invoiceValue": 3000,
        "invoiceKey": "3526",
        "invoiceUrl": None,
        "embeddedInvoice": "",
    }


def test_tracking_pushes_the_same_invoice_again(control: SandboxControl, store: str, receiver: Receiver) -> None:
    """By Correios even if Direct carries it; only the three tracking fields differ. It can also come unchanged."""
    with_connector(control, store, receiver)
    control.vtex.invoice(store, ORDER, NewPackage(number="1", items=of_skus({"A": 1})))
    settle(control)
    control.vtex.push_again(store, ORDER, "1")
    settle(control)
    control.vtex.track(store, ORDER, Tracking(number="1"))
    settle(control)
    first, same, tracked = (call.body for call in receiver.calls)
    assert same == first
    assert {name for name, value in tracked.items() if first[name] != value} == {
        "courier",
        "trackingNumber",
        "trackingUrl",
    }
    assert tracked["courier"] == "Correios"


@pytest.mark.parametrize(("shown", "items"), [("null", None), ("empty", [])])
def test_a_push_can_hide_its_items(
    oms: httpx.Client, control: SandboxControl, store: str, receiver: Receiver, shown: Shown, items: object
) -> None:
    """Although the order's document shows them."""
    with_connector(control, store, receiver)
    package = NewPackage(number="1", items=of_skus({"A": 1}), shown_in_push=shown, issued_at="")
    control.vtex.invoice(store, ORDER, package)
    settle(control)
    assert (receiver.calls[0].body["items"], receiver.calls[0].body["issuanceDate"]) == (items, None)
    assert oms.get(f"/api/oms/pvt/orders/{ORDER}").json()["packageAttachment"]["packages"][0]["items"]


def test_a_cancel_is_pushed(control: SandboxControl, store: str, receiver: Receiver) -> None:
    """Under `pvt`, and as often as it is announced."""
    with_connector(control, store, receiver)
    control.vtex.cancel(store, ORDER, "Fraude")
    control.vtex.cancel(store, ORDER, "Fraude")
    settle(control)
    assert [(call.path, call.body) for call in receiver.calls] == [
        ("/vtex/acme/pvt/orders/S-1/cancel", {"reason": "Fraude"})
    ] * 2


def test_odd_codes_and_endpoints_are_encoded(control: SandboxControl, store: str, receiver: Receiver) -> None:
    """A code's own slash and blank are percent-encoded; the endpoint's query stays behind the path."""
    with_connector(control, store, receiver, "/vtex/acme/?an=acme")
    lines = (Line(sku="A"),)
    control.vtex.register_orders(store, [NewOmsOrder(marketplace_order_id="Lojas A/ção?1", lines=lines)])
    control.vtex.invoice(store, "BWW-Lojas A/ção?1", NewPackage(number="1", items=of_skus({"A": 1})))
    settle(control)
    (call,) = receiver.calls
    assert call.path == "/vtex/acme/pub/orders/Lojas%20A%2F%C3%A7%C3%A3o%3F1/invoice"
    assert call.query == "an=acme&token=s%26x"


@pytest.mark.parametrize(
    "answer", [JSONResponse({"ok": True}), JSONResponse(RECEIPT, 201), Response("ok"), JSONResponse([])]
)
def test_a_push_needs_its_receipt(control: SandboxControl, store: str, receiver: Receiver, answer: Response) -> None:
    """200 with date, orderId and receipt; anything else is pushed again."""
    with_connector(control, store, receiver)
    receiver.planned.append(answer)
    control.vtex.invoice(store, ORDER, NewPackage(number="1", items=of_skus({"A": 1})))
    settle(control)
    report = control.report()
    assert report.deliveries["connector"] == {"sent": 2, "retried": 1, "accepted": 1}
    assert set(report.door_answers["connector"]) == {"200", "201" if answer.status_code == 201 else "misread"}


def test_a_silent_invoice_is_told_to_nobody(control: SandboxControl, store: str, receiver: Receiver) -> None:
    """Neither to the hook nor to the connector."""
    control.vtex.configure_hook(store, HookConfig(url=f"{receiver.url}/hook"))
    receiver.calls.clear()
    with_connector(control, store, receiver)
    control.vtex.invoice(store, ORDER, NewPackage(number="1", items=of_skus({"A": 1}), silent=True))
    assert (control.report().deliveries, receiver.calls) == ({}, [])
