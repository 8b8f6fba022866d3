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
    """What orders must have in common; what is not said narrows nothing. `older_than` in milliseconds.

    `flagged` and `uncanceled` are what an action itself demands (see `Kind`).
    """

    statuses: Sequence[Status] = tuple(Status)
    attention: Attention | None = None
    like: str = ""
    carrier: Carrier | None = None
    older_than: int | None = None
    flagged: Attention | None = None
    uncanceled: bool = False

    def takes(self, order: Order, now: int) -> bool:
        """Whether the order is meant, at this time of the server's clock."""
        return (
            order.status in self.statuses
            and all(wanted is None or wanted in order.attention for wanted in (self.attention, self.flagged))
            and not (self.uncanceled and order.canceled_at is not None)
            and (self.carrier is None or order.carrier is self.carrier)
            and says(self.like, order.reason, order.last_error)
            and (self.older_than is None or now - (since(order) or now) >= self.older_than)
        )

    def objection(self, order: Order, now: int) -> str:
        """Say how an order stands that was taken once and is not any more; empty if it still is."""
        if self.takes(order, now):
            return ""
        canceled = " and was canceled at its source" if order.canceled_at is not None else ""
        why = f" ({order.reason})" if order.reason else ""
        return f"it changed meanwhile: it is {order.status}{why}, its carrier {order.carrier}{canceled}"


def only_failed(order: Order, _now: int) -> str:
    """Object to what is not failed, though it may be retried."""
    if order.status is Status.FAILED:
        return ""
    return f"{order.order_id} is {order.status}, not failed; to evaluate it anew: coleta order retry"


def says(text: str, *where: str) -> bool:
    """Whether any of these texts holds that one, in any case; nothing is held by all."""
    wanted = text.casefold()
    return any(wanted in each.casefold() for each in where)


def matching(ledger: Ledger, wanted: Filter) -> Iterator[str]:
    """Yield the ids of a store's orders that a filter takes, the longest there first."""
    now = ledger.now()
    ids = list(dict.fromkeys(_ids(ledger, wanted)))
    for start in range(0, len(ids), _DOCUMENTS):
        for order_id, stored in ledger.load(ids[start : start + _DOCUMENTS])[0].items():
            if wanted.takes(stored.order, now):
                yield order_id


def _ids(ledger: Ledger, wanted: Filter) -> Iterator[str]:
    if wanted.flagged is not None or wanted.attention is not None:
        yield from _all(ledger.attention_ids)
        return
    for status in wanted.statuses:
        yield from _all(partial(ledger.order_ids, status))


def _all(read: Callable[[int, int], list[str]]) -> Iterator[str]:
    at = 0
    while page := read(at, _IDS):
        yield from page
        at += len(page)
