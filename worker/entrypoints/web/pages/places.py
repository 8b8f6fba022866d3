"""The places of a template: by its name, what stands in one and what it looks like."""

import re
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum, auto

from worker.entrypoints.web.pages import words

PLACE = re.compile(r"\{([a-z_]+)\}")


class Kind(Enum):
    """What stands in a place."""

    MOMENT = auto()
    NUMBER = auto()
    STATUS = auto()
    STATUSES = auto()
    CARRIER = auto()
    ANNOUNCER = auto()
    SHIPPED = auto()
    ORDERS = auto()
    TABLE = auto()
    CLAUSE = auto()
    REASON = auto()
    FOREIGN = auto()


def _one_of(named: Iterable[str]) -> str:
    return "|".join(map(re.escape, named))


_STATUS = _one_of(words.STATUSES)
_PATTERNS: Mapping[Kind, str] = {
    Kind.MOMENT: r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
    Kind.NUMBER: r"\d[\d,]*(?:\.\d+)?",
    Kind.STATUS: _STATUS,
    Kind.STATUSES: f"(?:{_STATUS})(?: or (?:{_STATUS}))*",
    Kind.CARRIER: _one_of(words.CARRIERS),
    Kind.ANNOUNCER: _one_of(words.ANNOUNCERS),
    Kind.SHIPPED: _one_of(words.SHIPPED),
    Kind.ORDERS: r"1 order|[\d,]+ orders",
    Kind.TABLE: r"<name>|[^\s.;,]+",
    Kind.CLAUSE: r".*?",
    Kind.REASON: r".*?",
    Kind.FOREIGN: r".*?",
}
# What is narrower than its kind, so that a template with little of its own matches nothing else.
_SHAPES: Mapping[str, str] = {
    "other": "the VTEX OMS|the VTEX feed",
    "check": r"check stores\..*",
    "phase": "connecting|waiting for the answer|reading the answer",
    "who": "SkyHub|VTEX OMS|Pick and Pack",
    "code": r"\d{3}",
    "field": r"[\w.\-\[\]]+",
    "type": r"\w+",
    "options": r"'[^;]*'",
    "detail": r"[^;]*",
}
PLACES: Mapping[str, Kind] = {
    **dict.fromkeys(("at", "until", "since"), Kind.MOMENT),
    **dict.fromkeys(("number", "most", "seconds", "days"), Kind.NUMBER),
    **dict.fromkeys(("invoiced", "ordered", "page", "before"), Kind.NUMBER),
    "status": Kind.STATUS,
    "statuses": Kind.STATUSES,
    "carrier": Kind.CARRIER,
    "announcer": Kind.ANNOUNCER,
    "shipped": Kind.SHIPPED,
    "orders": Kind.ORDERS,
    "table": Kind.TABLE,
    **dict.fromkeys(("said", "when", "next", "other", "paused", "done", "why", "canceled"), Kind.CLAUSE),
    **dict.fromkeys(("failure", "what", "phase", "hint", "check", "unreadable"), Kind.CLAUSE),
    **dict.fromkeys(("came", "origin", "fault", "place", "held", "first", "more"), Kind.CLAUSE),
    **dict.fromkeys(("end", "then", "sweep"), Kind.CLAUSE),
    **dict.fromkeys(("reason", "by", "found"), Kind.REASON),
    **dict.fromkeys(("order_id", "skyhub_code", "store", "items", "word", "words", "name", "task"), Kind.FOREIGN),
    **dict.fromkeys(("message", "answer", "error", "file", "who", "code"), Kind.FOREIGN),
    **dict.fromkeys(("field", "type", "options", "detail"), Kind.FOREIGN),
}
"""Every name that a place may have."""


def pattern_of(place: str) -> str:
    """Return the regular expression of what stands in a place of this name."""
    return _SHAPES.get(place) or _PATTERNS[PLACES[place]]


def pieces(template: str) -> Iterator[tuple[str, str]]:
    """Yield a template as pairs: some text, and the name of the place behind it, "" at the end."""
    parts = [*PLACE.split(template), ""]
    yield from zip(parts[::2], parts[1::2], strict=True)


def places_of(template: str) -> set[str]:
    """Return the names of a template's places."""
    return set(PLACE.findall(template))
