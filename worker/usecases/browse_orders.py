"""Browse a store's orders page by page, as its pages list and search them.

They stand as `list_orders` has them: what needs somebody first, the longest there first, of ended ones the newest; with
attention the longest flagged first. A search looks at the ids, line by line: what it finds is in the same order, and
goes on where it stopped.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from worker.domain.order import ENDED, Attention, Order, Status
from worker.ports import Ledger, Walk
from worker.usecases.find_orders import BY_URGENCY, find_order
from worker.usecases.places import Place

PAGE = 50
LEAST_SEARCHED = 3
"""Letters of a part of an id: fewer are in nearly all of them."""
# For how long a page looks for orders that fit, and the lines of one call, which keeps Redis for a millisecond or two.
_SECONDS = 0.08
_LINES_A_CALL = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which orders: of one status or all, with any attention (`flagged`) or this one, and what is searched for."""

    status: Status | None = None
    flagged: bool = False
    attention: Attention | None = None
    search: str = ""

    @property
    def part(self) -> str:
        """The part of an order id that is searched for: ids have "_" where SkyHub's codes have a space."""
        return "_".join(self.search.split()).encode(errors="replace").lower().decode()

    @property
    def indexes(self) -> Sequence[Status | None]:
        """The indexes that hold them, in the order of the list; None is that of the orders with attention."""
        if self.flagged or self.attention is not None:
            return (None,)
        return BY_URGENCY if self.status is None else (self.status,)


@dataclass(frozen=True, slots=True)
class Exactly:
    """What was searched for is the code of this order, in one of its forms."""

    order: Order


@dataclass(frozen=True, slots=True)
class TooShort:
    """What was searched for is no order's code, and too short to be a part of one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some orders, as they are now; `next` and `previous` are cursors, "" where no page is.

    `total` counts all that the list has, None where only a search could tell. If not `whole`, looking would have taken
    too long: the page has too few orders, or none, and `next` goes on looking (on the way back, `previous`).
    """

    orders: Sequence[Order]
    total: int | None
    next: str = ""
    previous: str = ""
    whole: bool = True


def browse_orders(
    ledger: Ledger,
    affiliate: str | None,
    wanted: Wanted,
    after: str = "",
    *,
    size: int = PAGE,
    clock: Callable[[], float] = time.monotonic,
) -> Exactly | TooShort | Page:
    """Return a page of a store's orders, the first or the one at this cursor; raises `places.CursorError`.

    A search for the code of an order, in any form, gives that order. `clock` gives seconds.
    """
    place = Place.read(after, wanted.indexes) if after else None
    if wanted.part and place is None:
        found = find_order(ledger, affiliate, wanted.search)
        if found is not None:
            return Exactly(found.order)
    if 0 < len(wanted.part) < LEAST_SEARCHED:
        return TooShort()
    until = clock() + _SECONDS
    return _Browsing(ledger, wanted, size, lambda: clock() >= until).page(place)


@dataclass(frozen=True, slots=True)
class _Browsing:
    """One page to be found."""

    ledger: Ledger
    wanted: Wanted
    size: int
    late: Callable[[], bool]

    def page(self, place: Place | None) -> Page:
        """Return the page that begins at a place, or ends there; None is the beginning of the list."""
        found, stopped = self._places(place)
        more = found[self.size - 1] if len(found) > self.size else stopped
        found = found[: self.size]
        if place is None or not place.back:
            begins = found[0].backwards() if found and place is not None else None
            return self._shown(found, begins, more, whole=stopped is None)
        if more is None and len(found) < self.size:
            return self.page(None)  # The list has become shorter: its first page is there, and whole.
        ends = found[-1::-1]
        before = more.backwards() if more is not None else None
        return self._shown(ends, before, ends[-1] if ends else None, whole=stopped is None)

    def _shown(self, places: Sequence[Place], previous: Place | None, following: Place | None, *, whole: bool) -> Page:
        ids = [place.spot.order_id for place in places]
        known = self.ledger.load(ids)[0]
        return Page(
            # A line may outlive its order for some seconds.
            orders=[known[order_id].order for order_id in ids if order_id in known],
            total=self._total(),
            next=following.cursor if following is not None else "",
            previous=previous.cursor if previous is not None else "",
            whole=whole,
        )

    def _places(self, place: Place | None) -> tuple[list[Place], Place | None]:
        """Return the lines that fit from a place on, one more than a page has if there are, in the walk's order.

        With them where the walk was stopped before it had seen enough.
        """
        found: list[Place] = []
        for walk in self._walks(place):
            index, after = walk.index, walk.after
            while True:
                walked = self.ledger.walk(replace(walk, after=after, most=self.size + 1 - len(found)))
                found += (Place(index, spot) for spot in walked.found)
                if len(found) > self.size:
                    return found, None
                if walked.last is None:
                    break
                if self.late():
                    return found, Place(index, walked.last)
                after = walked.last
        return found, None

    def _walks(self, place: Place | None) -> list[Walk]:
        """Return the walks along the indexes from a place on, each in one go."""
        wanted, back = self.wanted, place is not None and place.back
        indexes = list(wanted.indexes)[:: -1 if back else 1]
        if place is not None:
            indexes = indexes[indexes.index(place.index) :]
        return [
            Walk(
                index=index,
                after=place.spot if place is not None and place.index is index else None,
                descending=(index in ENDED) is not back,
                most=self.size + 1,
                lines=_LINES_A_CALL,
                part=wanted.part,
                reason=wanted.attention,
                within=wanted.status if index is None else None,
            )
            for index in indexes
        ]

    def _total(self) -> int | None:
        wanted = self.wanted
        if wanted.part:
            return None
        if None not in wanted.indexes:
            counts = self.ledger.counts()
            return sum(counts[status] for status in wanted.indexes if status is not None)
        if wanted.status is not None:
            return None
        if wanted.attention is not None:
            return self.ledger.attention_counts().get(wanted.attention, 0)
        return self.ledger.walk(Walk(index=None, most=1, lines=1)).total
