"""Places in a list that is browsed page by page, as their cursors spell them.

`waiting:1800000000000:BWW-Site-1`: the index, its time and the order behind which a page begins; with a "-" before it
the page ends before that line. A place holds whether its order has left the index meanwhile or not.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Self

from worker.domain.order import Status
from worker.ports import Spot

_ATTENTION = "attention"
_CURSOR = re.compile(r"(?P<back>-?)(?P<index>[a-z]+):(?P<at>[0-9]{1,15}):(?P<order_id>.{1,1000})", re.DOTALL)
_MOST_QUOTED = 100


class CursorError(ValueError):
    """A text is no place in the list that was asked for; the message quotes it."""


@dataclass(frozen=True, slots=True)
class Place:
    """A line of the index of a status, or (None) of the orders with attention; `back`: a page ends before it."""

    index: Status | None
    spot: Spot
    back: bool = False

    @classmethod
    def read(cls, cursor: str, indexes: Collection[Status | None]) -> Self:
        """Return the place that a cursor names in one of these indexes; raises `CursorError`."""
        known = {_name(index): index for index in indexes}
        parts = _CURSOR.fullmatch(cursor)
        if parts is None or parts["index"] not in known:
            shown = cursor if len(cursor) <= _MOST_QUOTED else f"{cursor[:_MOST_QUOTED]}…"
            raise CursorError(f"{shown!r} is no place in this list; begin at its first page")
        return cls(known[parts["index"]], Spot(int(parts["at"]), parts["order_id"]), bool(parts["back"]))

    @property
    def cursor(self) -> str:
        """The cursor that names it."""
        return f"{'-' if self.back else ''}{_name(self.index)}:{self.spot.at}:{self.spot.order_id}"

    def backwards(self) -> Self:
        """Return the place at which a page ends before the same line."""
        return replace(self, back=True)


def _name(index: Status | None) -> str:
    return _ATTENTION if index is None else index.value
