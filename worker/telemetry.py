"""The names of the service's log events: `noun.past_verb`, with store, order id and task id bound around them."""

from enum import StrEnum


class Log(StrEnum):
    """Every log event of the use cases and tasks."""

    INBOX_DRAINED = "inbox.drained"
    EVENT_REJECTED = "event.rejected"
    EVENT_BROKE_RECORDING = "event.broke_recording"
    ORDERS_LEARNED = "orders.learned"
    ROUND_FINISHED = "round.finished"
    ROUND_HALTED = "round.halted"
    PICKUPS_CONFIRMED = "pickups.confirmed"
    PICKUPS_REFUSED = "pickups.refused"
    PICKUPS_UNCLEAR = "pickups.unclear"
    CLAIMS_EXPIRED = "claims.expired"
    SERVER_CHANGED = "server.changed"
    STORES_CHANGED = "stores.changed"
    STORES_REFUSED = "stores.refused"
    STORE_UNKNOWN = "store.unknown"
    WISH_GRANTED = "wish.granted"
    WISH_DENIED = "wish.denied"
    STORE_PAUSED = "store.paused"
    STORE_RESUMED = "store.resumed"
    STORE_TROUBLED = "store.troubled"
