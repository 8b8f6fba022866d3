"""An order as the OMS answers it, and what is read of it."""

from typing import Any

from tests.unit.adapters.answers import answer
from worker.adapters.vtex_oms import VtexSettings
from worker.adapters.vtex_oms.answers import read_order
from worker.domain.facts import OmsOrder

SETTINGS = VtexSettings("https://acme.vtexcommercestable.com.br", "app-key", "app-token", timeout=20.0)
ORDER_ID = "BWW-Submarino-1"


def order(**fields: object) -> OmsOrder:
    """Read an order with these fields."""
    read = read_order(answer({"orderId": ORDER_ID, **fields}), SETTINGS, ORDER_ID, 0)
    assert read is not None
    return read


def line(sku: object, quantity: object = 1) -> dict[str, Any]:
    """Build a line of an order or of a change."""
    return {"uniqueId": "U", "id": sku, "quantity": quantity, "name": "a vase", "sellerSku": "other"}


def share(position: object, quantity: object = 1) -> dict[str, Any]:
    """Build a line of a package."""
    return {"itemIndex": position, "quantity": quantity, "price": 0, "description": "001"}


def package(*shares: object, number: object = "1", **fields: object) -> dict[str, Any]:
    """Build a package."""
    return {"invoiceNumber": number, "items": list(shares), **fields}


def packed(*packages: object, items: list[Any] | None = None) -> OmsOrder:
    """Read an order with these packages; unless given, its lines are SKU 7, 8, 7."""
    lines = [line("7"), line("8", 2), line("7", 3)] if items is None else items
    return order(items=lines, packageAttachment={"packages": list(packages)})
