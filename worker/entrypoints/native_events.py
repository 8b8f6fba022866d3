"""Native events as they are handed in: read, or with what is wrong with them and ready to be kept."""

from dataclasses import dataclass

from pydantic_core import to_json

from worker.adapters.native_event import NativeEvent, NativeEventError, read
from worker.ports import Unreadable


@dataclass(frozen=True, slots=True)
class Unread:
    """What is no native event; `store` is the one it names, or the one of events that name none."""

    store: str
    kept: Unreadable


def read_or_keep(content: object, store: str = "") -> NativeEvent | Unread:
    """Read one native event, as JSON in bytes or as its value; `store` is that of an event which names none."""
    try:
        return read(content, store)
    except NativeEventError as error:
        return Unread(error.store or store, kept(content, error.reason))


def kept(content: object, reason: str) -> Unreadable:
    """Return what is to be kept of something that cannot be recorded."""
    body = content if isinstance(content, bytes) else to_json(content, fallback=repr)
    return Unreadable(body.decode(errors="replace"), reason)
