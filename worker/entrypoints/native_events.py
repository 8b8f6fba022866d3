"""Native events as they are handed in: read, or with what is wrong with them and ready to be kept.

So is what came through a door for other bodies; then the reason names the door.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from pydantic_core import to_json

from worker.adapters.bodies import known_part
from worker.adapters.native_event import NativeEventError, read
from worker.domain.events import Addressed
from worker.ports import Unreadable


@dataclass(frozen=True, slots=True)
class Unread:
    """What is no native event; `store` is the one it names, or the one of events that name none."""

    store: str
    kept: Unreadable


def read_or_keep(content: object, store: str = "") -> Addressed | Unread:
    """Read one native event, as JSON in bytes or as its value; `store` is that of an event which names none."""
    try:
        return read(content, store)
    except NativeEventError as error:
        return Unread(error.store or store, kept(content, error.reason))


def kept(content: object, reason: str) -> Unreadable:
    """Return what is to be kept of something that cannot be recorded: no key's value that no door reads."""
    body = content if isinstance(content, bytes) else to_json(content, fallback=repr)
    return Unreadable(known_part(body), reason)


class Origin(StrEnum):
    """The doors whose bodies are no native events, as a reason names them."""

    INVOICE_PUSH = "the connector's invoice push"
    CANCEL_PUSH = "the connector's cancel push"
    HOOK = "the Orders hook"
    WEBHOOK = "Pick and Pack's webhook"


# No reason of a native event starts like this: it starts with a field's name and a colon, or with another word.
_CAME_BY = re.compile(rf"(?:order .+?, )?by ({'|'.join(map(re.escape, Origin))}): ", re.DOTALL)


def came_by(origin: Origin, reason: str, order_id: str = "") -> str:
    """Return the reason with the door, and with the order where only the door's path names it."""
    came = f"by {origin}: {reason}"
    return f"order {order_id}, {came}" if order_id else came


def origin_of(reason: str) -> Origin | None:
    """Return the door that a kept reason names, None where it is that of a native event."""
    found = _CAME_BY.match(reason)
    return Origin(found[1]) if found is not None else None
