"""What happens to a store's orders hour by hour, as its pages draw it.

Received: an outgoing invoice that its order did not have, by whatever way it came; a repeat, a correction and a return
are none. Requested: an order that became `requested`, accepted by SkyHub or found there, in each round anew: over all
hours as many as `coleta_orders_entered_total` counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from worker.domain.order import Order, Status

HOUR = 3_600_000
HOURS_KEPT = 192
"""Eight days: a week back from any moment, cut at the midnights of any zone."""


@dataclass(frozen=True, slots=True)
class Hour:
    """What happened in one hour: invoices received, pickups requested."""

    invoices: int = 0
    requested: int = 0


def invoices_received(before: Order | None, after: Order) -> int:
    """Return how many invoices an order has now that it, or a new order, had not."""
    known = {name for invoice in (before.invoices if before else ()) if invoice.output for name in invoice.names}
    return sum(invoice.output and known.isdisjoint(invoice.names) for invoice in after.invoices)


def pickups_requested(order: Order) -> int:
    """Return how many pickups are requested as the order enters the status that it has."""
    return int(order.status is Status.REQUESTED)


def last_hours(hours: Mapping[int, Hour], now: int, count: int) -> list[tuple[int, Hour]]:
    """Return the last `count` hours, the running one included, each with the epoch milliseconds at which it began.

    `hours` are those in which anything happened, by the hours since 1970; `now` is epoch milliseconds.
    """
    running = now // HOUR
    return [(hour * HOUR, hours.get(hour, Hour())) for hour in range(running - count + 1, running + 1)]
