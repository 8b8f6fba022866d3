"""Reconcile: what SkyHub lists as collectable but the ledger does not know, or still awaits, is found and followed.

It needs no event: with every hook, push and feed lost, an order that SkyHub lists is read from the OMS, and requested
if the OMS says that it is complete. Without an OMS an operator sees it.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace

import structlog

from worker.domain.codes import LedgerId, identify, remote_codes
from worker.domain.facts import SkyHubOrder
from worker.domain.order import Attention, Order, Status
from worker.domain.policy import Policy
from worker.domain.progress import unlisted
from worker.domain.reconciling import awaited, named, opened, waiting_long, waits_long
from worker.ports import Change, Drain, Lease, Ledger, OwnedBy, PermanentError, Reconciled, Saved, SkyHub, Standing
from worker.telemetry import Log
from worker.usecases.open_list import read_open
from worker.usecases.rewriting import CHUNK, rewrite
from worker.usecases.store_trouble import Rest, may_call, pause
from worker.usecases.taking_turns import take_turn

log = structlog.get_logger()

# More orders than a store will ever have.
_ALL = 1_000_000_000


@dataclass(slots=True)
class Outcome:
    """What was found, None where nothing could be looked at, and the rest that SkyHub asks for.

    `drains` have work now.
    """

    found: Reconciled | None = None
    drains: set[Drain] = field(default_factory=set)
    rest: Rest | None = None


@dataclass(slots=True)
class Reconcile:
    """One store's look at all that SkyHub lists."""

    ledger: Ledger
    skyhub: SkyHub
    policy: Policy
    draw: Callable[[], float]
    stop: Callable[[], bool]
    done: Outcome = field(default_factory=Outcome)
    _now: int = 0
    _found: Reconciled = field(default_factory=Reconciled)

    def run(self, token: str) -> Outcome:
        """Look once; `token` is the bearer's, if a rest announced this run."""
        schedule = self.policy.schedule
        turn = take_turn(self.ledger, Drain.RECONCILE, schedule, self._reconcile, token=token, draw=self.draw)
        self.done.rest = turn.rest
        return self.done

    def _reconcile(self, lease: Lease, standing: Standing) -> None:
        if not may_call(self.ledger, self.skyhub, standing.pause, self.policy.schedule, standing.now):
            return
        try:
            self._look(lease)
        except PermanentError as error:
            pause(self.ledger, self.ledger.standing(Drain.RECONCILE).pause, self.policy.schedule, error.reason)
        except _CutError:
            log.info(Log.ROUND_HALTED, drain=Drain.RECONCILE)

    def _look(self, lease: Lease) -> None:
        self._now = self.ledger.now()  # the date of all that the list shows
        codes = read_open(lambda page: self._page(lease, page))
        self._found = Reconciled(listed=len(codes))
        unknown = self._follow_known(codes)
        if unknown:
            self._open(lease, unknown)
        rewrite(self.ledger, self.ledger.attention_ids(0, _ALL), lambda order: unlisted(order, codes, self._now))
        self._look_at_waiting()
        self.ledger.save_reconciled(self._found)
        self.done.found = replace(self._found, at=self._now)
        log.info(Log.STORE_RECONCILED, **_counts(self._found))

    def _page(self, lease: Lease, page: int) -> tuple[str, ...]:
        self._go_on(lease)
        return self.skyhub.collectables(requested=False, page=page)

    def _go_on(self, lease: Lease) -> None:
        if self.stop() or not lease.renew():
            raise _CutError

    def _follow_known(self, codes: Collection[str]) -> set[str]:
        """Follow the listed orders that the ledger knows; returns the codes that nobody owns."""
        listed = sorted(codes)
        unknown = set(listed)
        for start in range(0, len(listed), CHUNK):
            owners = self.ledger.load((), listed[start : start + CHUNK])[1]
            known, _ = self.ledger.load(owners.values())
            unknown -= {code for code, owner in owners.items() if owner in known}
            changed = rewrite(self.ledger, known, lambda order: awaited(order, self.policy, self._now))
            self._note(changed)
            left = known.keys() - {order.order_id for order in changed}
            still = sum(Attention.COLLECTABLE_BUT_UNKNOWN in known[order_id].order.flags for order_id in left)
            self._found = replace(self._found, flagged=self._found.flagged + still)
        return unknown

    def _open(self, lease: Lease, unknown: set[str]) -> None:
        """Open the orders of these codes under the names that SkyHub's list of invoiced orders gives them."""
        number = seen = 0
        while unknown:
            self._go_on(lease)
            number += 1
            page = self.skyhub.invoiced_orders(number)
            seen += len(page.orders)
            for found in page.orders:
                mine = [code for code in _codes(found, self.policy) if code in unknown]
                if mine:
                    unknown.discard(mine[0])
                    self._open_one(mine[0], found)
            if seen >= page.total or not page.orders:
                break
        for code in sorted(unknown):
            self._open_one(code, None)

    def _open_one(self, code: str, found: SkyHubOrder | None) -> None:
        ref = identify(found.code if found is not None else code, self.policy.affiliate)
        order_id = ref.value if isinstance(ref, LedgerId) else code
        order = opened(order_id, code, found, self.policy, self._now)
        result = self.ledger.save([Change(order=order, version=0)])[0]
        if isinstance(result, OwnedBy):  # whoever goes by this code takes what is told of it, as with events
            order_id = result.order_id
            order = opened(order_id, code, found, self.policy, self._now)
            result = self.ledger.save([Change(order=order, version=0)])[0]
        if isinstance(result, Saved):
            self._found = replace(self._found, opened=self._found.opened + 1)
            self._note([order])
            return
        # Known by its id, but not by this code; or somebody opened it since.
        self._note(rewrite(self.ledger, [order_id], lambda known: self._named(known, found)))

    def _named(self, order: Order, found: SkyHubOrder | None) -> Order:
        if found is not None:
            order = named(order, found, self.policy, self._now)
        return awaited(order, self.policy, self._now)

    def _look_at_waiting(self) -> None:
        start = 0
        while ids := self.ledger.order_ids(Status.WAITING, start, CHUNK):
            start += len(ids)
            flagged = rewrite(self.ledger, ids, lambda order: waiting_long(order, self.policy, self._now))
            self._found = replace(self._found, waiting_long=self._found.waiting_long + len(flagged))
            self._note_drains(flagged)
            newest = self.ledger.load(ids[-1:])[0].get(ids[-1])
            if newest is not None and not waits_long(newest.order, self.policy, self._now):
                return  # the index is in the order of their waiting: those behind are younger

    def _note(self, orders: Iterable[Order]) -> None:
        orders = list(orders)
        rereads = sum(order.reread_at is not None for order in orders)
        flagged = sum(Attention.COLLECTABLE_BUT_UNKNOWN in order.flags for order in orders)
        self._found = replace(self._found, reread=self._found.reread + rereads, flagged=self._found.flagged + flagged)
        self._note_drains(orders)

    def _note_drains(self, orders: Iterable[Order]) -> None:
        for order in orders:
            if order.reread_at is not None:
                self.done.drains.add(Drain.REREAD)
            if order.learn_at is not None:
                self.done.drains.add(Drain.LEARN)
            if order.status is Status.DUE:
                self.done.drains.add(Drain.PICKUPS)


class _CutError(Exception):
    """The process ends, or the lease is another's."""


def _codes(found: SkyHubOrder, policy: Policy) -> tuple[str, ...]:
    """Return the remote codes by which SkyHub's list may name this order, the surest first."""
    if found.remote_code:
        return (found.remote_code,)
    ref = identify(found.code, policy.affiliate)
    return remote_codes(ref.value, policy.affiliate)[:1] if isinstance(ref, LedgerId) else ()


def _counts(found: Reconciled) -> dict[str, int]:
    return {
        "listed": found.listed,
        "opened": found.opened,
        "reread": found.reread,
        "flagged": found.flagged,
        "waiting_long": found.waiting_long,
    }
