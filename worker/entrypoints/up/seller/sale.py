"""A sale: an order that all of the simulated world knows, and what happens to it one after the other."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from worker.entrypoints.up.sandbox_stores import Door
from worker.sandbox.sales import NewSale

Kind = Literal[
    "one item",
    "items invoiced apart",
    "parts out of order, repeated",
    "carrier not told",
    "label late",
    "Correios",
    "own logistics",
    "canceled",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoiced:
    """An invoice is issued, or told once more; `complete`: all that was ordered is invoiced by now."""

    number: str
    issued_at: str
    units: Mapping[str, int]
    complete: bool
    event: Mapping[str, Any]
    """As a native event says it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Canceled:
    """The order is off."""

    event: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Packed:
    """Pick and Pack has packed the order's box."""


Deed = Invoiced | Canceled | Packed


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What happens so many seconds after the sale."""

    after_seconds: float
    deed: Deed


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """An order of a store, and the door through which its invoices are told."""

    kind: Kind
    door: Door
    store: str
    registration: NewSale
    """Its collectable seconds count from the sale."""
    steps: tuple[Step, ...]

    @property
    def code(self) -> str:
        """SkyHub's code."""
        return self.registration.code

    @property
    def order_id(self) -> str:
        """The id in the OMS and in the ledger."""
        return self.registration.order_id
