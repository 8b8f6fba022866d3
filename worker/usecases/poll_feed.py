"""Poll the orders feed of a store's VTEX account: into the inbox first, then out of the feed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import structlog

from worker.domain.events import Announcer, OrderAnnounced
from worker.domain.policy import Policy
from worker.ports import Drain, FeedEntry, InboxFullError, Lease, Ledger, Oms, Standing, TransientError, Unreadable
from worker.telemetry import Log
from worker.usecases.store_trouble import Rest
from worker.usecases.taking_turns import take_turn

log = structlog.get_logger()

# What VTEX gives at most in one answer: after a full one there may be more.
_FULL = 10


@dataclass(slots=True)
class Polled:
    """How many events were taken out of the feed, whether more may wait there, and the rest that it asks for."""

    events: int = 0
    more: bool = False
    rest: Rest | None = None


@dataclass(slots=True)
class PollFeed:
    """One store's drain of its feed."""

    ledger: Ledger
    oms: Oms
    policy: Policy
    draw: Callable[[], float]
    late: Callable[[], bool]
    done: Polled = field(default_factory=Polled)

    def run(self, token: str) -> Polled:
        """Take events until the feed gives no full page; `token` is the bearer's, if a rest announced this run."""
        schedule = self.policy.schedule
        turn = take_turn(self.ledger, Drain.FEED, schedule, self._poll, token=token, draw=self.draw)
        self.done.rest = turn.rest
        if self.done.events:
            log.info(Log.FEED_POLLED, events=self.done.events, more=self.done.more)
        return self.done

    def _poll(self, lease: Lease, standing: Standing) -> None:
        entries = self.oms.feed()
        while entries:
            self._keep(entries, standing.now)
            self.oms.commit([entry.handle for entry in entries])  # only now: what is not committed comes again
            self.done.events += len(entries)
            if len(entries) < _FULL:
                return
            if self.late() or not lease.renew():
                self.done.more = True
                return
            entries = self.oms.feed()

    def _keep(self, entries: Sequence[FeedEntry], now: int) -> None:
        events = [
            OrderAnnounced(
                order_id=entry.order_id,
                occurred_at=entry.changed_at if entry.changed_at is not None else now,
                by=Announcer.FEED,
                state=entry.state,
                vtex_id=entry.order_id,
            )
            for entry in entries
            if entry.order_id
        ]
        nameless = [Unreadable(repr(entry), "an event of the orders feed that names no order") for entry in entries]
        try:
            self.ledger.append(events)
        except InboxFullError as error:
            raise TransientError(str(error)) from error
        self.ledger.reject([kept for entry, kept in zip(entries, nameless, strict=True) if not entry.order_id])
