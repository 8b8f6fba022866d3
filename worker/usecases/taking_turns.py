"""A drain's run: one at a time a store, not while it rests, and with a rest where its counterparty is in trouble."""

from collections.abc import Callable
from dataclasses import dataclass

import structlog

from worker.domain.retry import Schedule
from worker.ports import Drain, Lease, Ledger, PermanentError, Standing, TransientError
from worker.telemetry import Log
from worker.usecases.store_trouble import Rest, rest

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Turn:
    """Whether the job was done to its end, and the rest that it asks for."""

    done: bool
    rest: Rest | None = None


def take_turn(
    ledger: Ledger,
    drain: Drain,
    schedule: Schedule,
    job: Callable[[Lease, Standing], None],
    *,
    token: str,
    draw: Callable[[], float],
) -> Turn:
    """Run a job that asks somebody else than SkyHub, unless its drain is held or rests.

    `token` is the bearer's, if a rest announced this run. A counterparty that refuses us is asked again like one that
    is down, and shown: it stops no SkyHub call.
    """
    ledger.clear_hint(drain)
    standing = ledger.standing(drain)
    backoff = standing.backoff
    left = backoff.until - standing.now
    if left > 0:
        return Turn(done=False, rest=Rest(token, left) if backoff.token == token else None)
    lease = ledger.lease(drain)
    if lease is None:
        return Turn(done=False)
    try:
        job(lease, standing)
    except TransientError as error:
        return Turn(done=False, rest=rest(ledger, drain, backoff, schedule, error, token, draw()))
    except PermanentError as error:
        log.warning(Log.STORE_REFUSED, drain=drain, reason=error.reason)
        again = TransientError(error.reason, schedule.probe / 1000)
        return Turn(done=False, rest=rest(ledger, drain, backoff, schedule, again, token, draw()))
    finally:
        lease.release()
    if backoff.tries:
        ledger.clear_backoff(drain)
    return Turn(done=True)
