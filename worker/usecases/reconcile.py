"""Reconcile: what SkyHub lists as collectable but the ledger does not know, or still awaits, is found and followed.

It needs no event: with every hook, push and feed lost, an order that SkyHub lists is read from the OMS, and requested
if the OMS says that it is complete. Without an OMS an operator sees it.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from functools import partial

import structlog

from worker.domain.addressing import code_in_list, id_in_list
from worker.domain.facts import SkyHubOrder
from worker.domain.order import Attention, Order, Status
from worker.domain.policy import Policy
from worker.domain.reconciling import awaited, followed, opened, waiting_long, waits_long
from worker.ports import Change, Drain, Lease, Ledger, OwnedBy, Reconciled, Saved, SkyHub, Standing
from worker.telemetry import Log
from worker.usecases.next_drains import Done, drains_of
from worker.usecases.rewriting import CHUNK, rewrite
from worker.usecases.skyhub_lists import invoiced_pages, read_open, take_flags_off
from worker.usecases.taking_turns import go_on, skyhub_turn

log = structlog.get_logger()


@dataclass(slots=True, kw_only=True)
class Looked(Done):
    """What was found, None where nothing could be looked at."""

    found: Reconciled | None = None


@dataclass(slots=True)
class Reconcile:
    """One store's look at all that SkyHub lists."""

    ledger: Ledger
    skyhub: SkyHub
    policy: Policy
    draw: Callable[[], float]
    stop: Callable[[], bool]
    done: Looked = field(default_factory=Looked)
    _now: int = 0
    _counts: Counter[str] = field(
        default_factory=lambda: Counter(listed=0, opened=0, reread=0, flagged=0, waiting_long=0)
    )

    def run(self, token: str) -> Looked:
        """Look once; `token` is the bearer's, if a rest announced this run."""
        turn = skyhub_turn(
            self.ledger, self.skyhub, Drain.RECONCILE, self.policy.schedule, self._look, token=token, draw=self.draw
        )
        self.done.rest = turn.rest
        return self.done

    def _look(self, lease: Lease, _standing: Standing) -> None:
        before_page = partial(go_on, lease, self.stop)
        self._now = self.ledger.now()  # the date of all that the list shows
        codes = read_open(self.skyhub, before_page)
        self._counts["listed"] = len(codes)
        unknown = self._follow_known(codes)
        if unknown:
            self._open(unknown, before_page)
        take_flags_off(self.ledger, codes, self._now)
        self._look_at_waiting()
        self.done.found = Reconciled(at=self._now, **self._counts)
        self.ledger.save_reconciled(self.done.found)
        log.info(Log.STORE_RECONCILED, **self._counts, **self.done.told)

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
            self._counts["flagged"] += sum(_flagged(known[order_id].order) for order_id in left)
        return unknown

    def _open(self, unknown: set[str], before_page: Callable[[], object]) -> None:
        """Open the orders of these codes under the names that SkyHub's list of invoiced orders gives them."""
        for orders, _ in invoiced_pages(self.skyhub, before_page):
            for found in orders:
                code = code_in_list(found, self.policy)
                if code in unknown:
                    unknown.remove(code)
                    self._open_one(code, found)
            if not unknown:
                return
        for code in sorted(unknown):
            self._open_one(code, None)

    def _open_one(self, code: str, found: SkyHubOrder | None) -> None:
        order_id = id_in_list(code, found, self.policy)
        order = opened(order_id, code, found, self.policy, self._now)
        result = self.ledger.save([Change(order=order, version=0)])[0]
        if isinstance(result, OwnedBy):  # whoever goes by this code takes what is told of it, as with events
            order_id = result.order_id
            order = opened(order_id, code, found, self.policy, self._now)
            result = self.ledger.save([Change(order=order, version=0)])[0]
        if isinstance(result, Saved):
            self._counts["opened"] += 1
            self._note([order])
            return
        # Known by its id, but not by this code; or somebody opened it since.
        self._note(rewrite(self.ledger, [order_id], lambda known: followed(known, found, self.policy, self._now)))

    def _look_at_waiting(self) -> None:
        start = 0
        while ids := self.ledger.order_ids(Status.WAITING, start, CHUNK):
            start += len(ids)
            flagged = rewrite(self.ledger, ids, lambda order: waiting_long(order, self.policy, self._now))
            self._counts["waiting_long"] += len(flagged)
            self._note_drains(flagged)
            newest = self.ledger.load(ids[-1:])[0].get(ids[-1])
            if newest is not None and not waits_long(newest.order, self.policy, self._now):
                return  # the index is in the order of their waiting: those behind are younger

    def _note(self, orders: Collection[Order]) -> None:
        self._counts["reread"] += sum(order.reread_at is not None for order in orders)
        self._counts["flagged"] += sum(map(_flagged, orders))
        self._note_drains(orders)

    def _note_drains(self, orders: Iterable[Order]) -> None:
        for order in orders:
            self.done.drains |= drains_of(order)
            self.done.note(order)


def _flagged(order: Order) -> bool:
    return Attention.COLLECTABLE_BUT_UNKNOWN in order.flags
