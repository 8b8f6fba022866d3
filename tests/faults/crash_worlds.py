"""Worlds for crash points: each a store of its own on one Redis, with orders of every kind at stake."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.fixtures.sales import Sale, sales
from worker.sandbox.deployment import SimulatedStore, Teller
from worker.sandbox.sales import NewSale
from worker.sandbox.vtex.bodies import Line, NewPackage, of_skus

DIRECT, CORREIOS, INCOMPLETE = 3, 1, 1
ORDERS = DIRECT + CORREIOS + INCOMPLETE


@dataclass(frozen=True, slots=True)
class World:
    """A store with three Direct orders, all invoiced, one that Correios carries, and a Direct one that waits.

    SkyHub lists all of Direct's, also the one whose last item is not invoiced. `oms`: its OMS knows the orders, too;
    `feed`: and tells of them. `says_carrier`: the events name the carrier. `listed`: only SkyHub's list of collectable
    orders tells of them, where those of Correios never are.
    """

    store: str
    oms: bool = False
    feed: bool = False
    says_carrier: bool = True
    listed: bool = False
    sold: list[Sale] = field(init=False)
    incomplete: Sale = field(init=False)

    def __post_init__(self) -> None:
        """Take numbers for its orders."""
        direct = sales(self.store, DIRECT + INCOMPLETE, says_carrier=self.says_carrier)
        others = sales(self.store, CORREIOS, carrier="correios", says_carrier=self.says_carrier)
        object.__setattr__(self, "sold", [*direct[:DIRECT], *others])
        object.__setattr__(self, "incomplete", direct[DIRECT])

    @property
    def all(self) -> list[Sale]:
        """Every order."""
        return [*self.sold, self.incomplete]

    @property
    def settled(self) -> tuple[int, int, int, int]:
        """How many orders are requested, skipped and waiting in the end, and how many events wait in the inbox."""
        return DIRECT, 0 if self.listed else CORREIOS, INCOMPLETE, 0

    @property
    def simulated(self) -> SimulatedStore:
        """The store."""
        tells = frozenset[Teller]({"feed"} if self.feed else ())
        return SimulatedStore(name=self.store, doors=True, vtex=self.oms, tells=tells)

    def events(self) -> list[dict[str, Any]]:
        """Return every event that was sent: all but the last one of the incomplete order."""
        return [event for sale in self.sold for event in sale.events] + [self.incomplete.event(0)]

    @property
    def last(self) -> dict[str, Any]:
        """The event that completes the first order."""
        return self.sold[0].events[-1]

    def everywhere(self) -> list[NewSale]:
        """Return the orders as SkyHub and the OMS hold them."""
        return [
            NewSale(code=sale.code, lines=tuple(Line(sku=sku) for sku in sale.skus), carrier=sale.carrier)
            for sale in self.all
        ]

    def packages(self) -> Iterable[tuple[str, NewPackage]]:
        """Return the invoices at the OMS, with their orders' ids."""
        for sale, new in zip(self.all, self.everywhere(), strict=True):
            skus = sale.skus[:1] if sale is self.incomplete else sale.skus
            yield new.order_id, NewPackage(number=f"{sale.number}/1", items=of_skus(dict.fromkeys(skus, 1)))
