"""How loud a page says something."""

from worker.domain.order import Entry
from worker.ports import Overview

# Events of an order's history that a reader looks for.
_KEY = frozenset({"order.requested", "order.due"})
_BAD = frozenset({"order.failed", "order.canceled"})


def tone_of(overview: Overview, *, served: bool, quarantine_ms: int) -> str:
    """Return "warn" for a store whose pickups do not move, and "" for one that works."""
    moves = served and not overview.backlog.pause.active
    resting = any(overview.backlog.rests(drain, overview.now) for drain in overview.backlog.backoffs)
    held = overview.held_until(quarantine_ms) > overview.now
    return "" if moves and not resting and not held else "warn"


def tone_of_entry(entry: Entry) -> str:
    """Return how a line of an order's history stands out."""
    if entry.event.startswith("operator."):
        return "person"
    return "key" if entry.event in _KEY else "bad" if entry.event in _BAD else ""
