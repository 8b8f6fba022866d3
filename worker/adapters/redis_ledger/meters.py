"""The counts in Redis (`ports.Meters`)."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from redis.client import Pipeline

from worker.adapters.redis_ledger.each_store import AWAY, ask_each
from worker.adapters.redis_ledger.keys import NO_STORE, Keys
from worker.adapters.redis_ledger.records import read_pause
from worker.adapters.redis_ledger.scripts import Client, Scripts, write_id
from worker.domain.order import Status
from worker.ports import Counts, Drain, Figures, Reading

_HOUR = 3_600_000
# Stores in one round trip: no answer keeps a thread, or Redis, for long.
_A_LOOK = 200
_HINTED = (Drain.INBOX, Drain.PICKUPS, Drain.LEARN, Drain.REREAD)


class RedisMeters:
    """The counts of every store on one Redis or cluster."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._scripts = Scripts(client)

    def count(self, counts: Mapping[str, Counts]) -> set[str]:
        """See `ports.Meters.count`."""
        by_key = {store or NO_STORE: store for store in counts}

        def add(pipe: "Pipeline", keys: Keys) -> None:
            given = counts[by_key[keys.store]]
            pairs: list[str | int] = [part for pair in given.fields.items() for part in pair]
            self._scripts.add(pipe, "count", [keys("counters"), keys(f"counted:{given.count_id}")], [_HOUR, *pairs])

        return {by_key[name] for name in ask_each(self._scripts, list(by_key), add)}

    def swept(self) -> None:
        """See `ports.Meters.swept`."""
        no_end, guards, moments = 0, 0, 1
        with suppress(*AWAY):
            self._scripts.call("stamp", [Keys(NO_STORE)("swept")], [write_id(), no_end, guards, moments, "at", 0])

    def swept_at(self) -> int | None:
        """Return when a sweep last came to its end, in server milliseconds; None: never."""
        at = self._client.hget(Keys(NO_STORE)("swept"), "at")
        return None if at is None else int(at)

    def forgotten(self, work: Sequence[tuple[str, Drain]], longer_than_ms: int) -> list[tuple[str, Drain]]:
        """See `ports.Meters.forgotten`."""
        before = self._now() - longer_than_ms

        def ask(pipe: "Pipeline", keys: Keys) -> None:
            for drain in _HINTED:
                pipe.exists(keys(f"hint:{drain}"), keys(f"lease:{drain}"))
            pipe.xrange(keys("inbox"), count=1)
            for index in (keys.orders(Status.DUE), keys(Drain.LEARN), keys(Drain.REREAD)):
                pipe.zrange(index, 0, 0, withscores=True)

        found = ask_each(self._scripts, list(dict.fromkeys(store for store, _ in work)), ask)

        def is_forgotten(store: str, drain: Drain) -> bool:
            at = _HINTED.index(drain)
            busy, first = found[store][at], found[store][at + len(_HINTED)]
            return bool(first) and not busy and _since(drain, first[0]) < before

        return [(store, drain) for store, drain in work if store in found and is_forgotten(store, drain)]

    def read(self, stores: Sequence[str]) -> Reading:
        """See `ports.Meters.read`."""
        now = self._now()
        served, swept = self._of_no_store()
        gone = sorted(served - set(stores))
        found = {each.store: each for each in self._of_each([*stores, *gone, NO_STORE])}
        return Reading(
            now=now,
            swept_at=swept,
            stores=[
                *(found[store] for store in stores if store in found),
                *(found[store] for store in gone if store in found and found[store].holds_anything),
            ],
            shared=found.get(NO_STORE),
            past=[found[store] for store in gone if store in found and not found[store].holds_anything],
            away=[store for store in (*stores, *gone) if store not in found],
        )

    def _now(self) -> int:
        seconds, micros = self._client.time()
        return int(seconds) * 1000 + int(micros) // 1000

    def _of_no_store(self) -> tuple[set[str], int | None]:
        """Return which stores were ever served, and when a sweep ended; nothing where what keeps it is away."""

        def ask(pipe: "Pipeline") -> None:
            pipe.smembers(Keys(NO_STORE)("stores"))
            pipe.hget(Keys(NO_STORE)("swept"), "at")

        try:
            served, swept = self._scripts.pipeline(ask)
        except AWAY:
            return set(), None
        return set(served), None if swept is None else int(swept)

    def _of_each(self, stores: Sequence[str]) -> list[Figures]:
        found: list[Figures] = []
        for start in range(0, len(stores), _A_LOOK):
            try:
                seen = ask_each(self._scripts, stores[start:][:_A_LOOK], _ask_figures)
            except AWAY:
                if not found:
                    raise
            else:
                found += [_figures(store, answers) for store, answers in seen.items()]
        return found


def _ask_figures(pipe: "Pipeline", keys: Keys) -> None:
    for status in Status:
        pipe.zcard(keys.orders(status))
    pipe.xlen(keys("inbox"))
    pipe.xlen(keys("rejected"))
    pipe.zrange(keys.orders(Status.DUE), 0, 0, withscores=True)
    pipe.hgetall(keys("paused"))
    pipe.hgetall(keys("counters"))


def _figures(store: str, answers: list[Any]) -> Figures:
    *counts, inbox, rejected, oldest, paused, counters = answers
    return Figures(
        store=store,
        orders=dict(zip(Status, counts, strict=True)),
        inbox=inbox,
        rejected=rejected,
        oldest_due=int(oldest[0][1]) if oldest else None,
        pause=read_pause(paused),
        counters={name: int(times) for name, times in counters.items()},
    )


def _since(drain: Drain, first: Any) -> int:  # noqa: ANN401 - an entry of a stream, or a member with its score
    """Return since when the first of what waits has been waiting, in server milliseconds."""
    return int(first[0].partition("-")[0]) if drain is Drain.INBOX else int(first[1])
