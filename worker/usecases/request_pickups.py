"""Request pickups at SkyHub: check, then confirm; the lists decide (design, "Requesting pickups").

A round: take back claims whose lease is over, fix the set of due orders, read the lists, decide each order, then batch
by batch claim, confirm and settle. One round at a time a store, under the lease of the drain.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import assert_never

import structlog

from worker.domain.confirmation import Accepted, Cause, NoEffect, Outcome, Refused, Unclear, WrongCall
from worker.domain.order import Order, Status
from worker.domain.pickups import (
    AskStatus,
    Become,
    Confirm,
    Lists,
    Wait,
    batches,
    by_status,
    decide,
    needs_taken,
)
from worker.domain.policy import Policy
from worker.domain.progress import (
    claim,
    expire,
    listed,
    not_collectable_yet,
    requested,
    same_pickup,
    settle,
    unknown_after_restart,
    unlisted,
)
from worker.ports import (
    Backoff,
    Change,
    CloseKey,
    Drain,
    Fenced,
    KeyClosed,
    KeyHeld,
    Lease,
    Ledger,
    Lost,
    OwnedBy,
    PermanentError,
    PickAndPack,
    Saved,
    Scan,
    SkyHub,
    Standing,
    Stored,
    TakeKey,
    TransientError,
)
from worker.telemetry import Log
from worker.usecases.await_packing import packed_ones
from worker.usecases.open_list import read_open
from worker.usecases.rewriting import CHUNK, rewrite
from worker.usecases.store_trouble import Rest, may_call, pause, rest

log = structlog.get_logger()

# Single questions a round: one takes a second and a half of SkyHub's patience.
_MOST_ASKED = 10
# Due orders that a round takes; the rest wait for the next one.
_MOST_DUE = 20_000
# More orders than a store will ever have.
_ALL = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuning:
    """How a round is cut. `call_seconds` is the total timeout of a call to SkyHub."""

    batch: int = 25
    call_seconds: float = 20.0
    requested_pages: int = 200


@dataclass(slots=True)
class Requested:
    """What a run did: orders confirmed and found, whether due orders are left, and the rest SkyHub asks for."""

    confirmed: int = 0
    found: int = 0
    more: bool = False
    rest: Rest | None = None


class _RoundOverError(Exception):
    """The round cannot go on; `resume` if another one should follow soon."""

    def __init__(self, *, resume: bool) -> None:
        super().__init__()
        self.resume = resume


class _Next(Enum):
    """What follows a round."""

    AGAIN = auto()
    IDLE = auto()
    BLOCKED = auto()


@dataclass(slots=True)
class RequestPickups:
    """One store's drain of due orders.

    `draw` gives random numbers in [0, 1), `clock` seconds that suspend does not stop. `stop` says that the process
    ends: it cuts a round between two calls. `late` says that this run was long enough: it never cuts a round.
    """

    ledger: Ledger
    skyhub: SkyHub
    policy: Policy
    tuning: Tuning
    token: Callable[[], str]
    draw: Callable[[], float]
    clock: Callable[[], float]
    stop: Callable[[], bool]
    late: Callable[[], bool]
    packing: PickAndPack | None = None
    done: Requested = field(default_factory=Requested)

    def run(self, token: str) -> Requested:
        """Do rounds until nothing is due; `token` is the bearer's, if a rest announced this run."""
        ledger = self.ledger
        ledger.clear_hint(Drain.PICKUPS)
        backoff = Backoff()
        standing = ledger.standing(Drain.PICKUPS)
        left = standing.backoff.until - standing.now
        if left > 0:
            self.done.rest = Rest(token, left) if standing.backoff.token == token else None
            return self.done
        lease = ledger.lease(Drain.PICKUPS)
        if lease is None:
            return self.done
        resume = False
        try:
            following = _Next.AGAIN
            while following is _Next.AGAIN and not self.late():
                standing = ledger.standing(Drain.PICKUPS)
                backoff = standing.backoff
                following = self._round(lease, standing)
            resume = following is not _Next.BLOCKED
        except TransientError as error:
            schedule = self.policy.schedule
            self.done.rest = rest(ledger, Drain.PICKUPS, backoff, schedule, error, token, self.draw())
        except PermanentError as error:
            pause(ledger, ledger.standing(Drain.PICKUPS).pause, self.policy.schedule, error.reason)
        except _RoundOverError as over:
            resume = over.resume
        finally:
            lease.release()
        # Asked after the lease is free: whoever found it taken has left the work to this run.
        self.done.more = resume and bool(self._load(ledger.due(ledger.now(), CHUNK)))
        return self.done

    # ---- a round

    def _round(self, lease: Lease, standing: Standing) -> _Next:
        """Do one round."""
        ledger, now = self.ledger, standing.now
        self._take_back(now)
        if not may_call(ledger, self.skyhub, standing.pause, self.policy.schedule, now) or not self._trusted(standing):
            return _Next.BLOCKED
        if standing.pause.active:  # A probe has just ended the pause: its length counts from now on.
            standing = ledger.standing(Drain.PICKUPS)
        self.policy = replace(self.policy, paused_ms=standing.pause.total_ms, changed_at=standing.changed_at)
        due = self._load(ledger.due(now, _MOST_DUE))
        due, unasked = packed_ones(ledger, self.packing, self.policy, due, lambda: self._go_on(lease), self.late)
        if not due:
            return _Next.AGAIN if unasked else _Next.IDLE
        lists, trouble = self._lists(lease, [stored.order for stored in due], now)
        confirms, changes, absent = self._decide(due, lists, now)
        self._save(changes)
        versions = {stored.order.order_id: stored.version for stored in due}
        for batch in batches(confirms, self.tuning.batch):
            self._confirm(lease, batch, versions, standing)
        self._notice(set(lists.open), due, now)
        self._ask(lease, absent)
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
                    changes.append(_change(order, stored.version))
                case AskStatus():
                    absent.append(stored)
                case Wait():
                    pass
                case _:
                    assert_never(verdict)
        return confirms, changes, absent

    def _trusted(self, standing: Standing) -> bool:
        """Whether what Redis says may be acted on; after a change of server only past a quarantine, in doubt."""
        if standing.doubted:
            return True
        until = standing.held_until(self.policy.quarantine_ms)
        if standing.now < until:
            log.warning(Log.SERVER_CHANGED, milliseconds_left=until - standing.now)
            return False
        due = self.ledger.order_ids(Status.DUE, 0, _ALL)
        doubted = len(rewrite(self.ledger, due, lambda order: unknown_after_restart(order, standing.now)))
        self.ledger.doubted(standing.changed_at)
        log.warning(Log.SERVER_CHANGED, doubted=doubted)
        return True

    def _take_back(self, now: int) -> None:
        while ids := self.ledger.expired(now, CHUNK):
            taken = len(rewrite(self.ledger, ids, lambda order: expire(order, self.policy, now)))
            log.warning(Log.CLAIMS_EXPIRED, orders=taken)
            if not taken:
                return

    def _load(self, ids: Sequence[str]) -> list[Stored]:
        stored: list[Stored] = []
        for start in range(0, len(ids), CHUNK):
            stored += self.ledger.load(ids[start : start + CHUNK])[0].values()
        return [known for known in stored if known.order.status is Status.DUE]

    def _save(self, changes: Sequence[Change]) -> None:
        """Save what was decided; an order that another writer was faster with is decided anew in the next round."""
        for start in range(0, len(changes), CHUNK):
            chunk = changes[start : start + CHUNK]
            for change, result in zip(chunk, self.ledger.save(chunk), strict=True):
                if isinstance(result, KeyHeld):
                    order = same_pickup(change.order, result.order_id, self.ledger.now())
                    self.ledger.save([Change(order=order, version=change.version)])
                if isinstance(result, Saved):
                    self.done.found += change.order.status is Status.REQUESTED

    # ---- the lists

    def _lists(self, lease: Lease, due: Sequence[Order], now: int) -> tuple[Lists, TransientError | None]:
        """Read `false` to its end, and `true` where an order needs it.

        Trouble with `true` keeps no certain order from its confirmation: it comes back beside what was read.
        """
        open_codes = read_open(lambda page: self._page(lease, page, requested=False))
        if not any(needs_taken(order, open_codes, self.policy, now) for order in due):
            return Lists(open_codes, taken_since=0), None
        scan, trouble = self._scan(lease)
        whole_since = scan.started_at if scan.whole else None
        return Lists(open_codes, scan.codes, whole_since, begun_at=scan.started_at), trouble

    def _scan(self, lease: Lease) -> tuple[Scan, TransientError | None]:
        """Read on in `requested=true`, at most a budget of pages, from where the last round stopped.

        A reading from before the change of server is begun anew: it may have missed what the new one forgot.
        """
        scan = self.ledger.scan()
        if scan is None or scan.started_at <= self.policy.changed_at:
            scan = Scan(self.ledger.now())
        trouble = None
        try:
            for _ in range(self.tuning.requested_pages):
                codes = self._page(lease, scan.next_page, requested=True)
                if not codes:
                    self.ledger.save_scan(None)
                    return replace(scan, whole=True), None
                scan = replace(scan, next_page=scan.next_page + 1, codes=scan.codes | frozenset(codes))
        except TransientError as error:
            trouble = error
        self.ledger.save_scan(scan)
        return scan, trouble

    def _page(self, lease: Lease, page: int, *, requested: bool) -> tuple[str, ...]:
        self._go_on(lease)
        return self.skyhub.collectables(requested=requested, page=page)

    def _ask(self, lease: Lease, absent: Iterable[Stored]) -> None:
        """Ask SkyHub about orders of which its lists tell too little: a call an order, so only some of many a round.

        The others are put off as not collectable yet; chance decides, so that each has its turn.
        """
        waiting = list(absent)
        first = int(self.draw() * len(waiting))
        waiting = waiting[first:] + waiting[:first]
        now = self.ledger.now()
        put_off = [not_collectable_yet(s.order, self.policy, now, listed=False) for s in waiting[_MOST_ASKED:]]
        self._save([_change(order, s.version) for order, s in zip(put_off, waiting[_MOST_ASKED:], strict=True)])
        for stored in waiting[:_MOST_ASKED]:
            self._go_on(lease)
            try:
                found = self.skyhub.order(stored.order.skyhub_code)
            except (TransientError, PermanentError):
                # Put off: an order that SkyHub cannot tell about must not keep the round from all the others.
                missed = not_collectable_yet(stored.order, self.policy, self.ledger.now(), listed=False)
                self._save([_change(missed, stored.version)])
                raise
            self._save([_change(by_status(stored.order, found, self.policy, self.ledger.now()), stored.version)])

    def _notice(self, open_codes: Collection[str], due: Sequence[Stored], now: int) -> None:
        """Look at the orders that SkyHub lists as collectable although this round was not about them."""
        ours = {code for stored in due for code in stored.order.codes}
        others = sorted(code for code in open_codes if code not in ours)
        for start in range(0, len(others), CHUNK):
            _, owners = self.ledger.load((), others[start : start + CHUNK])
            rewrite(self.ledger, owners.values(), lambda order: listed(order, self.policy, now))
        rewrite(self.ledger, self.ledger.attention_ids(0, _ALL), lambda order: unlisted(order, open_codes, now))

    def _go_on(self, lease: Lease) -> None:
        """Prolong the lease before each call; the round is over if the process ends or the lease is another's."""
        if self.stop() or not lease.renew():
            raise _RoundOverError(resume=self.stop())

    # ---- confirming

    def _confirm(self, lease: Lease, batch: Sequence[Confirm], versions: dict[str, int], standing: Standing) -> None:
        """Claim one batch, send it and settle it."""
        self._go_on(lease)
        token, now = self.token(), self.ledger.now()
        claim_ends = self.clock() + self.policy.claim_ms / 1000
        claims = [claim(each.order, each.code, token, len(batch), self.policy, now) for each in batch]
        claimed = self._claim(lease, claims, versions, token)
        if not claimed:
            return
        seconds = self.tuning.call_seconds

        def may_send() -> bool:
            return lease.outlives(seconds) and claim_ends - self.clock() > seconds

        outcome = self.skyhub.confirm([stored.order.remote_code for stored in claimed], may_send)
        self._settle(claimed, token, outcome)
        self._obey(outcome, claimed, standing)

    def _claim(self, lease: Lease, claims: Sequence[Order], versions: dict[str, int], token: str) -> list[Stored]:
        """Save the claims, each with its idempotency key; returns those that are ours."""
        changes = [
            Change(order=order, version=versions[order.order_id], key=TakeKey(order.remote_code, order.round, token))
            for order in claims
        ]
        claimed: list[Stored] = []
        for change, result in zip(changes, self.ledger.save(changes, lease, claiming=True), strict=True):
            order = change.order
            match result:
                case Saved(version=version):
                    claimed.append(Stored(order, version))
                case KeyHeld(order_id=owner) | OwnedBy(order_id=owner):
                    skipped = same_pickup(order, owner, self.ledger.now())
                    self.ledger.save([Change(order=skipped, version=change.version)])
                case KeyClosed():
                    settled = requested(order, "its idempotency key says that SkyHub has it", self.ledger.now())
                    self.ledger.save([Change(order=settled, version=change.version)])
                case Fenced(halt=halt):
                    log.warning(Log.ROUND_HALTED, halt=halt)
                    raise _RoundOverError(resume=False)
                case _:
                    pass  # Somebody changed the order since: the next round decides anew.
        return claimed

    def _settle(self, claimed: Sequence[Stored], token: str, outcome: Outcome) -> None:
        """Apply the outcome to every order of the batch, however often other writers are faster."""
        left = list(claimed)
        while left:
            now = self.ledger.now()
            settled = [(known, settle(known.order, token, outcome, self.policy, now, self.draw())) for known in left]
            changes = [_change(order, known.version) for known, order in settled if order is not known.order]
            results = self.ledger.save(changes)
            lost = [
                change.order.order_id
                for change, result in zip(changes, results, strict=True)
                if isinstance(result, Lost)
            ]
            left = list(self.ledger.load(lost)[0].values())

    def _obey(self, outcome: Outcome, claimed: Sequence[Stored], standing: Standing) -> None:
        """Do for the store what the outcome asks for."""
        orders = [stored.order.order_id for stored in claimed]
        match outcome:
            case Accepted():
                self.done.confirmed += len(orders)
                log.info(Log.PICKUPS_CONFIRMED, orders=orders)
                before = self.ledger.standing(Drain.PICKUPS).pause if standing.pause.growth else standing.pause
                if before.growth and not before.active:
                    self.ledger.resume(before, growth=0)
            case Refused(message=message):
                log.warning(Log.PICKUPS_REFUSED, orders=orders, message=message)
            case NoEffect(cause=Cause.NOT_SENT | Cause.UNREACHABLE | Cause.THROTTLED):
                raise TransientError(outcome.reason, outcome.retry_after)
            case NoEffect() | WrongCall():
                raise PermanentError(outcome.reason)
            case Unclear(reason=reason):
                log.warning(Log.PICKUPS_UNCLEAR, orders=orders, reason=reason)
                raise TransientError(reason, outcome.retry_after)
            case _:
                assert_never(outcome)


def _change(order: Order, version: int) -> Change:
    """Return the save of an order; a found one closes its idempotency key, so that no later round can take it."""
    if order.status is not Status.REQUESTED:
        return Change(order=order, version=version)
    return Change(order=order, version=version, key=CloseKey(order.codes[0], order.round))
