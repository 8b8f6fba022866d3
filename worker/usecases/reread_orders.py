"""Read orders again from the VTEX OMS: one snapshot can complete an order whose events were all missed."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import assert_never

import structlog

from worker.domain.activity import invoices_received
from worker.domain.bounds import OUTGROWN, outgrows
from worker.domain.facts import OmsOrder
from worker.domain.learning import reread, unasked, unread
from worker.domain.order import Order, Status
from worker.domain.policy import Policy
from worker.domain.wishes import oms_id
from worker.ports import Change, Drain, Lease, Ledger, Oms, PermanentError, Saved, Standing, Stored, TransientError
from worker.telemetry import Log
from worker.usecases.next_drains import Done, drains_of
from worker.usecases.taking_turns import take_turn, wishes_left

log = structlog.get_logger()

# Wishes taken into one run; what it does not reach waits in the index.
_MOST_WISHES = 5_000
# Reads side by side: at 0.2 s a read 40 a second, of the 100 that the OMS allows ("GET order").
_AT_ONCE = 8


class _Nobody(Enum):
    """There is no OMS to ask, or no id to ask it by."""

    ASKED = auto()


Told = OmsOrder | None | TransientError | PermanentError | _Nobody


@dataclass(slots=True, kw_only=True)
class Reread(Done):
    """How many orders were read, how many of them are due."""

    orders: int = 0
    due: int = 0


@dataclass(slots=True)
class RereadOrders:
    """One store's drain of the wish to read its OMS; `oms` is None where the store has none (any more)."""

    ledger: Ledger
    oms: Oms | None
    policy: Policy
    draw: Callable[[], float]
    late: Callable[[], bool]
    done: Reread = field(default_factory=Reread)

    def run(self, token: str) -> Reread:
        """Read what is wanted now; `token` is the bearer's, if this run was announced by a rest."""
        schedule = self.policy.schedule
        turn = take_turn(self.ledger, Drain.REREAD, schedule, self._reread, token=token, draw=self.draw)
        self.done.rest = turn.rest
        if turn.done:
            if wishes_left(self.ledger, Drain.REREAD):
                self.done.drains.add(Drain.REREAD)
            log.info(Log.ORDERS_REREAD, orders=self.done.orders, due=self.done.due, **self.done.told)
        return self.done

    def _reread(self, lease: Lease, standing: Standing) -> bool:
        wanted = self.ledger.wishes(Drain.REREAD, standing.now, _MOST_WISHES)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for start in range(0, len(wanted), _AT_ONCE):
                if self.late() or not lease.renew():
                    break
                self._read(list(self.ledger.load(wanted[start : start + _AT_ONCE])[0].values()), pool)
        return True

    def _read(self, stored: Sequence[Stored], pool: ThreadPoolExecutor) -> None:
        """Read these orders side by side and save what was told; raises the trouble that one of them met."""
        read_at = self.ledger.now()
        # Each in the context of this run: its store and trace are those of the calls.
        asked = [pool.submit(copy_context().run, self._ask, each.order) for each in stored]
        told = [each.result() for each in asked]
        now = self.ledger.now()
        self._save(
            [
                Change(order=taken, version=each.version, invoices=invoices_received(each.order, taken))
                for each, answer in zip(stored, told, strict=True)
                for taken in [self._taken(each.order, answer, read_at, now)]
            ]
        )
        for answer in told:
            if isinstance(answer, TransientError | PermanentError):
                raise answer

    def _ask(self, order: Order) -> Told:
        name = oms_id(order, self.policy)
        if self.oms is None or not name:
            return _Nobody.ASKED
        try:
            return self.oms.order(name)
        except (TransientError, PermanentError) as error:
            return error

    def _taken(self, order: Order, told: Told, read_at: int, now: int) -> Order:
        """Return the order as it is now; one that the OMS cannot tell about is put off, and keeps no other from it."""
        match told:
            case _Nobody():
                return unasked(order, self.policy, now)
            case TransientError(reason=reason) | PermanentError(reason=reason):
                return unread(order, reason, self.policy)
            case OmsOrder() | None:
                taken = reread(order, told, read_at, self.policy, now)
                if outgrows(taken, order):
                    return unread(order, OUTGROWN, self.policy)
                if told is None:
                    log.warning(Log.ORDER_UNKNOWN, order_id=order.order_id, reason=taken.last_error)
                return taken
            case _:
                assert_never(told)

    def _save(self, changes: Sequence[Change]) -> None:
        # What another writer was faster with stays in the index and comes again.
        for change, result in zip(changes, self.ledger.save(changes), strict=True):
            if isinstance(result, Saved):
                self.done.orders += 1
                self.done.note(change.order)
                self.done.due += change.order.status is Status.DUE
                self.done.drains |= drains_of(change.order) - {Drain.REREAD}
