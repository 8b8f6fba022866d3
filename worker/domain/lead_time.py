"""How long a pickup took: the time that the service is there for."""

from worker.domain.order import Order, Status
from worker.domain.progress import ACCEPTED

# The lines of history that an invoice leaves when it is heard (`knowledge.with_invoice`).
_INVOICED = frozenset({"invoice.recorded", "invoice.replaced"})


def lead_time(order: Order) -> int | None:
    """Return the milliseconds from when the last invoice was heard until SkyHub accepted our request for the pickup.

    None where that says nothing of the service: the order is not requested, or was found among SkyHub's requested
    orders; an operator released it, or asked to request it again; its history, of 50 lines, shows no invoice any more.
    """
    if order.status is not Status.REQUESTED or order.reason != ACCEPTED or order.requested_at is None:
        return None
    if order.released or order.round > 1:
        return None
    heard = [entry.at for entry in order.history if entry.event in _INVOICED and entry.at <= order.requested_at]
    return order.requested_at - heard[-1] if heard else None
