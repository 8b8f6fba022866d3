"""Waves of orders in two stores: one whose OMS knows its orders, and one without an OMS."""

from dataclasses import dataclass, field
from random import Random

from tests.fixtures.deployment import account
from tests.fixtures.sales import Sale, sales
from worker.sandbox.control import SandboxControl
from worker.sandbox.sales import NewSale
from worker.sandbox.skyhub.orders import Carrier, OrderChange
from worker.sandbox.vtex.bodies import Line, NewPackage, of_skus

WITH_OMS, WITHOUT_OMS = STORES = ("acme", "plain")


@dataclass(slots=True)
class Wave:
    """Orders that one fault meets: those that get all of their invoices, and those that never get the last one."""

    sold: list[Sale] = field(default_factory=list)
    incomplete: list[Sale] = field(default_factory=list)

    def add(self, more: "Wave") -> None:
        """Let it have more orders; for any thread."""
        self.sold += more.sold
        self.incomplete += more.incomplete

    @property
    def all(self) -> list[Sale]:
        """Every order."""
        return [*self.sold, *self.incomplete]

    @property
    def direct(self) -> list[Sale]:
        """Those whose pickup is to be requested."""
        return [sale for sale in self.sold if sale.carrier == "direct"]


def ledger_id(sale: Sale) -> str:
    """Return the id of an order in its store's ledger."""
    return f"BWW-{sale.order_id}" if sale.store == WITH_OMS else sale.order_id


def sell(sandbox: SandboxControl, store: str, number: int, draw: Random) -> Wave:
    """Sell orders in a store; some ship by Correios, some are Direct and never complete."""
    kinds = draw.choices(("direct", "correios", "incomplete"), (14, 3, 3), k=number)
    return Wave(
        _registered(sandbox, store, kinds.count("direct"), "direct", listed=False)
        + _registered(sandbox, store, kinds.count("correios"), "correios", listed=False),
        _registered(sandbox, store, kinds.count("incomplete"), "direct", listed=True),
    )


def bill(sandbox: SandboxControl, sale: Sale, index: int) -> None:
    """Invoice the unit of `index` where the seller invoices; with the last one the order becomes collectable."""
    if sale.store == WITH_OMS:
        package = NewPackage(number=f"{sale.number}-{index}", items=of_skus({sale.skus[index]: 1}), silent=True)
        sandbox.vtex.invoice(sale.store, ledger_id(sale), package)
    if index == len(sale.skus) - 1:
        sandbox.change([sale.code], OrderChange(complete=True, collectable=True))


def _registered(sandbox: SandboxControl, store: str, number: int, carrier: Carrier, *, listed: bool) -> list[Sale]:
    """Return new orders; `listed` ones are collectable at once, which tempts to request them early."""
    new, after = sales(store, number, carrier=carrier), 0.0 if listed else None
    if store == WITHOUT_OMS:
        sandbox.register_orders(account(store), [sale.at_skyhub(after) for sale in new])
        return new
    known = [
        NewSale(
            code=sale.code,
            lines=tuple(Line(sku=sku) for sku in sale.skus),
            carrier=carrier,
            collectable_after_seconds=after,
        )
        for sale in new
    ]
    sandbox.register_sales(known, skyhub=account(store), vtex=store)
    return new
