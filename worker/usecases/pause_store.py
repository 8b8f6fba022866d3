"""Pause and resume a store's SkyHub calls: an operator's word, or that of the stores file. Recording goes on."""

import structlog

from worker.domain.wishes import learn_sooner
from worker.ports import OPERATOR, STORES_FILE, Drain, Ledger, Pause
from worker.telemetry import Log
from worker.usecases.rewriting import CHUNK, rewrite

log = structlog.get_logger()


def pause_by_operator(ledger: Ledger, reason: str) -> bool:
    """Pause the store until an operator resumes it, whoever paused it before; False if an operator had already."""
    while True:
        before = ledger.standing(Drain.PICKUPS).pause
        if before.active and before.by == OPERATOR:
            return False
        if ledger.pause(before, OPERATOR, reason, 0, before.growth):
            log.info(Log.STORE_PAUSED, store=ledger.store, by=OPERATOR, reason=reason)
            return True


# What the trouble before a pause put off: few orders, by minutes. All others come at their own time.
_PUT_OFF_MS = 600_000


def resume(ledger: Ledger) -> bool:
    """End whatever pause there is; False if there was none. A store that SkyHub still refuses is paused again.

    Orders whose carrier was to be asked for again within minutes are asked for at once, as many as one load takes:
    SkyHub's refusal put them off, which a person has mended.
    """
    while True:
        before = ledger.standing(Drain.PICKUPS).pause
        if not before.active:
            return False
        if ledger.resume(before, growth=before.growth):
            log.info(Log.STORE_RESUMED, store=ledger.store, by=OPERATOR)
            rewrite(ledger, ledger.wishes(Drain.LEARN, ledger.now() + _PUT_OFF_MS, CHUNK), learn_sooner)
            return True


def pause_taken_out(ledger: Ledger, before: Pause) -> None:
    """Pause a store that is not in the stores file any more, as it was seen; an operator's pause stays one."""
    reason = "it was taken out of the stores file; its orders are kept"
    if not before.by_person and ledger.pause(before, STORES_FILE, reason, 0, before.growth):
        log.warning(Log.STORE_PAUSED, store=ledger.store, by=STORES_FILE, reason=reason)


def resume_put_back(ledger: Ledger, before: Pause) -> None:
    """Resume a store that is in the stores file again, as it was seen."""
    if before.active and before.by == STORES_FILE and ledger.resume(before, growth=before.growth):
        log.info(Log.STORE_RESUMED, store=ledger.store, by=STORES_FILE)
