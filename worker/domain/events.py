"""What a producer can tell us of an order, after it was read and found sound."""

from dataclasses import dataclass
from enum import StrEnum

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
    """An order was canceled at its source; without `dated` nobody said when, and `occurred_at` is when it was heard."""

    order_id: str
    occurred_at: int
    reason: str = ""
    dated: bool = True


class Dropped(StrEnum):
    """Why an event changed no order; each is counted."""

    REJECTED = "rejected"  # a person can tell what it should have been, and hand it in again
    FOREIGN = "foreign"
    UNHEARD = "unheard"  # it is worth no document, and there is none
    REPEATED = "repeated"


class Announcer(StrEnum):
    """Who can say that something happened to an order without saying what was invoiced."""

    HOOK = "orders hook"
    FEED = "orders feed"
    PICK_AND_PACK = "Pick and Pack"
    PUSH = "connector push"  # one that could not be read, or that says again what an operator undid
    CALLER = "learn_order"  # somebody called the task of this name


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderAnnounced:
    """Something happened to an order: whoever wants to know what, reads it again.

    `order_id` has VTEX's form, which `vtex_id` keeps when the ledger knows the order by another. `state` is the
    announcer's own word, "" where it gave none; `occurred_at` is epoch milliseconds.
    """

    order_id: str
    occurred_at: int
    by: Announcer
    state: str = ""
    vtex_id: str = ""


Event = OrderInvoiced | OrderCanceled | OrderAnnounced


@dataclass(frozen=True, slots=True)
class Addressed:
    """An event and the store it belongs to."""

    store: str
    event: Event
