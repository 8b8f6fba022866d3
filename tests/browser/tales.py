"""What happened to orders before anybody looks: told by the domain itself, so that every sentence is one of its own."""

from dataclasses import replace
from typing import Self

from worker.domain.confirmation import Accepted, Refused, Unclear
from worker.domain.events import OrderCanceled, OrderInvoiced
from worker.domain.facts import Carrier
from worker.domain.invoices import Invoice, Items
from worker.domain.order import At, Order, Status
from worker.domain.policy import Policy
from worker.domain.progress import claim, discard, failed_alone, not_collectable_yet, record, settle

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
_POLICY = Policy()
_CALL = 2_400  # what a confirmation takes, in milliseconds


class Tale:
    """One order on its way; each step is told with how many milliseconds ago it happened.

    `now` is epoch milliseconds; `items` is what was ordered, SKU to units.
    """

    def __init__(self, order_id: str, now: int, items: Items, carrier: Carrier = Carrier.DIRECT) -> None:
        self.order_id = order_id
        self._now = now
        self._items = items
        self._carrier = carrier
        self._order: Order | None = None

    @property
    def order(self) -> Order:
        """The order as it stands at the end."""
        assert self._order is not None
        return self._order

    def invoiced(self, ago: int, number: str, items: Items, key: str | None = None) -> Self:
        """Hear of an invoice, issued two minutes before."""
        at = self._now - ago
        event = OrderInvoiced(
            order_id=self.order_id,
            occurred_at=at,
            invoice=Invoice(number=number, key=key, items=items, issued_at=at - 2 * MINUTE, dated_at=at),
            items=self._items,
            carrier=self._carrier,
        )
        return self._now_is(record(self._order, event, _POLICY, at), at)

    def canceled(self, ago: int, reason: str) -> Self:
        """Hear that it was canceled at its source."""
        at = self._now - ago
        event = OrderCanceled(order_id=self.order_id, occurred_at=at, reason=reason)
        return self._now_is(record(self._order, event, _POLICY, at), at)

    def not_yet(self, ago: int, next_in: int) -> Self:
        """Look for it in SkyHub's list in vain; the next look is so many milliseconds from now."""
        at = self._now - ago
        return self._now_is(not_collectable_yet(self.order, _POLICY, at, listed=False), self._now + next_in)

    def requesting(self, ago: int) -> Self:
        """Be on the way to SkyHub; the claim's lease is not over."""
        at = self._now - ago
        return self._now_is(claim(self.order, self.order.codes[0], "token", 1, _POLICY, at), self._now + HOUR)

    def requested(self, ago: int) -> Self:
        """Be requested."""
        at = self._now - ago
        asked = self.requesting(ago + _CALL).order
        return self._now_is(settle(asked, "token", Accepted(), _POLICY, at, 0.0), at)

    def refused(self, ago: int, message: str) -> Self:
        """Be refused by SkyHub, alone."""
        at = self._now - ago
        asked = self.requesting(ago + _CALL).order
        held = settle(asked, "token", Refused(message), _POLICY, at, 0.0)
        return self._now_is(failed_alone(held, at), at)

    def in_doubt(self, ago: int, reason: str, next_in: int) -> Self:
        """Be requested with an outcome that nobody knows; the next look is so many milliseconds from now."""
        at = self._now - ago
        asked = self.requesting(ago + _CALL).order
        return self._now_is(settle(asked, "token", Unclear(reason), _POLICY, at, 0.0), self._now + next_in)

    def discarded(self, ago: int, reason: str) -> Self:
        """Be given up by an operator."""
        at = self._now - ago
        return self._now_is(discard(self.order, reason, at), at)

    def _now_is(self, order: Order, at: int) -> Self:
        """Keep how it stands; `at` is what its index is sorted by."""
        moved = self._order is None or order.status is not self._order.status
        self._order = replace(order, at=At(at)) if moved or order.status is Status.DUE else order
        return self
