"""Messages that cannot be used, put aside in the broker itself until a sweep brings them into `rejected`.

The worker that finds one has the broker at hand, and perhaps not the state; and a list beside the queues holds no more
than the queues did. Who dies between the two lists leaves the message in both: then it is rejected twice.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from redis import Redis

from worker.bootstrap import Service
from worker.ports import Unreadable

ASIDE = "coleta.aside"
_MEND = "send the task coleta.order_invoiced with the event as its only argument, to queue inbox"
_TURN = "coleta.aside.turn"
_TURN_SECONDS = 30
_MOST_BROUGHT = 200  # in one turn; the next sweep goes on
_MOST_CHARS = 64 * 1024  # as much of a body as `rejected` keeps


@dataclass(frozen=True, slots=True)
class Aside:
    """What may be kept of a message, where it was found, and why it is of no use."""

    found: str
    reason: str
    text: str

    def as_row(self) -> str:
        """Return it as the list holds it."""
        return json.dumps([self.found, self.reason, self.text[:_MOST_CHARS]])


def put_aside(client: "Redis", messages: Iterable[Aside]) -> None:
    """Put messages aside; raises redis-py's errors."""
    rows = [message.as_row() for message in messages]
    if rows:
        client.lpush(ASIDE, *rows)


def reject_aside(client: "Redis", service: Service) -> None:
    """Keep what was put aside as rejected; raises redis-py's errors.

    One process at a time, unless one takes very long: then something may be rejected twice.
    """
    if not client.llen(ASIDE) or not client.set(_TURN, "1", nx=True, ex=_TURN_SECONDS):
        return
    for row in reversed(client.lrange(ASIDE, -_MOST_BROUGHT, -1)):
        keep_rejected(service, Aside(*json.loads(row)))
        client.lrem(ASIDE, -1, str(row) if isinstance(row, str) else row.decode())
    client.delete(_TURN)


def keep_rejected(service: Service, message: Aside) -> None:
    """Keep it as rejected: with the store that it names if that is served; raises redis-py's errors."""
    kept = [Unreadable(message.text, f"{message.found} held what is no message of ours: {message.reason}; {_MEND}")]
    store = _store_in(message.text)
    if store in service.stores:
        service.ledger(store).reject(kept)
    else:
        service.fleet.reject_unknown(kept)


def _store_in(text: str) -> str:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    store = value.get("store") if isinstance(value, dict) else None
    return store.strip() if isinstance(store, str) else ""
