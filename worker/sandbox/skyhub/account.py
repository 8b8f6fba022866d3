"""One account at SkyHub: its orders, the two pickup lists and the confirmations. Pure: time comes in as an argument.

The law of the lists: an order is in `open` (`requested=false`), in `requested` (`requested=true`) or in neither, as
`Order.listing(now)` says. What time alone will change waits in a heap and is placed before anything is read, so that
a page costs the same with ten orders as with ten thousand.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import chain, count, islice
from typing import Literal

from worker.sandbox.forms import form
from worker.sandbox.refusals import require_new
from worker.sandbox.settings import Settings
from worker.sandbox.skyhub.orders import GONE, Acceptance, Listing, NewOrder, Order, OrderChange, new_order, status_code

PAGE_SIZE = 20

Refusal = Literal["unknown", "wrong_carrier", "gone", "already_requested", "no_label"]


@form
class Credentials:
    """What an account's calls must carry."""

    user_email: str
    api_key: str
    accountmanager_key: str


@dataclass(frozen=True)
class Confirmation:
    """The outcome of a `confirm_collection`: remote codes that were accepted, and why the others were not."""

    accepted: tuple[str, ...]
    refused: dict[str, Refusal]


class Seller:
    """An account and its orders."""

    def __init__(self, credentials: Credentials) -> None:
        self.credentials = credentials
        self.orders: dict[str, Order] = {}
        self._by_remote: dict[str, Order] = {}
        self._by_status: defaultdict[str, dict[str, Order]] = defaultdict(dict)
        self._lists: dict[Listing, dict[str, Order]] = {"open": {}, "requested": {}}
        self._upcoming: list[tuple[float, int, Order]] = []
        self._turn = count()

    def register(self, new_orders: Sequence[NewOrder], now: float) -> None:
        """Add orders, all or none.

        Raises `ConflictError`.
        """
        orders = [new_order(new, len(self.orders) + index, now) for index, new in enumerate(new_orders)]
        require_new(self.orders, [order.code for order in orders])
        require_new(self._by_remote, [order.remote_code for order in orders])
        for order in orders:
            self.orders[order.code] = self._by_remote[order.remote_code] = order
            self._by_status[order.status_code][order.code] = order
            self._place(order, now)

    def find(self, code: str) -> Order | None:
        """Return the order of a full or a remote code."""
        return self.orders.get(code) or self._by_remote.get(code)

    def page(self, listing: Listing, number: int, now: float) -> list[Order]:
        """Return a page of a pickup list; the first page is number 1."""
        self._settle(now)
        start = (number - 1) * PAGE_SIZE
        return list(islice(self._lists[listing].values(), start, start + PAGE_SIZE))

    def status_page(self, status_codes: Sequence[str], number: int, size: int) -> tuple[int, list[Order]]:
        """Return how many orders have one of the status codes (none given: any), and one page of them."""
        groups = [self._by_status[code] for code in dict.fromkeys(status_codes)] if status_codes else [self.orders]
        start = (number - 1) * size
        rows = chain.from_iterable(group.values() for group in groups)
        return sum(map(len, groups)), list(islice(rows, start, start + size))

    def change(self, order: Order, change: OrderChange, now: float) -> None:
        """Apply what is set in `change`."""
        order.complete = order.complete if change.complete is None else change.complete
        order.expect = change.expect or order.expect
        order.carrier = change.carrier or order.carrier
        order.allowed = order.allowed if change.allowed is None else change.allowed
        if change.status is not None:
            del self._by_status[order.status_code][order.code]
            order.status, order.status_code = change.status, status_code(change.status)
            self._by_status[order.status_code][order.code] = order
        if change.collectable is not None:
            order.collectable_at = now if change.collectable else None
        if change.requested is not None:
            order.in_panel = change.requested
            order.shown_requested_at = now if change.requested else None
        self._place(order, now)

    def confirm(self, codes: Iterable[str], settings: Settings, now: float) -> Confirmation:
        """Confirm remote codes: all, none, or the good ones, as the settings say."""
        wanted = list(codes)
        reasons = {code: self._refusal(self._by_remote.get(code), settings, now) for code in wanted}
        refused = {code: reason for code, reason in reasons.items() if reason is not None}
        accepted = [] if refused and not settings.partial_acceptance else [c for c in wanted if c not in refused]
        for code in accepted:
            self._accept(self._by_remote[code], settings, now)
        return Confirmation(tuple(accepted), refused)

    def _refusal(self, order: Order | None, settings: Settings, now: float) -> Refusal | None:
        if order is None:
            return "unknown"
        if order.is_requested:
            return None if settings.repeat_accepted else "already_requested"
        if not settings.strict or order.is_collectable(now):
            return None
        if order.carrier != "direct":
            return "wrong_carrier"
        return "gone" if order.status in GONE else "no_label"

    def _accept(self, order: Order, settings: Settings, now: float) -> None:
        order.accepted.append(Acceptance(now, order.complete, order.carrier, order.expect))
        if not order.is_requested:
            order.shown_requested_at = now + settings.lists_lag_seconds
        self._place(order, now)

    def _settle(self, now: float) -> None:
        while self._upcoming and self._upcoming[0][0] <= now:
            self._place(heappop(self._upcoming)[2], now)

    def _place(self, order: Order, now: float) -> None:
        shown_in = order.listing(now)
        for listing, rows in self._lists.items():
            if listing == shown_in:
                rows.setdefault(order.code, order)
            else:
                rows.pop(order.code, None)
        for at in (order.collectable_at, order.shown_requested_at):
            if at is not None and at > now:
                heappush(self._upcoming, (at, next(self._turn), order))
