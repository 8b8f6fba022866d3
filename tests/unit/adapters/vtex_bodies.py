"""What VTEX sends to a connector's doors, for the tests of what reads it."""

from typing import Any

RECEIVED = 1_795_176_000_000  # 2026-11-20T12:00:00Z


ORDER_ID = "Lojas_Americanas-912000000011"


PUSH: dict[str, Any] = {
    "type": "Output",
    "invoiceNumber": "NF 5001/1",
    "invoiceKey": "K",
    "courier": "Correios",
    "trackingNumber": "",
    "items": [{"id": "7001", "quantity": 1, "price": 4500}],
    "issuanceDate": "2026-11-20T08:00:00-03:00",
    "invoiceValue": 4500,
}


HOOK: dict[str, Any] = {
    "Domain": "Fulfillment",
    "OrderId": "BWW-Submarino-1",
    "State": "invoiced",
    "LastState": "handling",
    "LastChange": "2026-11-20T11:00:00.1234567Z",
    "CurrentChange": "2026-11-20T11:30:00.7654321Z",
    "Origin": {"Account": "acme", "Key": "k"},
}
