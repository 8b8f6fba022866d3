"""All stores' state in Redis (`ports.Fleet`)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from redis.client import Pipeline
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from worker.adapters.redis_ledger.codec import encode_event
from worker.adapters.redis_ledger.keys import NO_STORE, Keys
from worker.adapters.redis_ledger.lease import boottime
from worker.adapters.redis_ledger.ledger import RedisLedger
from worker.adapters.redis_ledger.limits import Limits
from worker.adapters.redis_ledger.records import read_backoff, read_pause, read_reconciled
from worker.adapters.redis_ledger.scripts import Client, Scripts
from worker.domain.events import Event
from worker.domain.order import Status
from worker.ports import Backlog, Drain, Ledger, Overview, Unreadable, Untaken

# The drains that a counterparty in trouble lets rest.
_RESTING = tuple(drain for drain in Drain if drain is not Drain.INBOX)
# Stores in one round trip of an overview.
_A_LOOK = 100
# Of a cluster's node, while others answer.
_AWAY = (RedisConnectionError, RedisTimeoutError)


class RedisFleet:
    """The state of every store on one Redis or cluster.

    The client decodes responses, with `encoding_errors="replace"`: a stray byte in one entry must not stop the others.
    """

    def __init__(self, client: Client, limits: Limits, clock: Callable[[], float] = boottime) -> None:
        self._client = client
        self._limits = limits
        self._scripts = Scripts(client)
        self._clock = clock

    def ledger(self, store: str) -> Ledger:
        """See `ports.Fleet.ledger`."""
        return RedisLedger(self._client, self._scripts, store, self._limits, self._clock)

    def append(self, events: Mapping[str, Sequence[Event]]) -> dict[str, Untaken]:
        """See `ports.Fleet.append`."""

        def put(pipe: "Pipeline", keys: Keys) -> None:
            args: list[str | int] = [self._limits.inbox_limit, *map(encode_event, events[keys.store])]
            self._scripts.add(pipe, "append", [keys("inbox")], args)

        taken = self._of_reached(list(events), put)
        untaken = dict.fromkeys(events.keys() - taken.keys(), Untaken.AWAY)
        return untaken | {store: Untaken.FULL for store, [fitted] in taken.items() if not fitted}

    def reject_unknown(self, rejected: Sequence[Unreadable]) -> None:
        """See `ports.Fleet.reject_unknown`."""
        self.ledger(NO_STORE).reject(rejected)

    def may_sweep(self, every_ms: int) -> bool:
        """See `ports.Fleet.may_sweep`."""
        try:
            return bool(self._client.set(Keys(NO_STORE)("hint:sweep"), "1", nx=True, px=every_ms))
        except _AWAY:
            return True  # on a cluster, where the stores of other nodes are swept all the same

    def remember(self, stores: Sequence[str]) -> set[str]:
        """See `ports.Fleet.remember`."""
        key = Keys(NO_STORE)("stores")

        def fill(pipe: "Pipeline") -> None:
            if stores:
                pipe.sadd(key, *stores)
            pipe.smembers(key)

        try:
            return set(self._scripts.pipeline(fill)[-1])
        except _AWAY:
            if not stores:
                raise
            return set(stores)

    def overview(self, stores: Sequence[str]) -> list[Overview]:
        """See `ports.Fleet.overview`."""
        return [
            overview for start in range(0, len(stores), _A_LOOK) for overview in self._look(stores[start:][:_A_LOOK])
        ]

    def _look(self, stores: Sequence[str]) -> list[Overview]:
        backlogs, now = self.backlogs(stores)

        def ask(pipe: "Pipeline", keys: Keys) -> None:
            for status in Status:
                pipe.zcard(keys.orders(status))
            pipe.zcard(keys("attention"))
            pipe.xlen(keys("rejected"))
            pipe.zrange(keys.orders(Status.DUE), 0, 0, withscores=True)
            pipe.hmget(keys("server"), "changed_at", "doubted")
            pipe.hgetall(keys("reconciled"))

        held = dict(zip(stores, self._of_each(stores, ask), strict=True))
        return [
            Overview(
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
            for backlog in backlogs
            for (*counts, attention, rejected, oldest, (changed_at, doubted), reconciled) in [held[backlog.store]]
        ]

    def turns(self, stores: Sequence[str], drain: Drain, every_ms: int) -> list[str]:
        """See `ports.Fleet.turns`."""

        def claim(pipe: "Pipeline", keys: Keys) -> None:
            pipe.set(keys(f"turn:{drain}"), "1", nx=True, px=every_ms)

        return [store for store, [ours] in self._of_reached(stores, claim).items() if ours]

    def backlogs(self, stores: Sequence[str]) -> tuple[list[Backlog], int]:
        """See `ports.Fleet.backlogs`."""
        seconds, micros = self._client.time()
        now = int(seconds) * 1000 + int(micros) // 1000

        def ask(pipe: "Pipeline", keys: Keys) -> None:
            pipe.xlen(keys("inbox"))
            pipe.zcount(keys.orders(Status.DUE), "-inf", now)
            pipe.zcount(keys.orders(Status.REQUESTING), "-inf", now)
            pipe.zcount(keys(Drain.LEARN), "-inf", now)
            pipe.zcount(keys(Drain.REREAD), "-inf", now)
            pipe.hgetall(keys("paused"))
            pipe.pttl(keys(f"lease:{Drain.INBOX}"))
            for drain in _RESTING:
                pipe.hgetall(keys(f"backoff:{drain}"))

        return [
            Backlog(
                store=store,
                inbox=inbox,
                due=due,
                expired=expired,
                learns=learns,
                rereads=rereads,
                pause=read_pause(pause),
                backoffs={drain: read_backoff(held) for drain, held in zip(_RESTING, backoffs, strict=True) if held},
                inbox_lease_ms=max(0, lease_ms),
            )
            for store, (inbox, due, expired, learns, rereads, pause, lease_ms, *backoffs) in self._of_reached(
                stores, ask
            ).items()
        ], now

    def _of_each(self, stores: Sequence[str], ask: Callable[["Pipeline", Keys], None]) -> list[list[Any]]:
        """Ask the same of every store, in one round trip; return the answers of each."""
        return [_raised(answers) for answers in self._answers(stores, ask)]

    def _of_reached(self, stores: Sequence[str], ask: Callable[["Pipeline", Keys], None]) -> dict[str, list[Any]]:
        """Ask the same of every store, in one round trip; leave out those that are away, but not all of them."""
        found = dict(zip(stores, self._answers(stores, ask), strict=True))
        away = {store for store, answers in found.items() if any(isinstance(answer, _AWAY) for answer in answers)}
        reached = found if len(away) == len(found) else found.keys() - away
        return {store: _raised(found[store]) for store in found if store in reached}

    def _answers(self, stores: Sequence[str], ask: Callable[["Pipeline", Keys], None]) -> list[list[Any]]:
        def fill(pipe: "Pipeline") -> None:
            for store in stores:
                ask(pipe, Keys(store))

        answers = self._scripts.pipeline(fill, raising=False) if stores else []
        width = len(answers) // max(len(stores), 1)
        return [answers[n * width :][:width] for n in range(len(stores))]


def _raised(answers: list[Any]) -> list[Any]:
    """Return a store's answers; raises an error that is among them."""
    for answer in answers:
        if isinstance(answer, Exception):
            raise answer
    return answers
