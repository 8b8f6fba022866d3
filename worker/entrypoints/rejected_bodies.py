"""Bodies of rejected events, read once more: as native events, which alone can be handed in again."""

from worker.adapters.native_event import NativeEventError, read
from worker.adapters.redis_ledger.keys import NO_STORE
from worker.domain.events import Addressed
from worker.entrypoints.native_events import Origin, origin_of
from worker.ports import Rejected, Unreadable

# The ledger keeps so many bytes of a body; where it cut a character it keeps up to three less.
_MOST_KEPT = 64 * 1024 - 3


def read_kept(body: str, store: str) -> Addressed | Unreadable:
    """Read a body that was kept under a store, `NO_STORE` for none."""
    try:
        return read(body, "" if store == NO_STORE else store)
    except NativeEventError as error:
        cut = len(body.encode()) >= _MOST_KEPT
        why = "only the first 64 KiB of it were kept; send it again from its source" if cut else error.reason
        return Unreadable(body, why)


def why_not_read(event: Rejected) -> str:
    """Say why a kept body is not to be read as a native event, whatever it looks like; "" where it may be."""
    origin = origin_of(event.reason)
    return came_otherwise(origin) if origin is not None else ""


def came_otherwise(origin: Origin) -> str:
    """Say who has to send again what came by another door."""
    return f"it came by {origin}: its source has to send it again (it stays kept)"
