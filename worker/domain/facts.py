"""What the outside world says of an order: its carrier, its codes, its items, its state at SkyHub."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from worker.domain.invoices import Invoice, Items


class Carrier(StrEnum):
    """Who carries the order. Only `DIRECT` is ever requested."""

    DIRECT = "direct"
    CORREIOS = "correios"
    OWN = "own"
    FULFILLMENT = "fulfillment"
    UNKNOWN = "unknown"


class Authority(StrEnum):
    """Who said what the carrier is; a later member outranks an earlier one."""

    EVENT = "event"
    SKYHUB = "skyhub"
    OPERATOR = "operator"


_HIGHEST_FIRST = tuple(reversed(Authority))


class SkyHubStatus(StrEnum):
    """`status.type` of a SkyHub order (contracts/skyhub.md, "Order object"); anything else is `UNKNOWN`."""

    NEW = "NEW"
    APPROVED = "APPROVED"
    INVOICED = "INVOICED"
    SHIPPED = "SHIPPED"
    DELIVERED = "DELIVERED"
    CANCELED = "CANCELED"
    SHIPMENT_EXCEPTION = "SHIPMENT_EXCEPTION"
    PAYMENT_OVERDUE = "PAYMENT_OVERDUE"
    UNKNOWN = "UNKNOWN"


INVOICED_OR_LATER = frozenset(
    {SkyHubStatus.INVOICED, SkyHubStatus.SHIPPED, SkyHubStatus.DELIVERED, SkyHubStatus.SHIPMENT_EXCEPTION}
)


@dataclass(frozen=True, slots=True)
class SkyHubLine:
    """One line of a SkyHub order. The seller's SKU is `sku` (the variation) or `product`; sources differ."""

    sku: str
    product: str
    quantity: int


@dataclass(frozen=True, slots=True)
class SkyHubOrder:
    """What SkyHub answers for an order; the carrier is read from `calculation_type`, `""` as remote code = not said."""

    code: str
    remote_code: str
    status: SkyHubStatus
    carrier: Carrier
    lines: tuple[SkyHubLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OmsOrder:
    """What the VTEX OMS says of an order at one moment: a snapshot (contracts/vtex-oms.md, "GET order").

    `items` is what was ordered, SKU to units pooled over lines, with what a change added; `removed` what changes took
    out, whether or not `items` still lists it. `invoices` come from its packages, undated; one whose items cannot be
    read names none. `status` is the OMS's own word; of `invoiced` it says nothing about items.
    """

    order_id: str
    status: str
    items: Items
    removed: Items = field(default_factory=dict)
    invoices: tuple[Invoice, ...] = ()
    canceled: bool = False
    canceled_at: int | None = None


@dataclass(frozen=True, slots=True)
class CarrierClaim:
    """One source's word on the carrier, with the time it was said (epoch milliseconds)."""

    carrier: Carrier
    at: int


def effective_carrier(claims: Mapping[Authority, CarrierClaim]) -> Carrier:
    """Return the carrier that the highest authority knows."""
    for authority in _HIGHEST_FIRST:
        claim = claims.get(authority)
        if claim is not None and claim.carrier is not Carrier.UNKNOWN:
            return claim.carrier
    return Carrier.UNKNOWN
