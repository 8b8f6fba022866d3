"""What is really true of the orders that a player plays with, apart from the domain's own bookkeeping."""

from dataclasses import dataclass, field

from worker.domain.events import Event, OrderInvoiced
from worker.domain.facts import Carrier

UNITS = 3
# Each order's carrier, and what events say of it.
CARRIERS = {
    "10": (Carrier.CORREIOS, Carrier.UNKNOWN),
    "11": (Carrier.CORREIOS, Carrier.CORREIOS),
    "12": (Carrier.DIRECT, Carrier.UNKNOWN),
    **{str(number): (Carrier.DIRECT, Carrier.DIRECT) for number in range(13, 28)},
}
CODES = tuple(CARRIERS)


@dataclass
class Truth:
    """What was recorded of one order, and whether a server forgot a claim of it.

    `missed` counts the units of an invoice that only the OMS knows; `packed` says whether its box is, if it matters.
    """

    carrier: Carrier
    invoices: dict[str, tuple[int, int]] = field(default_factory=dict)
    missed: int = 0
    packed: bool = True
    canceled: bool = False
    forgotten: bool = False

    def hear(self, told: Event) -> None:
        """Take an event: the newest body of each number stands, a cancel for good."""
        if not isinstance(told, OrderInvoiced):
            self.canceled = True
            return
        body = (told.occurred_at, told.invoice.items["a"])
        self.invoices[told.invoice.number] = max(body, self.invoices.get(told.invoice.number, body))

    @property
    def may_be_requested(self) -> bool:
        """Never early, never Correios, never a canceled order, never one that is to be packed yet."""
        invoiced = sum(units for _, units in self.invoices.values()) + self.missed
        return invoiced >= UNITS and self.carrier is Carrier.DIRECT and not self.canceled and self.packed
