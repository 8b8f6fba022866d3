"""How a store stands: what is asked of its keys in a pipeline, and what the answers mean."""

from collections.abc import Sequence
from typing import Any

from redis.client import Pipeline

from worker.adapters.redis_ledger.keys import Keys
from worker.adapters.redis_ledger.records import read_backoff, read_pause, read_reconciled
from worker.domain.order import Status
from worker.ports import Backlog, Drain, Overview

# The drains that a counterparty in trouble lets rest.
_RESTING = tuple(drain for drain in Drain if drain is not Drain.INBOX)


def ask_backlog(pipe: "Pipeline", keys: Keys, now: int) -> None:
    """Ask for what waits at this time of the server."""
    pipe.xlen(keys("inbox"))
    pipe.zcount(keys.orders(Status.DUE), "-inf", now)
    pipe.zcount(keys.orders(Status.REQUESTING), "-inf", now)
    pipe.zcount(keys(Drain.LEARN), "-inf", now)
    pipe.zcount(keys(Drain.REREAD), "-inf", now)
    pipe.hgetall(keys("paused"))
    pipe.pttl(keys(f"lease:{Drain.INBOX}"))
    for drain in _RESTING:
        pipe.hgetall(keys(f"backoff:{drain}"))


BACKLOG_ANSWERS = 7 + len(_RESTING)
"""How many answers `ask_backlog` gets."""


def read_backlog(store: str, answers: Sequence[Any], inbox_lease_ms: int) -> Backlog:
    """Return what `ask_backlog` was told; `inbox_lease_ms` is what an inbox is taken for at most."""
    inbox, due, expired, learns, rereads, pause, lease_ms, *backoffs = answers
    return Backlog(
        store=store,
        inbox=inbox,
        due=due,
        expired=expired,
        learns=learns,
        rereads=rereads,
        pause=read_pause(pause),
        backoffs={drain: read_backoff(held) for drain, held in zip(_RESTING, backoffs, strict=True) if held},
        # More than it is taken for is of a server whose clock was set back: `lease.lua` ends it.
        inbox_lease_ms=min(max(0, lease_ms), inbox_lease_ms),
    )


def ask_state(pipe: "Pipeline", keys: Keys) -> None:
    """Ask for how the orders stand."""
    for status in Status:
        pipe.zcard(keys.orders(status))
    pipe.zcard(keys("attention"))
    pipe.xlen(keys("rejected"))
    pipe.zrange(keys.orders(Status.DUE), 0, 0, withscores=True)
    pipe.hmget(keys("server"), "changed_at", "doubted")
    pipe.hgetall(keys("reconciled"))


STATE_ANSWERS = len(Status) + 5
"""How many answers `ask_state` gets."""


def read_overview(backlog: Backlog, now: int, answers: Sequence[Any]) -> Overview:
    """Return what `ask_state` was told of the store with this backlog."""
    *counts, attention, rejected, oldest, (changed_at, doubted), reconciled = answers
    return Overview(
        backlog=backlog,
        now=now,
        counts=dict(zip(Status, counts, strict=True)),
        attention=attention,
        rejected=rejected,
        oldest_due=int(oldest[0][1]) if oldest else None,
        changed_at=int(changed_at or 0),
        doubted=(doubted or "0") == (changed_at or "0"),
        reconciled=read_reconciled(reconciled),
    )
