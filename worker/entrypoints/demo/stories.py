"""What a story of the demo is: one order, what happens to it step by step, and what must become of it."""

from collections.abc import Callable
from dataclasses import dataclass

from worker.domain.order import Order, Status
from worker.entrypoints.demo.deeds import Deed
from worker.sandbox.faults import Fault
from worker.sandbox.orders import Carrier, Expectation, Item, NewOrder

Moment = Callable[[Order | None], bool]

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


@dataclass(frozen=True)
class Step:
    """A deed, so long after its moment; `completes`: from here on the seller wants the order to be picked up."""

    deed: Deed
    moment: Moment = at_once
    seconds_later: float = 0.0
    completes: bool = False


@dataclass(frozen=True, kw_only=True)
class Story:
    """One order; `code` is SkyHub's, and `fault` is what goes wrong there with calls about it.

    It ends with `status`, for a reason that has these words, after so many confirmations that SkyHub accepted; the
    events of `history` must stand in the order's history one after the other, whatever stands between them.
    """

    title: str
    code: str
    steps: tuple[Step, ...]
    store: str = "acme"
    carrier: Carrier = "direct"
    expect: Expectation | None = None
    collectable_after_seconds: float | None = 0.0
    in_panel: bool = False
    fault: Fault | None = None
    status: Status = Status.REQUESTED
    reason: str = ""
    confirmations: int = 1
    history: tuple[str, ...] = ()

    @property
    def vtex_id(self) -> str:
        """The id that the events name."""
        return f"BWW-{self.order_id}"

    @property
    def order_id(self) -> str:
        """The id in the ledger, of a store without an affiliate."""
        return self.code.replace(" ", "_")

    @property
    def registration(self) -> NewOrder:
        """The order as the simulated SkyHub gets to know it."""
        return NewOrder(
            code=self.code,
            carrier=self.carrier,
            expect=self.expect,
            collectable_after_seconds=self.collectable_after_seconds,
            requested=self.in_panel,
            items=(Item(id="345117", product_id="345117"),),
        )
