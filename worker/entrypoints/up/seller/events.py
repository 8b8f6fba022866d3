"""The native events of a sale, as a seller's ERP writes them. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

Units = Mapping[str, int]


def invoices(
    store: str, order_id: str, sold_at: datetime, parts: Sequence[Units], carrier: str | None
) -> list[dict[str, Any]]:
    """Return an event an invoice, dated a second apart; `carrier` None: they do not say who carries the order."""
    order: dict[str, Any] = {"items": lines(summed(parts))}
    if carrier is not None:
        order["carrier"] = carrier
    number = order_id.rpartition("-")[2]
    events = []
    for index, units in enumerate(parts):
        at = _iso(sold_at + timedelta(seconds=index))
        invoice = {"number": f"{number}-{index + 1}", "issued_at": at, "items": lines(units)}
        events.append({"store": store, "order_id": order_id, "occurred_at": at, "invoice": invoice, "order": order})
    return events


def canceled(store: str, order_id: str, at: datetime) -> dict[str, Any]:
    """Return the event that the order is off."""
    named = {"event": "OrderCanceled", "store": store, "order_id": order_id}
    return {**named, "occurred_at": _iso(at), "reason": "canceled by the customer"}


def summed(parts: Iterable[Units]) -> dict[str, int]:
    """Return the units of all parts, by SKU."""
    units: dict[str, int] = {}
    for part in parts:
        for sku, quantity in part.items():
            units[sku] = units.get(sku, 0) + quantity
    return units


def lines(units: Units) -> list[dict[str, Any]]:
    """Return units by SKU as an event writes them."""
    return [{"sku": sku, "quantity": quantity} for sku, quantity in units.items()]


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
