"""All stores' state in Redis (`ports.Fleet`)."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, cast

from redis.client import Pipeline

from worker.adapters.redis_ledger.clocks import Clocks
from worker.adapters.redis_ledger.codec import encode_event
from worker.adapters.redis_ledger.each_store import AWAY, ask_each
from worker.adapters.redis_ledger.keys import NO_STORE, Keys
from worker.adapters.redis_ledger.lease import boottime
from worker.adapters.redis_ledger.ledger import RedisLedger, standing_keys
from worker.adapters.redis_ledger.limits import Limits
from worker.adapters.redis_ledger.loading import read_records, record_keys
from worker.adapters.redis_ledger.look import look
from worker.adapters.redis_ledger.overview import ask_backlog, ask_state, read_backlog, read_overview
from worker.adapters.redis_ledger.records import read_sight
from worker.adapters.redis_ledger.scripts import Client, Scripts
from worker.domain.events import Event
from worker.ports import Backlog, Drain, Ledger, Look, Overview, Stored, Unreadable, Untaken

# Stores in one round trip of an overview.
_A_LOOK = 100


class RedisFleet:
    """The state of every store on one Redis or cluster.

    The client decodes responses, with `encoding_errors="replace"`: a stray byte in one entry must not stop the others.
    """

    def __init__(self, client: Client, limits: Limits, clock: Callable[[], float] = boottime) -> None:
        self._client = client
        self._limits = limits
        self._scripts = Scripts(client)
        self._clocks = Clocks(limits.forward_ms, clock)

    def ledger(self, store: str) -> Ledger:
        """See `ports.Fleet.ledger`."""
        return RedisLedger(self._client, self._scripts, store, self._limits, self._clocks)

    def meet(self, stores: Sequence[str]) -> None:
        """See `ports.Fleet.meet`."""

        def fill(pipe: "Pipeline") -> None:
            for store in stores:
                self._scripts.add(pipe, "standing", standing_keys(Keys(store), Drain.PICKUPS), [])

        before = self._clocks.clock()
        answers = self._scripts.pipeline(fill, raising=False) if stores else []
        after = self._clocks.clock()
        for store, answer in zip(stores, answers, strict=True):
            # A server that is full or only reads is nothing that a process should not start for.
            if not isinstance(answer, Exception):
                self._clocks.keep(store, read_sight(answer, before, after))

    def append(self, events: Mapping[str, Sequence[Event]]) -> dict[str, Untaken]:
        """See `ports.Fleet.append`."""

        def put(pipe: "Pipeline", keys: Keys) -> None:
            args: list[str | int] = [self._limits.inbox_limit, *map(encode_event, events[keys.store])]
            self._scripts.add(pipe, "append", [keys("inbox")], args)

        taken = ask_each(self._scripts, list(events), put)
        untaken = dict.fromkeys(events.keys() - taken.keys(), Untaken.AWAY)
        return untaken | {store: Untaken.FULL for store, [fitted] in taken.items() if not fitted}

    def reject_unknown(self, rejected: Sequence[Unreadable]) -> None:
        """See `ports.Fleet.reject_unknown`."""
        self.ledger(NO_STORE).reject(rejected)

    def may_sweep(self, every_ms: int) -> bool:
        """See `ports.Fleet.may_sweep`."""
        try:
            return bool(self._scripts.call("once", [Keys(NO_STORE)("hint:sweep")], [every_ms]))
        except AWAY:
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
        except AWAY:
            if not stores:
                raise
            return set(stores)

    def served(self, stores: Sequence[str]) -> set[str]:
        """See `ports.Fleet.served`."""
        try:
            return {*stores, *self.remember(())}
        except AWAY:
            return set(stores)

    def overview(self, stores: Sequence[str]) -> list[Overview]:
        """See `ports.Fleet.overview`."""
        found: list[Overview] = []
        for start in range(0, len(stores), _A_LOOK):
            try:
                found += self._look(stores[start:][:_A_LOOK])
            except AWAY:
                if not found:
                    raise
        return found

    def _look(self, stores: Sequence[str]) -> list[Overview]:
        backlogs, now = self.backlogs(stores)

        held = ask_each(self._scripts, [backlog.store for backlog in backlogs], ask_state)
        found = [backlog for backlog in backlogs if backlog.store in held]
        return [read_overview(backlog, now, held[backlog.store]) for backlog in found]

    def load_each(
        self, named: Mapping[str, tuple[Sequence[str], Sequence[str]]]
    ) -> dict[str, tuple[dict[str, Stored], dict[str, str]]]:
        """See `ports.Fleet.load_each`."""

        def ask(pipe: "Pipeline", keys: Keys) -> None:
            # Not `mget`, which a cluster's pipeline blocks. It has no types.
            cast("Any", pipe).execute_command("MGET", *record_keys(keys, *named[keys.store]))

        found: dict[str, tuple[dict[str, Stored], dict[str, str]]] = {}
        stores = list(named)
        for start in range(0, len(stores), _A_LOOK):
            try:
                answers = ask_each(self._scripts, stores[start:][:_A_LOOK], ask)
            except AWAY:
                if not found:
                    raise
                continue
            found |= {store: read_records(*named[store], values) for store, [values] in answers.items()}
        return found

    def look(self, store: str) -> Look:
        """See `ports.Fleet.look`."""
        return look(self._scripts, store, self._now(), self._limits.inbox_lease_ms)

    def turns(self, stores: Sequence[str], drain: Drain, every_ms: int) -> list[str]:
        """See `ports.Fleet.turns`."""

        def claim(pipe: "Pipeline", keys: Keys) -> None:
            self._scripts.add(pipe, "once", [keys(f"turn:{drain}")], [every_ms])

        return [store for store, [ours] in ask_each(self._scripts, stores, claim).items() if ours]

    def backlogs(self, stores: Sequence[str]) -> tuple[list[Backlog], int]:
        """See `ports.Fleet.backlogs`."""
        now = self._now()
        found = ask_each(self._scripts, stores, partial(ask_backlog, now=now))
        lease_ms = self._limits.inbox_lease_ms
        return [read_backlog(store, answers, lease_ms) for store, answers in found.items()], now

    def _now(self) -> int:
        seconds, micros = self._client.time()
        return int(seconds) * 1000 + int(micros) // 1000
