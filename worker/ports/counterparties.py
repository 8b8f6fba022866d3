"""The counterparties as the use cases ask them, and the errors that cross those borders."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from worker.domain.confirmation import Outcome
from worker.domain.facts import OmsOrder, SkyHubOrder


class TransientError(Exception):
    """A counterparty cannot answer now; the same call may succeed later. `retry_after` in seconds, if it said so.

    `status` is HTTP's, None where there was no answer, or one that cannot be read.
    """

    def __init__(self, reason: str, retry_after: float | None = None, status: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after
        self.status = status


class PermanentError(Exception):
    """A counterparty will keep refusing this call until a person changes something; `status` as above."""

    def __init__(self, reason: str, status: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status


class UnreadableBodyError(ValueError):
    """What came through a door is not what belongs there; the message names each field, what was found and expected."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class InvoicedPage:
    """One page of SkyHub's invoiced orders; `total` counts all pages."""

    orders: tuple[SkyHubOrder, ...]
    total: int


class SkyHub(Protocol):
    """One store's account at SkyHub (contracts/skyhub.md).

    Every call keeps the contract's rate limits, shared by all processes. Reads raise `TransientError` (429, 5xx,
    network, unreadable body) or `PermanentError` (401, 403, other 4xx: a person must mend something).
    """

    def collectables(self, *, requested: bool, page: int) -> tuple[str, ...]:
        """Return the remote codes on a page (1-based); an empty tuple is the end of the list."""

    def confirm(self, codes: Sequence[str], may_send: Callable[[], bool]) -> Outcome:
        """Request the pickup of `codes` (remote codes) in one call; never raises.

        `may_send` is asked after the rate limit and the connect, before the first byte: False sends nothing.
        """

    def order(self, code: str) -> SkyHubOrder | None:
        """Return one order by its full SkyHub code, None where SkyHub does not know it."""

    def invoiced_orders(self, page: int) -> InvoicedPage:
        """Return a page (1-based, 100 orders) of the orders that SkyHub calls invoiced."""


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One event of the orders feed: `handle` commits it, `state` is "" where it has none; `order_id` "" = unreadable.

    `changed_at` is epoch milliseconds, None where it was not said.
    """

    handle: str
    order_id: str
    state: str = ""
    changed_at: int | None = None


@dataclass(frozen=True, slots=True)
class FeedConfiguration:
    """How an orders feed is configured: the states that enter it, None where another filter decides.

    `waiting` counts its events and `oldest_seconds` is the age of the oldest, None where that is not said.
    """

    states: frozenset[str] | None = None
    waiting: int | None = None
    oldest_seconds: float | None = None


MOST_FEED_ENTRIES = 10
"""What the feed gives at most in one answer (contracts/vtex-oms.md, "How an invoice becomes known", 3)."""


class Oms(Protocol):
    """One store's VTEX OMS (contracts/vtex-oms.md).

    Every call raises `TransientError` (429, 5xx, network, unreadable body) or `PermanentError` (401, 403, other 4xx: a
    person must mend something).
    """

    def order(self, order_id: str) -> OmsOrder | None:
        """Return one order by its VTEX id, None where the OMS does not know it."""

    def feed(self) -> tuple[FeedEntry, ...]:
        """Return the feed's next events, at most `MOST_FEED_ENTRIES`; those that are not committed come again later."""

    def commit(self, handles: Sequence[str]) -> None:
        """Take events out of the feed; only once they are safe."""


class PickAndPack(Protocol):
    """One store's VTEX Pick and Pack (contracts/pick-and-pack.md); raises as `Oms` does."""

    def status(self, order_id: str) -> str | None:
        """Return an order's fulfilment status by its VTEX id, None: it is no order of Pick and Pack."""
