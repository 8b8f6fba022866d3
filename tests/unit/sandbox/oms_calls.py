"""How the tests read the order of the simulated OMS."""

from typing import Any

import httpx

from worker.sandbox.vtex.bodies import Line, NewOmsOrder

ORDER = "BWW-Lojas_Americanas-1"
LINES = (Line(sku="A", quantity=2), Line(sku="B", seller_sku="b-1", unique_id="line-b"), Line(sku="A"))
NEW = NewOmsOrder(marketplace_order_id="Lojas_Americanas-1", lines=LINES)


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
