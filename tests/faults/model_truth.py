"""What is really true of an order, apart from the domain's own bookkeeping: what was told, and what the judge says."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from worker.domain.events import Event, OrderCanceled, OrderInvoiced
from worker.domain.facts import Carrier

UNITS = 2
# Each order's carrier, as SkyHub knows it, and what the events say of it at first.
CARRIERS = {
    "11": (Carrier.DIRECT, Carrier.DIRECT),
    "12": (Carrier.DIRECT, Carrier.DIRECT),
    "13": (Carrier.DIRECT, Carrier.UNKNOWN),
    "14": (Carrier.CORREIOS, Carrier.UNKNOWN),
}
CODES = tuple(CARRIERS)

Bodies = Mapping[str, tuple[int, int]]
"""Of each invoice, by number, the version that counts: its date and its units."""


@dataclass(frozen=True, slots=True)
class Truth:
    """What was told of one order so far: by events (`pushed`), by the OMS (`read`), and by an operator.

    `corrected`: when an operator named which carrier; the later word stands, also where it was saved before the other.
    `packed`: no box is asked for, or Pick and Pack said that it is packed.
    """

    code: str
    pushed: Bodies = field(default_factory=dict)
    read: Bodies = field(default_factory=dict)
    canceled_at: int | None = None
    dismissed_at: int = 0
    released: bool = False
    corrected: tuple[int, Carrier] | None = None
    packed: bool = True

    def heard(self, event: Event) -> "Truth":
        """Take an event: of each invoice the newest body stands; a cancel stands unless an operator undid it."""
        match event:
            case OrderInvoiced(invoice=body, occurred_at=at):
                told = (at, body.items["a"])
                newest = max(told, self.pushed.get(body.number, told))
                return replace(self, pushed={**self.pushed, body.number: newest})
            case OrderCanceled(occurred_at=at) if self.canceled_at is None and at > self.dismissed_at:
                return replace(self, canceled_at=at)
            case _:
                return self

    def seen(self, shown: "Truth") -> "Truth":
        """Take what the OMS shows."""
        seen = replace(self, read=shown.pushed)
        at = shown.canceled_at
        return seen if at is None or self.canceled_at is not None or at <= self.dismissed_at else seen.canceled(at)

    def canceled(self, at: int) -> "Truth":
        """Take a cancel."""
        return replace(self, canceled_at=at)

    def retried(self) -> "Truth":
        """Take an operator's word that a cancel does not hold."""
        if self.canceled_at is None:
            return self
        return replace(self, canceled_at=None, dismissed_at=self.canceled_at)

    def named(self, at: int, carrier: Carrier) -> "Truth":
        """Take an operator's word on the carrier; of two of the same moment the one against Direct stands."""
        words = [(at, carrier)] if self.corrected is None else [(at, carrier), self.corrected]
        return replace(self, corrected=max(words, key=lambda word: (word[0], word[1] is not Carrier.DIRECT, word[1])))

    def knows(self, event: Event) -> bool:
        """Whether this event would say nothing new."""
        return self.heard(event) == self

    @property
    def complete(self) -> bool:
        """Whether every unit is invoiced; what events tell of an invoice outranks what the OMS shows."""
        return sum(units for _, units in {**self.read, **self.pushed}.values()) >= UNITS

    @property
    def objection(self) -> str:
        """Which promise a request of this order would break now, "" = none."""
        carrier = self.corrected[1] if self.corrected else CARRIERS[self.code][0]
        if carrier is not Carrier.DIRECT:
            return "correios"
        if self.canceled_at is not None or not self.packed or not (self.complete or self.released):
            return "early"
        return ""
