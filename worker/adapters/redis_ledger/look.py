"""One store in detail, as its page shows it."""

from typing import Any

from redis.client import Pipeline

from worker.adapters.redis_ledger.each_store import AWAY, raised
from worker.adapters.redis_ledger.keys import NO_STORE, Keys
from worker.adapters.redis_ledger.overview import (
    BACKLOG_ANSWERS,
    STATE_ANSWERS,
    ask_backlog,
    ask_state,
    read_backlog,
    read_overview,
)
from worker.adapters.redis_ledger.records import attention_fields, read_attention, read_hours
from worker.adapters.redis_ledger.scripts import Scripts
from worker.domain.order import Status
from worker.ports import Look, Spot


def look(scripts: Scripts, store: str, now: int, inbox_lease_ms: int) -> Look:
    """Return how a store stands at this time of the server, in one round trip."""

    def ask(pipe: "Pipeline") -> None:
        keys = Keys(store)
        ask_backlog(pipe, keys, now)
        ask_state(pipe, keys)
        pipe.zrange(keys.orders(Status.WAITING), 0, 0, withscores=True)
        pipe.zrange(keys.orders(Status.DUE), 0, 0, withscores=True)
        pipe.hmget(keys("counters"), attention_fields())
        pipe.xrange(keys("inbox"), count=1)
        pipe.hgetall(keys("hours"))
        pipe.hget(Keys(NO_STORE)("swept"), "at")

    *its_own, swept = scripts.pipeline(ask, raising=False)
    # What is of no store may lie on another node of a cluster, which is away.
    [swept] = [None] if isinstance(swept, AWAY) else raised([swept])
    answers = raised(its_own)
    waiting, due, attention, events, hours = answers[BACKLOG_ANSWERS + STATE_ANSWERS :]
    backlog = read_backlog(store, answers[:BACKLOG_ANSWERS], inbox_lease_ms)
    return Look(
        overview=read_overview(backlog, now, answers[BACKLOG_ANSWERS:][:STATE_ANSWERS]),
        oldest_waiting=_spot(waiting),
        oldest_due=_spot(due),
        attention=read_attention(attention),
        # An entry's id begins with the time at which it was put there.
        oldest_event=int(events[0][0].partition("-")[0]) if events else None,
        swept_at=None if swept is None else int(swept),
        hours=read_hours(hours),
    )


def _spot(first: list[Any]) -> Spot | None:
    return Spot(int(first[0][1]), first[0][0]) if first else None
