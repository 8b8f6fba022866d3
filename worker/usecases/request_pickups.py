"""Request pickups at SkyHub: check, then confirm; the lists decide (design, "Requesting pickups").

A round: take back claims whose lease is over, fix the set of due orders, read the lists, decide each order, then claim,
confirm and settle batch by batch. One round at a time a store, under the lease of the drain; in it at most two calls.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from functools import partial
from typing import assert_never

import structlog

from worker.domain.order import Status
from worker.domain.pickups import AskStatus, Become, Confirm, Lists, Wait, batches, by_status, decide
from worker.domain.policy import Policy
from worker.domain.progress import listed, not_collectable_yet, same_pickup
from worker.ports import (
    Change,
    Drain,
    KeyHeld,
    Lease,
    Ledger,
    PermanentError,
    PickAndPack,
    Saved,
    SkyHub,
    Standing,
    Stored,
    TransientError,
)
from worker.telemetry import Log
from worker.usecases.after_restart import is_trusted, take_back
from worker.usecases.await_packing import packed_ones
from worker.usecases.confirm_batch import ConfirmBatch, change_to
from worker.usecases.confirm_batches import confirm_batches
from worker.usecases.next_drains import Done
from worker.usecases.rewriting import CHUNK, rewrite
from worker.usecases.skyhub_lists import read_lists, take_flags_off
from worker.usecases.store_trouble import may_call, pause, rest
from worker.usecases.taking_turns import Begun, CutError, begin, go_on
from worker.usecases.tell_moved import tell_moved
from worker.usecases.two_at_a_time import Threads, two_threads

log = structlog.get_logger()

# Single questions a round: one takes a second and a half of SkyHub's patience.
_MOST_ASKED = 10
# Due orders that a round takes; the rest wait for the next one.
_MOST_DUE = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuning:
    """How a round is cut: orders a confirmation, and pages of `requested=true` that are read."""

    batch: int = 25
    requested_pages: int = 200


@dataclass(slots=True, kw_only=True)
class Requested(Done):
    """How many orders were confirmed."""

    confirmed: int = 0


class _Next(Enum):
    """What follows a round: another one, none, none that could do anything, or, with the lease given back, nothing."""

    AGAIN = auto()
    IDLE = auto()
    BLOCKED = auto()
    DONE = auto()


@dataclass(slots=True)
class RequestPickups:
    """One store's drain of due orders.

    `draw` gives random numbers in [0, 1). `stop` says that the process ends: it cuts a round between two calls. `late`
    says that this run was long enough: it never cuts a round. `threads` makes the second call of two.
    """

    ledger: Ledger
    skyhub: SkyHub
    policy: Policy
    tuning: Tuning
    confirming: ConfirmBatch
    draw: Callable[[], float]
    stop: Callable[[], bool]
    late: Callable[[], bool]
    packing: PickAndPack | None = None
    threads: Threads = two_threads
    done: Requested = field(default_factory=Requested)

    def run(self, token: str) -> Requested:
        """Do rounds until nothing is due; `token` is the bearer's, if a rest announced this run."""
        ledger = self.ledger
        begun = begin(ledger, Drain.PICKUPS, token)
        if not isinstance(begun, Begun):
            self.done.rest = begun
            return self.done
        ended = _Next.IDLE
        try:
            ended = self._rounds(begun, token)
        finally:
            if ended is not _Next.DONE:
                begun.lease.release()
        # Asked after the lease is free: whoever found it taken has left the work to this run.
        if ended in {_Next.AGAIN, _Next.IDLE} and self._load(ledger.due(ledger.now(), CHUNK)):
            self.done.drains.add(Drain.PICKUPS)
        return self.done

    def _rounds(self, begun: Begun, token: str) -> _Next:
        """Do rounds for as long as this run may and they find something to do; returns how it ended."""
        ledger, standing, following = self.ledger, begun.standing, _Next.AGAIN
        try:
            while following is _Next.AGAIN and not self.late():
                following = self._round(begun.lease, standing)
                if following is not _Next.BLOCKED and ledger.leave(begun.lease):
                    return _Next.DONE
                if following is _Next.AGAIN:
                    standing = ledger.standing(Drain.PICKUPS)
        except TransientError as error:
            schedule = self.policy.schedule
            self.done.rest = rest(ledger, Drain.PICKUPS, standing.backoff, schedule, error, token, self.draw())
        except PermanentError as error:
            pause(ledger, ledger.standing(Drain.PICKUPS).pause, self.policy.schedule, error.reason)
        except CutError as cut:
            return _Next.IDLE if cut.resume else _Next.BLOCKED
        else:
            if following is _Next.BLOCKED:
                ledger.hint(Drain.PICKUPS)  # as if one were on its way: it could do nothing, for each order that is due
            return following
        return _Next.BLOCKED

    def _round(self, lease: Lease, standing: Standing) -> _Next:
        """Do one round."""
        ledger, now = self.ledger, standing.now
        if standing.expired:
            take_back(ledger, self.policy, now)
        may = may_call(ledger, self.skyhub, standing.pause, self.policy.schedule, now)
        if not may or not is_trusted(ledger, self.policy, standing):
            return _Next.BLOCKED
        if standing.pause.active:  # A probe has just ended the pause: its length counts from now on.
            standing = ledger.standing(Drain.PICKUPS)
        self.policy = replace(self.policy, paused_ms=standing.pause.total_ms, changed_at=standing.changed_at)
        before_call = partial(go_on, lease, self.stop)
        due = self._load(ledger.due(now, _MOST_DUE)) if standing.due or standing.expired else []
        due, unasked = packed_ones(ledger, self.packing, self.policy, due, before_call, self.late)
        if not due:
            return _Next.AGAIN if unasked else _Next.IDLE
        orders, pages = [stored.order for stored in due], self.tuning.requested_pages
        before_page = partial(go_on, lease, self.stop, sparing=True)
        lists, trouble = read_lists(ledger, self.skyhub, self.policy, orders, pages, before_page, self.threads)
        confirms, changes, absent = self._decide(due, lists, now)
        self._save(changes)
        versions = {stored.order.order_id: stored.version for stored in due}
        for took in confirm_batches(
            self.confirming,
            batches(confirms, self.tuning.batch),
            versions,
            lease,
            self.policy,
            before=standing.pause,
            before_call=before_call,
            threads=self.threads,
        ):
            self.done.confirmed += took
        self._notice(lists.open, due, standing)
        self._ask(absent, before_call)
        if trouble is not None:
            raise trouble
        if standing.backoff.tries:
            ledger.clear_backoff(Drain.PICKUPS)
        log.info(Log.ROUND_FINISHED, due=len(due), listed=len(lists.open), confirmed=self.done.confirmed)
        again = confirms or changes or unasked or lists.taken_since is None
        return _Next.AGAIN if again else _Next.IDLE

    def _decide(
        self, due: Sequence[Stored], lists: Lists, now: int
    ) -> tuple[list[Confirm], list[Change], list[Stored]]:
        """Return what to confirm, what to save, and the orders that only their status at SkyHub can decide."""
        confirms: list[Confirm] = []
        changes: list[Change] = []
        absent: list[Stored] = []
        for stored in due:
            verdict = decide(stored.order, lists, self.policy, now)
            match verdict:
                case Confirm():
                    confirms.append(verdict)
                case Become(order=order):
                    changes.append(change_to(order, stored.version))
                case AskStatus():
                    absent.append(stored)
                case Wait():
                    pass
                case _:
                    assert_never(verdict)
        return confirms, changes, absent

    def _notice(self, open_codes: Collection[str], due: Sequence[Stored], standing: Standing) -> None:
        """Look at the orders that SkyHub lists as collectable although this round was not about them."""
        ours = {code for stored in due for code in stored.order.codes}
        others = sorted(code for code in open_codes if code not in ours)
        for start in range(0, len(others), CHUNK):
            _, owners = self.ledger.load((), others[start : start + CHUNK])
            tell_moved(rewrite(self.ledger, owners.values(), lambda order: listed(order, self.policy, standing.now)))
        if standing.flagged:
            take_flags_off(self.ledger, open_codes, standing.now)

    def _ask(self, absent: Iterable[Stored], before_call: Callable[[], object]) -> None:
        """Ask SkyHub about orders of which its lists tell too little: a call an order, so only some of many a round.

        The others are put off as not collectable yet; chance decides, so that each has its turn.
        """
        waiting = list(absent)
        first = int(self.draw() * len(waiting))
        waiting = waiting[first:] + waiting[:first]
        self._put_off(waiting[_MOST_ASKED:])
        for stored in waiting[:_MOST_ASKED]:
            before_call()
            try:
                found = self.skyhub.order(stored.order.skyhub_code)
            except (TransientError, PermanentError):
                # An order that SkyHub cannot tell about must not keep the round from all the others.
                self._put_off([stored])
                raise
            self._save([change_to(by_status(stored.order, found, self.policy, self.ledger.now()), stored.version)])

    def _put_off(self, absent: Sequence[Stored]) -> None:
        now = self.ledger.now()
        missed = [not_collectable_yet(stored.order, self.policy, now, listed=False) for stored in absent]
        self._save([change_to(order, stored.version) for order, stored in zip(missed, absent, strict=True)])

    def _load(self, ids: Sequence[str]) -> list[Stored]:
        stored: list[Stored] = []
        for start in range(0, len(ids), CHUNK):
            stored += self.ledger.load(ids[start : start + CHUNK])[0].values()
        return [known for known in stored if known.order.status is Status.DUE]

    def _save(self, changes: Sequence[Change]) -> None:
        """Save what was decided; an order that another writer was faster with is decided anew in the next round."""
        for start in range(0, len(changes), CHUNK):
            chunk = changes[start : start + CHUNK]
            results = self.ledger.save(chunk)
            tell_moved(change.order for change, result in zip(chunk, results, strict=True) if isinstance(result, Saved))
            for change, result in zip(chunk, results, strict=True):
                if isinstance(result, KeyHeld):
                    order = same_pickup(change.order, result.order_id, self.ledger.now())
                    self.ledger.save([Change(order=order, version=change.version)])
                    tell_moved([order])
