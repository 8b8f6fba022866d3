"""What a process or a Redis server that went away may have left half done: doubted, until SkyHub's lists have told."""

from datetime import UTC, datetime

import structlog

from worker.domain.doubt import unknown_after_restart
from worker.domain.order import Status
from worker.domain.policy import Policy
from worker.domain.progress import expire
from worker.ports import Ledger, Standing
from worker.telemetry import Log, Names
from worker.usecases.rewriting import ALL, CHUNK, rewrite

log = structlog.get_logger()

_told: dict[str, int] = {}
"""By store, the change of server that this process's log has told of: each round of a quarantine meets it anew."""


def take_back(ledger: Ledger, policy: Policy, now: int) -> None:
    """Take back the claims whose lease is over."""
    while ids := ledger.expired(now, CHUNK):
        taken = rewrite(ledger, ids, lambda order: expire(order, policy, now))
        log.warning(Log.CLAIMS_EXPIRED, orders=len(taken), **Names(order.order_id for order in taken).fields())
        if not taken:
            return


def is_trusted(ledger: Ledger, policy: Policy, standing: Standing) -> bool:
    """Whether what Redis says may be acted on; after a change of server or of its clock only past a quarantine."""
    if standing.doubted:
        return True
    until = standing.held_until(policy.quarantine_ms)
    if standing.now < until:
        if _told.get(ledger.store) != standing.changed_at:
            _told[ledger.store] = standing.changed_at
            held_until = datetime.fromtimestamp(until // 1000, UTC).isoformat().replace("+00:00", "Z")
            log.warning(Log.SERVER_CHANGED, held_until=held_until)
        return False
    due = ledger.order_ids(Status.DUE, 0, ALL)
    doubted = len(rewrite(ledger, due, lambda order: unknown_after_restart(order, standing.now)))
    ledger.doubted(standing.changed_at)
    log.warning(Log.SERVER_CHANGED, doubted=doubted)
    return True
