"""The bodies that the API's description shows: each is one that its door takes."""

from typing import Any

ORDER_ID = "Lojas_Americanas-285264647201"

_INVOICED: dict[str, Any] = {
    "order_id": f"BWW-{ORDER_ID}",
    "occurred_at": "2026-11-20T12:00:00Z",
    "invoice": {"number": "4021-1", "items": [{"sku": "345117", "quantity": 1}]},
    "order": {"items": [{"sku": "345117", "quantity": 1}], "carrier": "direct"},
}
_CANCELED: dict[str, Any] = {
    "order_id": f"BWW-{ORDER_ID}",
    "occurred_at": "2026-11-20T12:00:00Z",
    "reason": "customer gave up",
}
_PUSHED: dict[str, Any] = {
    "type": "Output",
    "invoiceNumber": "NFe-00001",
    "courier": "",
    "trackingNumber": "",
    "trackingUrl": "",
    "items": [{"id": "345117", "quantity": 1, "price": 9003}],
    "issuanceDate": "2026-11-20T11:59:00",
    "invoiceValue": 9003,
}
_HOOKED: dict[str, Any] = {
    "Domain": "Marketplace",
    "OrderId": f"BWW-{ORDER_ID}",
    "State": "invoiced",
    "LastChange": "2026-11-20T12:00:00.0617185Z",
    "Origin": {"Account": "acme", "Key": "vtexappkey-acme"},
}

INVOICES: dict[str, Any] = {
    "one": _INVOICED,
    "list": [_INVOICED, {**_CANCELED, "event": "OrderCanceled"}],
}
CANCELS: dict[str, Any] = {"one": _CANCELED, "list": [_CANCELED]}
INVOICE_PUSHES: dict[str, Any] = {
    "invoice": _PUSHED,
    "again with tracking": {**_PUSHED, "courier": "Direct", "trackingNumber": "SR000987654321"},
}
CANCEL_PUSHES: dict[str, Any] = {"with a reason": {"reason": "Unexpected stock shortage"}, "without": {}}
HOOKS: dict[str, Any] = {
    "short form": _HOOKED,
    "long form": {
        **_HOOKED,
        "Domain": "Fulfillment",
        "LastState": "invoice",
        "CurrentChange": "2026-11-20T12:01:00.0965893Z",
    },
    "without a state": {**_HOOKED, "State": None},
    "ping": {"hookConfig": "ping"},
}
WEBHOOKS: dict[str, Any] = {
    "packed": {
        "orderId": f"BWW-{ORDER_ID}",
        "oldStatus": "PACKING",
        "newStatus": "READY_FOR_INVOICING",
        "hostname": "acme",
    },
}
