"""One order: what is known of it, how far its invoicing is, and what an operator should see.

Times are epoch milliseconds of the Redis server's clock, except dates that a source stated.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from worker.domain.copying import revised
from worker.domain.facts import Authority, Carrier, CarrierClaim, effective_carrier
from worker.domain.invoices import Invoice, Items, counted

HISTORY_LENGTH = 50
DETAIL_LENGTH = 1_000
# What the OMS calls an order whose invoices reach its value: it proves nothing about the last item.
OMS_INVOICED = "invoiced"


class Status(StrEnum):
    """Where an order stands; the law of the changes is at the top of `progress`."""

    WAITING = "waiting"
    DUE = "due"
    REQUESTING = "requesting"
    REQUESTED = "requested"
    SKIPPED = "skipped"
    CANCELED = "canceled"
    FAILED = "failed"


ENDED = frozenset({Status.REQUESTED, Status.SKIPPED, Status.CANCELED})


class Attention(StrEnum):
    """What an operator should look at; never changes the status."""

    UNKNOWN_SKU = "unknown_sku"
    OVER_INVOICED = "over_invoiced"
    ITEMS_REMOVED = "items_removed"
    CARRIER_CONFLICT = "carrier_conflict"
    CANCELED_AFTER_REQUEST = "canceled_after_request"
    LISTED_AFTER_REQUEST = "listed_after_request"
    OMS_INVOICED_ITEMS_MISSING = "oms_invoiced_items_missing"
    COLLECTABLE_BUT_UNKNOWN = "collectable_but_unknown"
    WAITING_LONG = "waiting_long"
    PACKED_HOLD = "packed_hold"


@dataclass(frozen=True, slots=True)
class At:
    """A moment that is already fixed."""

    ms: int


@dataclass(frozen=True, slots=True)
class In:
    """A moment so many milliseconds after the save, fixed by the server's clock when it is saved."""

    ms: int


When = At | In


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of an order's history."""

    at: int
    event: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ItemList:
    """A list of what was ordered (SKU to units), with the date its source gave it."""

    dated_at: int
    items: Items


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to request this order now, in a call for `batch_size` orders."""

    token: str
    batch_size: int


@dataclass(frozen=True, slots=True)
class NotYet:
    """An order that SkyHub does not list as collectable.

    `since` is the first such look, `paused_before` the store's total pause until then, both in milliseconds; `rounds`
    counts the looks in a row that missed it, `absent_since` when that row began.
    """

    since: int
    paused_before: int
    tries: int = 0
    rounds: int = 0
    absent_since: int | None = None


@dataclass(frozen=True, slots=True)
class Fulfilment:
    """The order's status in Pick and Pack, in its own words, and when it said so; "" = it does not know the order."""

    status: str
    at: int


@dataclass(frozen=True, slots=True)
class Hold:
    """A due order that waits for its box to be packed: since when, and how often it was held.

    `choked` counts how often in a row Pick and Pack, asked for this very order, could not tell.
    """

    since: int
    tries: int = 0
    choked: int = 0


@dataclass(frozen=True, kw_only=True)
class Order:
    """The document of one order. Without slots, so that `revised` can copy it in one step."""

    order_id: str
    skyhub_code: str
    remote_code: str = ""
    guessed_codes: tuple[str, ...] = ()
    code_frozen: bool = False
    status: Status = Status.WAITING
    reason: str = ""
    at: When = In(0)
    created_at: int
    requested_at: int | None = None
    canceled_at: int | None = None
    cancel_reason: str = ""
    dismissed_at: int | None = None  # An operator undid the cancel of this date; its repeats say nothing new.
    released: bool = False
    uncertain: bool = False
    vouched_at: int = 0  # when SkyHub's lists, read whole, last showed it as not requested
    ordered: Items = field(default_factory=dict)
    newest_list: ItemList | None = None
    invoices: tuple[Invoice, ...] = ()
    carriers: Mapping[Authority, CarrierClaim] = field(default_factory=dict)
    learn_at: When | None = None  # when SkyHub is asked for what is not known
    learn_tries: int = 0
    reread_at: When | None = None  # when the OMS is read again
    reread_tries: int = 0
    news_at: int | None = None  # the last announcement that no reading of the OMS has covered yet
    vtex_id: str = ""  # the id the OMS knows it by, where the ledger's id is another
    oms_status: str | None = None  # the OMS's word at its last reading; "" = it does not know the order
    fulfilment: Fulfilment | None = None
    packed: bool = False  # Pick and Pack said so when it was asked
    hold: Hold | None = None
    claim: Claim | None = None
    round: int = 1
    round_at: int = 0  # When an operator opened this round; the first was opened by nobody.
    attempts: int = 0
    failures: int = 0
    batch_limit: int | None = None
    refusal: str = ""
    not_yet: NotYet | None = None
    flags: frozenset[Attention] = frozenset()
    last_error: str = ""
    history: tuple[Entry, ...] = ()

    @property
    def carrier(self) -> Carrier:
        """The carrier as the highest authority knows it."""
        return effective_carrier(self.carriers)

    @property
    def invoiced(self) -> dict[str, int]:
        """Units invoiced by SKU, never more than were ordered."""
        units = counted(self.invoices)
        return {sku: min(ordered, units.get(sku, 0)) for sku, ordered in self.ordered.items()}

    @property
    def complete(self) -> bool:
        """Whether every ordered unit is invoiced, and at least one is; an order without known items never is."""
        if not any(self.ordered.values()):
            return False
        units = counted(self.invoices)
        return all(units.get(sku, 0) >= ordered for sku, ordered in self.ordered.items())

    @property
    def codes(self) -> tuple[str, ...]:
        """The remote codes under which SkyHub's lists may name this order, the surest first."""
        return (self.remote_code,) if self.remote_code else self.guessed_codes

    @property
    def attention(self) -> frozenset[Attention]:
        """What an operator should look at: what the facts show, and what was flagged from outside."""
        return self.flags | _shown_by_facts(self)

    def noted(self, now: int, event: str, detail: str = "") -> "Order":
        """Return the order with one more line of history, the detail cut; the oldest lines fall out."""
        history = (*self.history, Entry(now, event, shortened(detail, DETAIL_LENGTH)))[-HISTORY_LENGTH:]
        return revised(self, history=history)


def shortened(text: str, most: int) -> str:
    """Cut a text to what a person reads and a document can afford."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _shown_by_facts(order: Order) -> frozenset[Attention]:
    shown = set()
    if order.ordered:
        units = counted(order.invoices)
        if any(sku not in order.ordered for sku in units):
            shown.add(Attention.UNKNOWN_SKU)
        if any(units.get(sku, 0) > ordered for sku, ordered in order.ordered.items()):
            shown.add(Attention.OVER_INVOICED)
        newest = order.newest_list.items if order.newest_list else order.ordered
        if any(newest.get(sku, 0) < ordered for sku, ordered in order.ordered.items()):
            shown.add(Attention.ITEMS_REMOVED)
    settled = Authority.OPERATOR in order.carriers  # Whoever corrects a carrier has looked at what the others say.
    if not settled and len({claim.carrier for claim in order.carriers.values()}) > 1:
        shown.add(Attention.CARRIER_CONFLICT)
    if order.status is Status.REQUESTED and order.canceled_at is not None:
        shown.add(Attention.CANCELED_AFTER_REQUEST)
    if order.status is Status.WAITING and order.oms_status == OMS_INVOICED and order.ordered and not order.complete:
        shown.add(Attention.OMS_INVOICED_ITEMS_MISSING)
    return frozenset(shown)
