"""What the control API takes about OMS orders. Money is in cents, as in VTEX's documents."""

from dataclasses import dataclass, field
from typing import Literal

Shown = Literal["items", "null", "empty"]
HookForm = Literal["guide", "openapi"]

AFFILIATE = "BWW"
"""The affiliate under which B2W's marketplaces sell, unless an order says another."""


@dataclass(frozen=True, kw_only=True)
class VtexKeys:
    """A VTEX account and what its calls must carry."""

    account: str
    app_key: str
    app_token: str


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of an order; the same SKU may stand on several."""

    sku: str
    quantity: int = 1
    price: int = 1000
    """Of one unit."""
    seller_sku: str | None = None
    """Default: the SKU."""
    unique_id: str | None = None
    """Default: made from the order and the line's number."""

    def __post_init__(self) -> None:
        """Refuse a line of nothing."""
        if self.quantity < 1:
            raise ValueError("a line has at least one unit")


@dataclass(frozen=True, kw_only=True)
class NewOmsOrder:
    """An order to register; its id is `{affiliate_id}-{marketplace_order_id}`."""

    marketplace_order_id: str
    lines: tuple[Line, ...]
    affiliate_id: str = AFFILIATE
    status: str = "ready-for-handling"
    dock: str | None = "1"
    """In `vtex:fob_<dock>`; null: the order lacks it, as some Direct orders do [KI 714879]."""
    custom_apps: dict[str, dict[str, str]] = field(default_factory=dict)
    """Fields of `customData.customApps` by app id."""
    null_fields: tuple[str, ...] = ()
    """Fields of this order that are null, besides those of the settings."""


@dataclass(frozen=True, kw_only=True)
class PackedItem:
    """Units in a package: of a SKU, spread over its lines in their order, or of the line at a position."""

    quantity: int = 1
    sku: str | None = None
    line: int | None = None
    """Position from 0; one that no line has is shown as it is."""

    def __post_init__(self) -> None:
        """Refuse what names no line or two."""
        if (self.sku is None) == (self.line is None):
            raise ValueError("name either a sku or a line")


def of_skus(units: dict[str, int]) -> tuple[PackedItem, ...]:
    """Return the items of a package by SKU."""
    return tuple(PackedItem(sku=sku, quantity=quantity) for sku, quantity in units.items())


def of_lines(units: dict[int, int]) -> tuple[PackedItem, ...]:
    """Return the items of a package by the position of the line, from 0."""
    return tuple(PackedItem(line=line, quantity=quantity) for line, quantity in units.items())


@dataclass(frozen=True, kw_only=True)
class NewPackage:
    """An invoice to register at an order; a number that the order has already is replaced."""

    number: str
    items: tuple[PackedItem, ...]
    """What it holds in truth; the same SKU may come more than once."""
    type: str | None = "Output"
    """`Output` or `Input` (a return), in any spelling."""
    key: str | None = None
    value: int | None = None
    """Default: what its units cost."""
    issued_at: str | None = None
    """Default: now; "": null in every body."""
    courier: str = ""
    tracking_number: str = ""
    shown_in_order: Shown = "items"
    """What the order's document shows as the items of the package [KI 1008459, 1330069]."""
    shown_in_push: Shown = "items"
    silent: bool = False
    """Nobody is told: no feed, no hook, no push."""


@dataclass(frozen=True, kw_only=True)
class Tracking:
    """The tracking of an invoice, pushed with the invoice's whole body once more [OLD]."""

    number: str
    tracking_number: str = "SB000000001BR"
    courier: str = "Correios"
    """The connector says Correios even of orders that Direct carries."""


@dataclass(frozen=True, kw_only=True)
class Removal:
    """Units of a SKU that leave an order."""

    sku: str
    quantity: int = 1


@dataclass(frozen=True, kw_only=True)
class ItemsChange:
    """A change of an order's items; shown in `changesAttachment.changesData`."""

    added: tuple[Line, ...] = ()
    removed: tuple[Removal, ...] = ()
    removed_stay: bool = False
    """The removed units are still listed in `items` [KI 784171]."""
    reason: str = "Sem estoque"


@dataclass(frozen=True, kw_only=True)
class HookConfig:
    """Where an account's changes are sent, in which form: five fields (`guide`) or seven (`openapi`)."""

    url: str
    headers: dict[str, str] = field(default_factory=dict)
    form: HookForm = "openapi"


@dataclass(frozen=True, kw_only=True)
class ConnectorConfig:
    """Where an account's invoices and cancels are pushed; a query in `endpoint` stays, `query` is added to it."""

    endpoint: str
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
