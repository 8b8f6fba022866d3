"""The counts in Redis (`ports.Meters`)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from redis.client import Pipeline

from worker.adapters.redis_ledger.keys import NO_STORE, Keys
from worker.adapters.redis_ledger.records import read_pause
from worker.adapters.redis_ledger.scripts import Client, Scripts, write_id
from worker.domain.order import Status
from worker.ports import Drain, Figures, Reading

_HOUR = 3_600_000
# Stores in one round trip: no answer keeps a thread, or Redis, for long.
_A_LOOK = 200


class RedisMeters:
    """The counts of every store on one Redis or cluster."""

    def __init__(self, client: Client) -> None:
        self._scripts = Scripts(client)

    def count(self, count_id: str, counts: Mapping[str, Mapping[str, int]]) -> None:
        """See `ports.Meters.count`."""

        def fill(pipe: "Pipeline") -> None:
            for store, fields in counts.items():
                keys = Keys(store or NO_STORE)
                pairs: list[str | int] = [part for pair in fields.items() for part in pair]
                self._scripts.add(pipe, "count", [keys("counters"), keys(f"counted:{count_id}")], [_HOUR, *pairs])

        if counts:
            self._scripts.pipeline(fill)

    def swept(self) -> None:
        """See `ports.Meters.swept`."""
        no_end, guards, moments = 0, 0, 1
        self._scripts.call("stamp", [Keys(NO_STORE)("swept")], [write_id(), no_end, guards, moments, "at", 0])

    def forgotten(self, work: Sequence[tuple[str, Drain]], longer_than_ms: int) -> list[tuple[str, Drain]]:
        """See `ports.Meters.forgotten`."""

        def fill(pipe: "Pipeline") -> None:
            for store, drain in work:
                keys = Keys(store)
                pipe.exists(keys(f"hint:{drain}"), keys(f"lease:{drain}"))
                if drain is Drain.INBOX:
                    pipe.xrange(keys("inbox"), count=1)
                else:
                    index = keys.orders(Status.DUE) if drain is Drain.PICKUPS else keys(drain)
                    pipe.zrange(index, 0, 0, withscores=True)
            self._scripts.add(pipe, "now", [Keys(NO_STORE)("swept")], [])

        *answers, now = self._scripts.pipeline(fill)
        before = int(now) - longer_than_ms
        seen = zip(work, answers[::2], answers[1::2], strict=True)
        return [named for named, busy, first in seen if first and not busy and _since(named[1], first[0]) < before]

    def read(self, stores: Sequence[str]) -> Reading:
        """See `ports.Meters.read`."""

        def ask(pipe: "Pipeline") -> None:
            pipe.smembers(Keys(NO_STORE)("stores"))
            pipe.hget(Keys(NO_STORE)("swept"), "at")
            self._scripts.add(pipe, "now", [Keys(NO_STORE)("swept")], [])

        served, swept, now = self._scripts.pipeline(ask)
        gone = sorted(set(served) - set(stores))
        *left, shared = self._of_each([*gone, NO_STORE])
        return Reading(
            now=int(now),
            swept_at=None if swept is None else int(swept),
            stores=[*self._of_each(stores), *(figures for figures in left if figures.holds_anything)],
            shared=shared,
        )

    def _of_each(self, stores: Sequence[str]) -> list[Figures]:
        found: list[Figures] = []
        for start in range(0, len(stores), _A_LOOK):
            some = stores[start:][:_A_LOOK]
            answers = self._scripts.pipeline(_asking(some))
            width = len(answers) // len(some)
            found += [_figures(store, answers[n * width :][:width]) for n, store in enumerate(some)]
        return found


def _asking(stores: Sequence[str]) -> Callable[["Pipeline"], None]:
    def fill(pipe: "Pipeline") -> None:
        for store in stores:
            keys = Keys(store)
            for status in Status:
                pipe.zcard(keys.orders(status))
            pipe.xlen(keys("inbox"))
            pipe.xlen(keys("rejected"))
            pipe.zrange(keys.orders(Status.DUE), 0, 0, withscores=True)
            pipe.hgetall(keys("paused"))
            pipe.hgetall(keys("counters"))

    return fill


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
