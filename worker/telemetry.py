"""The names of the service's log events: `noun.past_verb`, with store, task and trace ids bound around them.

A line about one order has its `order_id`, one about several their `order_ids`, and `due_ids` for those that are due.
"""

from collections.abc import Iterable
from enum import StrEnum

# A line names so many orders at most: ten kilobytes.
_MOST_NAMED = 100


class Log(StrEnum):
    """Every log event of the use cases, tasks and doors."""

    EVENTS_TAKEN = "events.taken"
    EVENTS_RECORDED = "events.recorded"
    INBOX_DRAINED = "inbox.drained"
    EVENT_REJECTED = "event.rejected"
    EVENT_BROKE_RECORDING = "event.broke_recording"
    ORDERS_LEARNED = "orders.learned"
    ORDERS_REREAD = "orders.reread"
    ORDER_UNKNOWN = "order.unknown"
    FEED_POLLED = "feed.polled"
    STORE_RECONCILED = "store.reconciled"
    PACKING_UNTOLD = "packing.untold"
    ROUND_FINISHED = "round.finished"
    ROUND_HALTED = "round.halted"
    PICKUPS_CLAIMED = "pickups.claimed"
    PICKUPS_PUT_BACK = "pickups.put_back"
    PICKUPS_CONFIRMED = "pickups.confirmed"
    PICKUPS_REFUSED = "pickups.refused"
    PICKUPS_UNCLEAR = "pickups.unclear"
    ORDERS_MOVED = "orders.moved"
    CLAIMS_EXPIRED = "claims.expired"
    SERVER_CHANGED = "server.changed"
    CLOCK_SET_BACK = "clock.set_back"
    CLOCK_SET_FORWARD = "clock.set_forward"
    STORES_CHANGED = "stores.changed"
    STORES_REFUSED = "stores.refused"
    STORE_UNKNOWN = "store.unknown"
    WISH_GRANTED = "wish.granted"
    WISH_DENIED = "wish.denied"
    STORE_PAUSED = "store.paused"
    STORE_RESUMED = "store.resumed"
    STORE_TROUBLED = "store.troubled"
    STORE_REFUSED = "store.refused"
    DOOR_REFUSED = "door.refused"
    DOOR_NOT_SAVED = "door.not_saved"
    DOOR_BROKE = "door.broke"
    PAGE_BROKE = "page.broke"
    HINTS_FAILED = "hints.failed"
    HINT_NOT_SENT = "hint.not_sent"
    HINT_GIVEN_UP = "hint.given_up"
    MESSAGE_PUT_ASIDE = "message.put_aside"
    BROKER_UNREAD = "broker.unread"
    TRACE_NOT_KEPT = "trace.not_kept"
    COUNTS_NOT_SAVED = "counts.not_saved"
    METRICS_NOT_READ = "metrics.not_read"
    VISITOR_ENTERED = "visitor.entered"
    VISITOR_REFUSED = "visitor.refused"
    VISITOR_LEFT = "visitor.left"


class Names:
    """Orders for a log line: the first hundred that differ, and how many more were added."""

    def __init__(self, order_ids: Iterable[str] = ()) -> None:
        self._ids: dict[str, None] = {}
        self._unnamed = 0
        for order_id in order_ids:
            self.add(order_id)

    def add(self, order_id: str) -> None:
        """Name an order, once, if there is room."""
        if len(self._ids) < _MOST_NAMED:
            self._ids[order_id] = None
        elif order_id not in self._ids:
            self._unnamed += 1

    def fields(self, name: str = "order_ids") -> dict[str, object]:
        """Return the fields of the line, none where no order was added."""
        named = {name: list(self._ids)} if self._ids else {}
        return {**named, **({"unnamed": self._unnamed} if self._unnamed else {})}
