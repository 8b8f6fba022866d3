"""Many events into one inbox, which may be nearly full: what fits goes in."""

from collections.abc import Iterator, Sequence

from worker.domain.events import Event
from worker.ports import InboxFullError, Ledger


def append_all(ledger: Ledger, events: Sequence[Event]) -> Iterator[int]:
    """Append events in their order, by halves where not all fit, and yield how many more are in.

    Raises `InboxFullError` at the first one that does not fit.
    """
    try:
        ledger.append(events)
    except InboxFullError:
        if len(events) == 1:
            raise
        middle = len(events) // 2
        yield from append_all(ledger, events[:middle])
        yield from append_all(ledger, events[middle:])
    else:
        yield len(events)
