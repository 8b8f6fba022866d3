"""An order at the simulated SkyHub: how it is registered, changed and kept."""

from dataclasses import dataclass, field
from typing import Literal

from worker.sandbox.forms import form

Carrier = Literal["direct", "correios", "own", "fulfillment"]
Expectation = Literal["pickup", "none"]
Listing = Literal["open", "requested"]

CANCELED = frozenset({"CANCELED", "CANCELLED"})
GONE = CANCELED | {"SHIPPED", "DELIVERED"}
"""Status types of orders that appear in neither list."""

STATUS_CODES = {
    "NEW": "book_product",
    "APPROVED": "payment_received",
    "INVOICED": "order_invoiced",
    "SHIPPED": "order_shipped",
    "DELIVERED": "complete",
    "CANCELED": "order_canceled",
    "SHIPMENT_EXCEPTION": "shipment_exception",
    "PAYMENT_OVERDUE": "payment_overdue",
}


@form
class Item:
    """A line of an order."""

    id: str
    product_id: str
    qty: int = 1


@form
class Invoice:
    """An invoice as SkyHub shows it on the order."""

    key: str
    number: str
    line: str = "1"
    issue_date: str = ""


@form
class NewOrder:
    """An order to register; only `code` is needed."""

    code: str
    remote_code: str | None = None
    """Default: what follows the first "-" of `code`."""
    carrier: Carrier = "direct"
    complete: bool = False
    """The seller's last item is invoiced."""
    expect: Expectation | None = None
    """Default: `pickup` for Direct, else `none`."""
    collectable_after_seconds: float | None = 0.0
    """From registration until it may be listed; null: not before it is made collectable."""
    requested: bool = False
    """Someone has already requested it in the panel."""
    allowed: int = 1
    """Accepted confirmations beyond this are `second`."""
    status: str = "INVOICED"
    status_code: str | None = None
    """Accounts can rename their codes; default: the usual code of the status type."""
    items: tuple[Item, ...] = (Item(id="1", product_id="1"),)
    invoices: tuple[Invoice, ...] = ()
    customer: str = "Cliente de Teste"
    value: float = 10.0

    def __post_init__(self) -> None:
        """Refuse a code without a channel."""
        channel, _, remote = self.code.partition("-")
        if not channel or not remote:
            raise ValueError(f'code {self.code!r} is not of the form "channel-code"')


@form
class OrderChange:
    """What is to change at an order; null leaves a field as it is."""

    complete: bool | None = None
    expect: Expectation | None = None
    carrier: Carrier | None = None
    status: str | None = None
    """A canceled, shipped or delivered order leaves both lists."""
    collectable: bool | None = None
    """True: listable from now on; false: not listable."""
    requested: bool | None = None
    """True: requested in the panel; false: its label list was ungrouped, the request is gone and it is listed again."""
    allowed: int | None = None


@dataclass(frozen=True)
class Acceptance:
    """An accepted confirmation, with what was true of the order at that moment."""

    at: float
    complete: bool
    carrier: Carrier
    expect: Expectation


@dataclass
class Order:
    """A registered order; times are seconds of the monotonic clock."""

    number: int
    code: str
    remote_code: str
    carrier: Carrier
    complete: bool
    expect: Expectation
    collectable_at: float | None
    allowed: int
    status: str
    status_code: str
    items: tuple[Item, ...]
    invoices: tuple[Invoice, ...]
    customer: str
    value: float
    in_panel: bool = False
    shown_requested_at: float | None = None
    accepted: list[Acceptance] = field(default_factory=list)

    @property
    def is_requested(self) -> bool:
        """Tell whether a pickup is requested, even if the lists do not show it yet."""
        return self.shown_requested_at is not None

    def is_collectable(self, now: float) -> bool:
        """Tell whether a pickup can be requested at all."""
        ready = self.collectable_at is not None and self.collectable_at <= now
        return ready and self.carrier == "direct" and self.status not in GONE

    def listing(self, now: float) -> Listing | None:
        """Return the list that shows the order at `now`."""
        if self.status in GONE:
            return None
        if self.shown_requested_at is not None and self.shown_requested_at <= now:
            return "requested"
        return "open" if self.is_collectable(now) else None


def new_order(new: NewOrder, number: int, now: float) -> Order:
    """Return the order that a registration at `now` makes; `number` counts the account's orders."""
    wait = new.collectable_after_seconds
    return Order(
        number=number,
        code=new.code,
        remote_code=new.remote_code or new.code.partition("-")[2],
        carrier=new.carrier,
        complete=new.complete,
        expect=new.expect or ("pickup" if new.carrier == "direct" else "none"),
        collectable_at=None if wait is None else now + wait,
        allowed=new.allowed,
        status=new.status,
        status_code=new.status_code or status_code(new.status),
        items=new.items,
        invoices=new.invoices,
        customer=new.customer,
        value=new.value,
        in_panel=new.requested,
        shown_requested_at=now if new.requested else None,
    )


def status_code(status: str) -> str:
    """Return the usual status code of a status type; an unknown type gets its own name."""
    return STATUS_CODES.get(status, status.lower())
