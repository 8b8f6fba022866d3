"""Why an order is skipped, as its reason says it: what is not for its carrier, no correction of that changes."""

from worker.domain.order import Order

NOT_CONTRACTED = "not_contracted: the store has not contracted B2W Coleta (coleta = false)"
SAME_PICKUP = "same_pickup"
"""What the reason begins with where another order holds the pickup."""


def is_for_its_carrier(order: Order) -> bool:
    """Whether a skipped order is so for its carrier, and would be evaluated to something else by another one."""
    return order.reason != NOT_CONTRACTED and not order.reason.startswith(SAME_PICKUP)
