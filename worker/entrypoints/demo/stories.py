"""The demo's orders: what happens to each, what is told of it and when, and what must become of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from worker.domain.order import Order, Status
from worker.sandbox.faults import Fault
from worker.sandbox.orders import Carrier, Expectation, Item, NewOrder

# Two stores, each with an account of its own: trouble in one does not hold the other up.
ACME, BRAVA = STORES = "acme", "brava"

Door = Literal["inbox", "celery"]
Moment = Callable[[Order | None], bool]


def at_once(_order: Order | None) -> bool:
    """Wait for nothing."""
    return True


def invoices(number: int) -> Moment:
    """Wait until the ledger knows so many invoices of the order."""
    return lambda order: order is not None and len(order.invoices) >= number


def status(wanted: Status) -> Moment:
    """Wait until the order has this status."""
    return lambda order: order is not None and order.status is wanted


@dataclass(frozen=True, kw_only=True)
class Step:
    """An event told through a door, so long after its moment; `completes`: it is about the order's last item."""

    event: Mapping[str, Any]
    moment: Moment = at_once
    seconds_later: float = 0.0
    completes: bool = False
    door: Door = "inbox"


@dataclass(frozen=True, kw_only=True)
class Story:
    """One order; `code` is SkyHub's. It ends with `status`, after so many confirmations that SkyHub accepted."""

    title: str
    code: str
    steps: tuple[Step, ...]
    store: str = ACME
    carrier: Carrier = "direct"
    expect: Expectation | None = None
    collectable_after_seconds: float = 0.0
    in_panel: bool = False
    fault: Fault | None = None
    status: Status = Status.REQUESTED
    confirmations: int = 1

    @property
    def order_id(self) -> str:
        """The id in the ledger, of a store without an affiliate."""
        return self.code.replace(" ", "_")

    @property
    def registration(self) -> NewOrder:
        """The order as the simulated SkyHub gets to know it."""
        return NewOrder(
            code=self.code,
            carrier=self.carrier,
            expect=self.expect,
            collectable_after_seconds=self.collectable_after_seconds,
            requested=self.in_panel,
            items=(Item(id="345117", product_id="345117"),),
        )


def invoiced(
    code: str,
    number: str,
    items: Mapping[str, int],
    *,
    of: Mapping[str, int],
    carrier: str | None = "direct",
    minute: int = 0,
) -> dict[str, Any]:
    """Return an `OrderInvoiced` as a connector of VTEX would: units of SKUs, `of` those ordered."""
    occurred_at = f"2026-11-20T12:{minute:02}:00Z"
    return {
        "order_id": _vtex_id(code),
        "occurred_at": occurred_at,
        "invoice": {"number": number, "issued_at": occurred_at, "items": _lines(items)},
        "order": {"items": _lines(of), "carrier": carrier},
    }


def canceled(code: str, *, minute: int) -> dict[str, Any]:
    """Return an `OrderCanceled`."""
    occurred_at = f"2026-11-20T12:{minute:02}:00Z"
    reason = "canceled by the customer"
    return {"event": "OrderCanceled", "order_id": _vtex_id(code), "occurred_at": occurred_at, "reason": reason}


def _vtex_id(code: str) -> str:
    return "BWW-" + code.replace(" ", "_")


def _lines(units: Mapping[str, int]) -> list[dict[str, Any]]:
    return [{"sku": sku, "quantity": quantity} for sku, quantity in units.items()]
