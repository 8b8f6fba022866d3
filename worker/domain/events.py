"""What a producer can tell us of an order, after it was read and found sound."""

from dataclasses import dataclass

from worker.domain.facts import Carrier
from worker.domain.invoices import Invoice, Items


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderInvoiced:
    """An invoice of an order, with the facts its producer knows.

    `occurred_at` is epoch milliseconds; `items` is the whole order (SKU to units), `None` or empty = not said.
    """

    order_id: str
    occurred_at: int
    invoice: Invoice
    items: Items | None = None
    skyhub_code: str = ""
    remote_code: str = ""
    carrier: Carrier = Carrier.UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCanceled:
    """An order was canceled at its source."""

    order_id: str
    occurred_at: int
    reason: str = ""


Event = OrderInvoiced | OrderCanceled
