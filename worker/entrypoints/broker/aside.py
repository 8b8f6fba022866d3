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
TURN = "coleta.aside.turn"  # held by the process that brings in

MOST_BROUGHT = 200  # by one sweep, which has its hints to send: in the turn's seconds even at 100 ms each
_TURN_SECONDS = 30
_MOST_CHARS = 64 * 1024  # as much of a body as `rejected` keeps
_ROW = 3


@dataclass(frozen=True, slots=True)
class Aside:
    """What may be kept of a message, where it was found, and as a sentence's end what that held, and what to do."""

    found: str
    held: str
    text: str

    def as_row(self) -> str:
        """Return it as the list holds it."""
        return json.dumps([self.found, self.held, self.text[:_MOST_CHARS]])


def put_aside(client: "Redis", messages: Iterable[Aside]) -> None:
    """Put messages aside; raises redis-py's errors."""
    rows = [message.as_row() for message in messages]
    if rows:
        client.lpush(ASIDE, *rows)


def reject_aside(client: "Redis", service: Service) -> None:
    """Keep what was put aside as rejected; raises redis-py's errors.

    One process at a time, unless one takes very long: then something may be rejected twice.
    """
    if not client.llen(ASIDE) or not client.set(TURN, "1", nx=True, ex=_TURN_SECONDS):
        return
    for row in reversed(client.lrange(ASIDE, -MOST_BROUGHT, -1)):
        keep_rejected(service, _read(row))
        client.lrem(ASIDE, -1, row)  # type: ignore[arg-type] # bytes as well
    client.delete(TURN)


def keep_rejected(service: Service, message: Aside) -> None:
    """Keep it as rejected: with the store that it names if that is served; raises redis-py's errors."""
    text, reason = _whole(message.text), _whole(f"{message.found} held {message.held}")
    service.reject(_store_in(text), [Unreadable(text, reason)])


def _read(row: str | bytes) -> Aside:
    """Return what a row holds; whoever may write to the list may write anything, and it must not stay there."""
    try:
        parts = json.loads(row)
    except (ValueError, RecursionError):
        parts = None
    if isinstance(parts, list) and len(parts) == _ROW and all(isinstance(part, str) for part in parts):
        return Aside(*parts)
    text = row if isinstance(row, str) else row.decode(errors="backslashreplace")
    return Aside(f"list {ASIDE}", "something of others: it cannot be read", text[:_MOST_CHARS])


def _whole(text: str) -> str:
    """Return a text that Redis takes: half a surrogate pair becomes its escape."""
    return text.encode(errors="backslashreplace").decode()


def _store_in(text: str) -> str:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    store = value.get("store") if isinstance(value, dict) else None
    return store.strip() if isinstance(store, str) else ""
