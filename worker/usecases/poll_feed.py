"""Poll the orders feed of a store's VTEX account: into the inbox first, then out of the feed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import structlog

from worker.domain.events import Announcer, OrderAnnounced
from worker.domain.policy import Policy
from worker.ports import (
    MOST_FEED_ENTRIES,
    Drain,
    FeedEntry,
    InboxFullError,
    Lease,
    Ledger,
    Oms,
    Standing,
    TransientError,
    Unreadable,
)
from worker.telemetry import Log
from worker.usecases.next_drains import Done
from worker.usecases.taking_turns import take_turn

log = structlog.get_logger()


@dataclass(slots=True, kw_only=True)
class Polled(Done):
    """How many events were taken out of the feed."""

    events: int = 0


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
            more = Drain.FEED in self.done.drains
            log.info(Log.FEED_POLLED, events=self.done.events, more=more, **self.done.told)
        return self.done

    def _poll(self, lease: Lease, standing: Standing) -> bool:
        while entries := self.oms.feed():
            self._keep(entries, standing.now)
            self.oms.commit([entry.handle for entry in entries])  # only now: what is not committed comes again
            self.done.events += len(entries)
            for entry in entries:
                self.done.named.add(entry.order_id)
            self.done.drains.add(Drain.INBOX)
            if len(entries) < MOST_FEED_ENTRIES:  # after a full answer there may be more
                break
            if self.late() or not lease.renew():
                self.done.drains.add(Drain.FEED)
                break
        return True

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
        try:
            self.ledger.append(events)
        except InboxFullError as error:
            raise TransientError(str(error)) from error
        why = "an event of the orders feed that names no order"
        self.ledger.reject([Unreadable(repr(entry), why) for entry in entries if not entry.order_id])
