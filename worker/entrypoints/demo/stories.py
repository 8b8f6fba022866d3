"""What a story of the demo is: one order, what happens to it step by step, and what must become of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from worker.domain.order import Attention, Order, Status
from worker.entrypoints.demo.deeds import Deed, invoiced
from worker.entrypoints.demo.stores import simulated
from worker.entrypoints.up.sandbox_stores import NativeDoor
from worker.sandbox.faults import Fault
from worker.sandbox.sales import NewSale
from worker.sandbox.skyhub.orders import Carrier, Expectation
from worker.sandbox.vtex.bodies import Line

Moment = Callable[[Order | None], bool]

# What is ordered and invoiced in most stories: units by SKU.
ONE = {"345117": 1}
PAIR = {"345117": 2}
TWO = {"345117": 1, "88": 1}
THREE = {"345117": 1, "88": 1, "90210": 1}

SEVERAL_SWEEPS = 2.5
"""Seconds: time enough for a request that would be too early."""


def at_once(_order: Order | None) -> bool:
    """Wait for nothing."""
    return True


def invoices(number: int) -> Moment:
    """Wait until the ledger knows so many invoices of the order."""
    return lambda order: order is not None and len(order.invoices) >= number


def status(wanted: Status) -> Moment:
    """Wait until the order has this status."""
    return lambda order: order is not None and order.status is wanted


def held(order: Order | None) -> bool:
    """Wait until the order is held until it is packed."""
    return order is not None and order.hold is not None


@dataclass(frozen=True)
class Step:
    """A deed, so long after its moment; `completes`: from here on the seller wants the order to be picked up.

    Where VTEX has the order, it is complete by its invoices there, and no step needs to say so.
    """

    deed: Deed
    moment: Moment = at_once
    seconds_later: float = 0.0
    completes: bool = False


def one_invoice(number: str, *, carrier: str | None = "direct", door: NativeDoor = "native in the inbox") -> Step:
    """Tell of the only invoice of an order of one item."""
    return Step(invoiced(number, ONE, of=ONE, carrier=carrier, door=door), completes=True)


@dataclass(frozen=True, kw_only=True)
class Story:
    """One order; `code` is SkyHub's, and `fault` is what goes wrong there with calls about it.

    `items` (SKU to units) are what was ordered, where SkyHub or VTEX must tell it; `packing` is its first status in
    Pick and Pack, where its store has that.

    It ends with `status`, for a reason that has these words, after so many confirmations that SkyHub accepted, and
    shown to an operator for what `attention` names; the events of `history` must stand in the order's history one
    after the other, whatever stands between them.
    """

    title: str
    code: str
    steps: tuple[Step, ...]
    store: str = "acme"
    carrier: Carrier = "direct"
    expect: Expectation | None = None
    collectable_after_seconds: float | None = 0.0
    in_panel: bool = False
    items: Mapping[str, int] = field(default_factory=lambda: {"345117": 1})
    packing: str = "READY_FOR_HANDLING"
    fault: Fault | None = None
    status: Status = Status.REQUESTED
    reason: str = ""
    confirmations: int = 1
    attention: frozenset[Attention] = frozenset()
    history: tuple[str, ...] = ()

    def ends_with(self, order: Order | None) -> bool:
        """Whether the order is where the story ends."""
        return order is not None and order.status is self.status and order.attention >= self.attention

    @property
    def vtex_id(self) -> str:
        """The id that the events name."""
        return self.sale.order_id

    @property
    def order_id(self) -> str:
        """The id in the ledger: with the affiliate where the store has one."""
        return self.sale.order_id if simulated(self.store).vtex else self.sale.marketplace_order_id

    @property
    def sale(self) -> NewSale:
        """The order as SkyHub, VTEX and Pick and Pack get to know it."""
        return NewSale(
            code=self.code,
            lines=tuple(Line(sku=sku, quantity=units) for sku, units in self.items.items()),
            carrier=self.carrier,
            expect=self.expect,
            collectable_after_seconds=self.collectable_after_seconds,
            fulfillment_status=self.packing,
        )
