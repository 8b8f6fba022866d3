"""What a drain does when SkyHub is in trouble or refuses the account: rest, or pause the store."""

from dataclasses import dataclass

import structlog

from worker.domain.retry import Schedule, probe, trouble
from worker.ports import AUTOMATIC, Backoff, Drain, Ledger, Pause, PermanentError, SkyHub, TransientError
from worker.telemetry import Log

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Rest:
    """The drain must rest; the bearer of `token` comes back after `delay_ms`."""

    token: str
    delay_ms: int


def rest(
    ledger: Ledger, drain: Drain, backoff: Backoff, schedule: Schedule, error: TransientError, token: str, draw: float
) -> Rest:
    """Let the drain rest, longer each time in a row."""
    decision = trouble(schedule, backoff.tries, error.retry_after, draw)
    ledger.back_off(drain, token, backoff.tries + 1, decision.delay_ms, error.reason)
    log.warning(Log.STORE_TROUBLED, drain=drain, reason=error.reason, seconds=decision.delay_ms / 1000)
    return Rest(token, decision.delay_ms)


def pause(ledger: Ledger, before: Pause, schedule: Schedule, reason: str) -> None:
    """Stop the store's SkyHub calls until a probe succeeds; an operator's pause stays as it is."""
    if before.by_person:
        return
    decision = probe(schedule, before.growth)
    if ledger.pause(before, AUTOMATIC, reason, decision.delay_ms, before.growth + 1):
        log.error(Log.STORE_PAUSED, reason=reason, probe_in_seconds=decision.delay_ms / 1000)


def may_call(ledger: Ledger, skyhub: SkyHub, before: Pause, schedule: Schedule, now: int) -> bool:
    """Whether SkyHub may be called; an automatic pause whose time has come is probed with one read."""
    if not before.active:
        return True
    if before.blocks(now):
        return False
    try:
        skyhub.collectables(requested=False, page=1)
    except (TransientError, PermanentError) as error:
        pause(ledger, before, schedule, error.reason)
        return False
    # The growth stays until a confirmation succeeds: a read that works proves nothing about the next confirmation.
    resumed = ledger.resume(before, growth=before.growth)
    log.info(Log.STORE_RESUMED, resumed=resumed)
    return resumed
