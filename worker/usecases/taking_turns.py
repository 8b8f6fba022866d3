"""A drain's run: one at a time a store, not while it rests, and with a rest where its counterparty is in trouble."""

from collections.abc import Callable
from dataclasses import dataclass

import structlog

from worker.domain.retry import Schedule
from worker.ports import Drain, Lease, Ledger, PermanentError, SkyHub, Standing, TransientError
from worker.telemetry import Log
from worker.usecases.store_trouble import Rest, may_call, pause, rest

log = structlog.get_logger()

_A_LOOK = 100
# Of a lease of 30 s, 29 are left: a round at a quick counterparty saves the round trip before each page.
_FRESH = 29 / 30


@dataclass(frozen=True, slots=True)
class Begun:
    """The drain is this run's: its lease, and how the store stood."""

    lease: Lease
    standing: Standing


@dataclass(frozen=True, slots=True)
class Turn:
    """Whether the job did its work, and the rest that it asks for."""

    done: bool
    rest: Rest | None = None


class CutError(Exception):
    """The work cannot go on; `resume` if another run should follow soon."""

    def __init__(self, *, resume: bool) -> None:
        super().__init__()
        self.resume = resume


def begin(ledger: Ledger, drain: Drain, token: str) -> Begun | Rest | None:
    """Take the drain; else the rest that the bearer of `token` must wait for, or None: it is another's to come back."""
    standing, lease = ledger.begin(drain)
    left = standing.backoff.until - standing.now
    if left > 0:
        return Rest(token, left) if standing.backoff.token == token else None
    return Begun(lease, standing) if lease is not None else None


def go_on(lease: Lease, stop: Callable[[], bool], *, sparing: bool = False) -> None:
    """Prolong the lease before a call; raises `CutError` if the process ends or the lease is another's.

    `sparing` is for a read, which rests on no lease: one that was taken or prolonged a moment ago is not prolonged.
    """
    if stop() or not ((sparing and lease.outlives(lease.seconds * _FRESH)) or lease.renew()):
        raise CutError(resume=stop())


def take_turn(
    ledger: Ledger,
    drain: Drain,
    schedule: Schedule,
    job: Callable[[Lease, Standing], bool],
    *,
    token: str,
    draw: Callable[[], float],
) -> Turn:
    """Run a job, unless its drain is held or rests; it says whether it was done.

    `token` is the bearer's, if a rest announced this run. A counterparty that refuses us is asked again like one that
    is down, and shown: it stops no SkyHub call.
    """
    begun = begin(ledger, drain, token)
    if not isinstance(begun, Begun):
        return Turn(done=False, rest=begun)
    backoff = begun.standing.backoff
    try:
        done = job(begun.lease, begun.standing)
    except TransientError as error:
        return Turn(done=False, rest=rest(ledger, drain, backoff, schedule, error, token, draw()))
    except PermanentError as error:
        log.warning(Log.STORE_REFUSED, drain=drain, reason=error.reason)
        again = TransientError(error.reason, schedule.probe / 1000)
        return Turn(done=False, rest=rest(ledger, drain, backoff, schedule, again, token, draw()))
    else:
        if done and backoff.tries:
            ledger.clear_backoff(drain)
        return Turn(done)
    finally:
        begun.lease.release()


def skyhub_turn(
    ledger: Ledger,
    skyhub: SkyHub,
    drain: Drain,
    schedule: Schedule,
    job: Callable[[Lease, Standing], None],
    *,
    token: str,
    draw: Callable[[], float],
) -> Turn:
    """Run a job that asks SkyHub, unless its drain is held or rests, or the store is paused.

    `token` is the bearer's, if a rest announced this run. A SkyHub that refuses the account pauses the store.
    """

    def unless_paused(lease: Lease, standing: Standing) -> bool:
        if not may_call(ledger, skyhub, standing.pause, schedule, standing.now):
            return False
        try:
            job(lease, standing)
        except PermanentError as error:
            pause(ledger, ledger.standing(drain).pause, schedule, error.reason)
            return False
        except CutError as cut:
            log.info(Log.ROUND_HALTED, drain=drain)
            return cut.resume
        return True

    return take_turn(ledger, drain, schedule, unless_paused, token=token, draw=draw)


def wishes_left(ledger: Ledger, drain: Drain) -> bool:
    """Whether orders wish something of this drain now.

    Asked when the lease is free: whoever found it taken has left the work to the run that had it.
    """
    return bool(ledger.load(ledger.wishes(drain, ledger.now(), _A_LOOK))[0])
