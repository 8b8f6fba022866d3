"""Which orders an operator means: those that are named, or all that fit what was said."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from worker.domain.facts import Carrier
from worker.domain.order import Attention, Order, Status
from worker.entrypoints.views import since
from worker.ports import Ledger

# Ids are read in large pages, so that orders which leave meanwhile move few others past the reader.
_IDS = 10_000
_DOCUMENTS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What orders must have in common; what is not said narrows nothing. `older_than` in milliseconds."""

    statuses: Sequence[Status] = tuple(Status)
    attention: Attention | None = None
    like: str = ""
    carrier: Carrier | None = None
    older_than: int | None = None

    def takes(self, order: Order, now: int) -> bool:
        """Whether the order is meant, at this time of the server's clock."""
        return (
            order.status in self.statuses
            and (self.attention is None or self.attention in order.attention)
            and (self.carrier is None or order.carrier is self.carrier)
            and says(self.like, order.reason, order.last_error)
            and (self.older_than is None or now - (since(order) or now) >= self.older_than)
        )


def says(text: str, *where: str) -> bool:
    """Whether any of these texts holds that one, in any case; nothing is held by all."""
    wanted = text.casefold()
    return any(wanted in each.casefold() for each in where)


def matching(ledger: Ledger, wanted: Filter, flagged: Attention | None = None) -> Iterator[str]:
    """Yield the ids of a store's orders that a filter takes, the longest there first; `flagged`: only those with it."""
    now = ledger.now()
    ids = list(dict.fromkeys(_ids(ledger, wanted, flagged)))
    for start in range(0, len(ids), _DOCUMENTS):
        for order_id, stored in ledger.load(ids[start : start + _DOCUMENTS])[0].items():
            if wanted.takes(stored.order, now) and (flagged is None or flagged in stored.order.attention):
                yield order_id


def _ids(ledger: Ledger, wanted: Filter, flagged: Attention | None) -> Iterator[str]:
    if flagged is not None or wanted.attention is not None:
        yield from _all(ledger.attention_ids)
        return
    for status in wanted.statuses:
        yield from _all(partial(ledger.order_ids, status))


def _all(read: Callable[[int, int], list[str]]) -> Iterator[str]:
    at = 0
    while page := read(at, _IDS):
        yield from page
        at += len(page)
