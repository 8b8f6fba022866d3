"""Learn facts of orders from SkyHub: carrier, codes and, where no event named them, items.

Every order that wants facts is learned in the same go: page by page from the list of invoiced orders where that takes
fewer calls, and one by one otherwise.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import structlog

from worker.domain.codes import LedgerId, identify, is_siteless
from worker.domain.facts import SkyHubOrder
from worker.domain.learning import learn, unlearned
from worker.domain.order import Status
from worker.domain.policy import Policy
from worker.domain.wishes import learns_from_list
from worker.ports import (
    Change,
    Drain,
    Lease,
    Ledger,
    PermanentError,
    Saved,
    SkyHub,
    Standing,
    Stored,
    TransientError,
)
from worker.telemetry import Log
from worker.usecases.next_drains import Done, drains_of
from worker.usecases.skyhub_lists import invoiced_pages
from worker.usecases.taking_turns import CutError, go_on, skyhub_turn, wishes_left

log = structlog.get_logger()

# As many orders are asked for one by one before the list is worth a look.
_FEW = 3
# Pages that are read for one order which only the list can tell about.
_MOST_PAGES = 100
# Wishes taken into one go: what the longest list pass can serve.
_MOST_WISHES = 20_000


@dataclass(slots=True, kw_only=True)
class Learned(Done):
    """How many orders were learned, how many of them are due."""

    orders: int = 0
    due: int = 0


@dataclass(slots=True)
class LearnOrders:
    """One store's drain of the wish to learn.

    `stop` says that the process ends, `late` that this run was long enough: it cuts the single questions, while a
    list is read on as long as it is the cheaper way.
    """

    ledger: Ledger
    skyhub: SkyHub
    policy: Policy
    draw: Callable[[], float]
    stop: Callable[[], bool]
    late: Callable[[], bool]
    done: Learned = field(default_factory=Learned)

    def run(self, token: str) -> Learned:
        """Learn what is wanted now; `token` is the bearer's, if this run was announced by a rest."""
        turn = skyhub_turn(
            self.ledger, self.skyhub, Drain.LEARN, self.policy.schedule, self._learn, token=token, draw=self.draw
        )
        self.done.rest = turn.rest
        if turn.done and wishes_left(self.ledger, Drain.LEARN):
            self.done.drains.add(Drain.LEARN)
        if turn.done or self.done.orders:
            log.info(Log.ORDERS_LEARNED, orders=self.done.orders, due=self.done.due, **self.done.told)
        return self.done

    def _learn(self, lease: Lease, standing: Standing) -> None:
        now = standing.now
        wanted = dict.fromkeys(self.ledger.wishes(Drain.LEARN, now, _MOST_WISHES))
        # A code without its site cannot be asked for; only the list tells whose it is.
        siteless = sum(map(is_siteless, wanted))
        if len(wanted) > _FEW or siteless:
            self._from_list(lease, wanted, now, worth=len(wanted) + siteless * _MOST_PAGES)
        for order_id in wanted:
            if self.stop() or self.late() or not lease.renew():
                return
            stored = self.ledger.load([order_id])[0].get(order_id)
            if stored is not None:
                self._save([(stored, self._asked(stored))], now)

    def _asked(self, stored: Stored) -> SkyHubOrder | None:
        """Ask SkyHub for one order; one that it cannot tell about must not keep the others from being learned."""
        order = stored.order
        try:
            found = self.skyhub.order(order.skyhub_code)
        except (TransientError, PermanentError):
            self.ledger.save([Change(order=unlearned(order, self.policy), version=stored.version)])
            raise
        if found is None:
            log.warning(Log.ORDER_UNKNOWN, order_id=order.order_id, reason=f"SkyHub does not know {order.skyhub_code}")
        return found

    def _from_list(self, lease: Lease, wanted: dict[str, None], now: int, worth: int) -> None:
        """Read the list of invoiced orders while that takes fewer calls than it is `worth`; learned ones are popped."""
        with suppress(CutError):  # whoever asks for single orders next finds out, too, and leaves what is wished
            for orders, behind in invoiced_pages(self.skyhub, lambda: go_on(lease, self.stop)):
                learned = wanted.keys() & self._take_page(orders, now)
                worth -= len(learned)
                for order_id in learned:
                    del wanted[order_id]
                if not wanted or behind / len(orders) > worth:
                    return

    def _take_page(self, orders: Iterable[SkyHubOrder], now: int) -> list[str]:
        named = {}
        for order in orders:
            ref = identify(order.code, self.policy.affiliate)
            if isinstance(ref, LedgerId):
                named[ref.value] = order
        known, owners = self.ledger.load(named, [order.remote_code for order in named.values() if order.remote_code])
        others = {owners[order.remote_code]: order for order in named.values() if order.remote_code in owners}
        others = {order_id: order for order_id, order in others.items() if order_id not in known}
        known |= self.ledger.load(others)[0]
        named |= others
        news = [(stored, named[order_id]) for order_id, stored in known.items() if learns_from_list(stored.order)]
        self._save(news, now)
        return list(known)

    def _save(self, news: Sequence[tuple[Stored, SkyHubOrder | None]], now: int) -> None:
        changes = [
            Change(order=learn(stored.order, found, self.policy, now), version=stored.version) for stored, found in news
        ]
        # What another writer was faster with stays in the index of wishes and comes again.
        for change, result in zip(changes, self.ledger.save(changes), strict=True):
            if isinstance(result, Saved):
                self.done.orders += 1
                self.done.note(change.order)
                self.done.due += change.order.status is Status.DUE
                self.done.drains |= drains_of(change.order) - {Drain.LEARN}
