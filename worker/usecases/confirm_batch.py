"""Request the pickups of one batch, once in effect: the whole of "never twice".

A claim is saved first, under the drain's lease and with the idempotency key of each pickup; then the call is made, only
if both leases outlive it; then its outcome is settled with the claim's token. Who dies on the way leaves a claim whose
lease ends, and the order in doubt (`after_restart.take_back`). The three steps are called by `confirm_batches`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

import structlog

from worker.domain.confirmation import Accepted, Cause, NoEffect, Outcome, Refused, Unclear, WrongCall
from worker.domain.order import Order, Status
from worker.domain.pickups import Confirm
from worker.domain.policy import Policy
from worker.domain.progress import claim, requested, same_pickup, settle
from worker.ports import (
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
    Pause,
    PermanentError,
    Saved,
    SkyHub,
    Stored,
    TakeKey,
    TransientError,
)
from worker.telemetry import Log
from worker.usecases.taking_turns import CutError
from worker.usecases.tell_moved import tell_moved

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Claimed:
    """A batch that is claimed: its orders, the claim's token, and when the claim's lease ends by our own clock."""

    orders: Sequence[Stored]
    token: str
    ends: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmBatch:
    """What confirming needs; `call_seconds` is the total timeout of a call to SkyHub.

    `draw` gives random numbers in [0, 1), `clock` seconds that suspend does not stop, `token` a new claim's name.
    """

    ledger: Ledger
    skyhub: SkyHub
    call_seconds: float = 20.0
    token: Callable[[], str]
    draw: Callable[[], float]
    clock: Callable[[], float]

    def claim(self, batch: Sequence[Confirm], versions: Mapping[str, int], lease: Lease, policy: Policy) -> Claimed:
        """Claim the batch over the versions that were decided on; what comes back may be less, or nothing.

        Raises `CutError` where the right to claim is gone.
        """
        token, now = self.token(), self.ledger.now()
        claim_ends = self.clock() + policy.claim_ms / 1000
        claims = [claim(each.order, each.code, token, len(batch), policy, now) for each in batch]
        return Claimed(self._claim(claims, versions, lease, token), token, claim_ends)

    def send(self, claimed: Claimed, lease: Lease) -> Outcome:
        """Send what was claimed: the only step that touches no ledger, so that it may be made in a thread."""

        def may_send() -> bool:
            return lease.outlives(self.call_seconds) and claimed.ends - self.clock() > self.call_seconds

        log.info(Log.PICKUPS_CLAIMED, order_ids=[stored.order.order_id for stored in claimed.orders])
        return self.skyhub.confirm([stored.order.remote_code for stored in claimed.orders], may_send)

    def settle(self, claimed: Claimed, outcome: Outcome, policy: Policy, before: Pause) -> int:
        """Settle what was sent by its outcome; returns how many orders SkyHub took.

        `before` is the pause as it was when the round began: the first success after one ends its growth.
        Raises `TransientError` and `PermanentError` where the outcome asks the drain to rest or the store to pause.
        """
        self._settle(claimed.orders, claimed.token, outcome, policy)
        return self._obey(outcome, [stored.order.order_id for stored in claimed.orders], before)

    def _claim(self, claims: Sequence[Order], versions: Mapping[str, int], lease: Lease, token: str) -> list[Stored]:
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
                    tell_moved([skipped])
                case KeyClosed():
                    settled = requested(order, "its idempotency key says that SkyHub has it", self.ledger.now())
                    self.ledger.save([Change(order=settled, version=change.version)])
                    tell_moved([settled])
                case Fenced(halt=halt):
                    log.warning(Log.ROUND_HALTED, halt=halt)
                    raise CutError(resume=False)
                case _:
                    pass  # Somebody changed the order since: the next round decides anew.
        return claimed

    def _settle(self, claimed: Sequence[Stored], token: str, outcome: Outcome, policy: Policy) -> None:
        """Apply the outcome to every order of the batch, however often other writers are faster."""
        left = list(claimed)
        while left:
            now = self.ledger.now()
            settled = [(known, settle(known.order, token, outcome, policy, now, self.draw())) for known in left]
            changes = [change_to(order, known.version) for known, order in settled if order is not known.order]
            results = self.ledger.save(changes)
            lost = [
                change.order.order_id
                for change, result in zip(changes, results, strict=True)
                if isinstance(result, Lost)
            ]
            left = list(self.ledger.load(lost)[0].values())

    def _obey(self, outcome: Outcome, orders: Sequence[str], before: Pause) -> int:
        """Do for the store what the outcome asks for; returns how many orders SkyHub took."""
        match outcome:
            case Accepted():
                log.info(Log.PICKUPS_CONFIRMED, order_ids=orders)
                pause = self.ledger.standing(Drain.PICKUPS).pause if before.growth else before
                if pause.growth and not pause.active:
                    self.ledger.resume(pause, growth=0)
                return len(orders)
            case Refused(message=message):
                log.warning(Log.PICKUPS_REFUSED, order_ids=orders, message=message)
                return 0
            case NoEffect(cause=Cause.NOT_SENT | Cause.UNREACHABLE | Cause.THROTTLED):
                log.warning(Log.PICKUPS_PUT_BACK, order_ids=orders, reason=outcome.reason)
                raise TransientError(outcome.reason, outcome.retry_after)
            case NoEffect() | WrongCall():
                log.warning(Log.PICKUPS_PUT_BACK, order_ids=orders, reason=outcome.reason)
                raise PermanentError(outcome.reason)
            case Unclear(reason=reason):
                log.warning(Log.PICKUPS_UNCLEAR, order_ids=orders, reason=reason)
                raise TransientError(reason, outcome.retry_after)
            case _:
                assert_never(outcome)


def change_to(order: Order, version: int) -> Change:
    """Return the save of an order; a found one closes its idempotency key, so that no later round can take it."""
    if order.status is not Status.REQUESTED:
        return Change(order=order, version=version)
    return Change(order=order, version=version, key=CloseKey(order.codes[0], order.round))
