"""Log lines of orders that a decision moved: one a status and reason, however many they are."""

from collections import defaultdict
from collections.abc import Iterable

import structlog

from worker.domain.order import Order, Status
from worker.telemetry import Log, Names

log = structlog.get_logger()


def tell_moved(orders: Iterable[Order]) -> None:
    """Say where orders stand that were just saved, and why; those that are due still were put off."""
    together: defaultdict[tuple[Status, str], Names] = defaultdict(Names)
    for order in orders:
        together[order.status, order.reason].add(order.order_id)
    for (status, reason), names in together.items():
        write = log.warning if status is Status.FAILED else log.info
        write(Log.ORDERS_MOVED, status=status, reason=reason, **names.fields())
