"""Stop and resume a store's SkyHub calls: an operator's word, or that of the stores file. Recording goes on."""

import structlog

from worker.ports import Drain, Ledger
from worker.telemetry import Log
from worker.usecases.store_trouble import AUTOMATIC

log = structlog.get_logger()

OPERATOR = "an operator"
STORES_FILE = "the stores file"


def hold(ledger: Ledger, reason: str) -> bool:
    """Pause the store until an operator resumes it, whoever paused it before; False if an operator had already."""
    while True:
        before = ledger.standing(Drain.PICKUPS).pause
        if before.active and before.by == OPERATOR:
            return False
        if ledger.pause(before, OPERATOR, reason, 0, before.growth):
            log.info(Log.STORE_PAUSED, store=ledger.store, by=OPERATOR, reason=reason)
            return True


def let_go(ledger: Ledger) -> bool:
    """End whatever pause there is; False if there was none. A store that SkyHub still refuses is paused again."""
    while True:
        before = ledger.standing(Drain.PICKUPS).pause
        if not before.active:
            return False
        if ledger.resume(before, growth=before.growth):
            log.info(Log.STORE_RESUMED, store=ledger.store, by=OPERATOR)
            return True


def hold_taken_out(ledger: Ledger) -> None:
    """Pause a store that is not in the stores file any more; an operator's pause stays one."""
    before = ledger.standing(Drain.PICKUPS).pause
    if before.active and before.by != AUTOMATIC:
        return
    reason = "it was taken out of the stores file; its orders are kept"
    if ledger.pause(before, STORES_FILE, reason, 0, before.growth):
        log.warning(Log.STORE_PAUSED, store=ledger.store, by=STORES_FILE, reason=reason)


def let_go_put_back(ledger: Ledger) -> None:
    """Resume a store that is in the stores file again."""
    before = ledger.standing(Drain.PICKUPS).pause
    if before.active and before.by == STORES_FILE and ledger.resume(before, growth=before.growth):
        log.info(Log.STORE_RESUMED, store=ledger.store, by=STORES_FILE)
