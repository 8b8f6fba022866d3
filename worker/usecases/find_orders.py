"""Orders of a store: one by any form of its code, or all that fit what is said of them."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import assert_never

from worker.domain.codes import BareCode, Foreign, LedgerId, identify, remote_codes
from worker.domain.facts import Carrier
from worker.domain.order import ENDED, At, Attention, Order, Status
from worker.ports import Ledger, Stored

_DOCUMENTS = 500
_IDS = 10_000
BY_URGENCY = (
    Status.FAILED,
    Status.REQUESTING,
    Status.DUE,
    Status.WAITING,
    Status.REQUESTED,
    Status.SKIPPED,
    Status.CANCELED,
)
"""What needs somebody first, what is over last."""


def find_order(ledger: Ledger, affiliate: str | None, name: str) -> Stored | None:
    """Return the order that any form of its code names, as `worker.domain.codes` knows them."""
    known, owners = ledger.load(*looked_up(name, affiliate))
    if not known:
        known |= ledger.load(owners.values())[0]
    return next(iter(known.values()), None)


def looked_up(name: str, affiliate: str | None) -> tuple[list[str], list[str]]:
    """Return the ledger ids that an order of this name may have, and the codes that may lead to it."""
    ref = identify(name, affiliate)
    match ref:
        case LedgerId(value=value):
            codes = remote_codes(value, affiliate)[:1]
        case BareCode(value=value):
            codes = (value,)
        case Foreign(value=value):
            codes = ()
        case _:
            assert_never(ref)
    # A store that was taken out of the stores file, or has another affiliate now, still has the orders it had.
    return list(dict.fromkeys((value, name.strip()))), list(codes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What orders must have in common; what is not said narrows nothing. `older_than` in milliseconds.

    Of `attention` an order must have any, and `flagged` besides; `uncanceled`: no cancel of its source.
    """

    statuses: Sequence[Status] = tuple(Status)
    attention: Collection[Attention] = ()
    like: str = ""
    carrier: Carrier | None = None
    older_than: int | None = None
    flagged: Attention | None = None
    uncanceled: bool = False

    def takes(self, order: Order, now: int) -> bool:
        """Whether the order is meant, at this time of the server's clock."""
        return (
            order.status in self.statuses
            and (not self.attention or not order.attention.isdisjoint(self.attention))
            and (self.flagged is None or self.flagged in order.attention)
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


def says(text: str, *where: str) -> bool:
    """Whether any of these texts holds that one, in any case; nothing is held by all."""
    wanted = text.casefold()
    return any(wanted in each.casefold() for each in where)


def since(order: Order) -> int | None:
    """Return when the order came to stand where it stands (epoch milliseconds); None where its history forgot."""
    if order.status not in (Status.DUE, Status.REQUESTING) and isinstance(order.at, At):
        return order.at.ms
    return next((entry.at for entry in reversed(order.history) if entry.event == f"order.{order.status}"), None)


def list_orders(ledger: Ledger, wanted: Filter) -> Iterator[Order]:
    """Yield a store's orders that a filter takes, for whoever may stop early.

    Status by status in the filter's order: the longest there first, of ended ones the newest. With an attention the
    longest flagged first.
    """
    now = ledger.now()
    for ids in _pages(ledger, wanted, _DOCUMENTS, newest_first=ENDED):
        yield from _taken(ledger, ids, wanted, now)


def choose_orders(ledger: Ledger, wanted: Filter) -> Iterator[str]:
    """Yield the ids of a store's orders that a filter takes, the longest there first, whatever leaves meanwhile.

    All ids are read ahead, in large pages, so that orders which leave move few others past the reader.
    """
    now = ledger.now()
    ids = list(dict.fromkeys(chain.from_iterable(_pages(ledger, wanted, _IDS))))
    for start in range(0, len(ids), _DOCUMENTS):
        yield from (order.order_id for order in _taken(ledger, ids[start : start + _DOCUMENTS], wanted, now))


def _taken(ledger: Ledger, ids: Sequence[str], wanted: Filter, now: int) -> Iterator[Order]:
    return (stored.order for stored in ledger.load(ids)[0].values() if wanted.takes(stored.order, now))


def _pages(
    ledger: Ledger, wanted: Filter, size: int, *, newest_first: Collection[Status] = ()
) -> Iterator[Sequence[str]]:
    if wanted.attention or wanted.flagged is not None:
        yield from _forwards(ledger.attention_ids, size)
        return
    for status in wanted.statuses:
        read = partial(ledger.order_ids, status)
        if status in newest_first:
            yield from _backwards(read, size, ledger.counts()[status])
        else:
            yield from _forwards(read, size)


def _forwards(read: Callable[[int, int], list[str]], size: int) -> Iterator[list[str]]:
    at = 0
    while ids := read(at, size):
        yield ids
        at += len(ids)


def _backwards(read: Callable[[int, int], list[str]], size: int, end: int) -> Iterator[list[str]]:
    for stop in range(end, 0, -size):
        start = max(0, stop - size)
        yield read(start, stop - start)[::-1]
