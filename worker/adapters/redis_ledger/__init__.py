"""All stores' state in Redis (`ports.Fleet`)."""

from collections.abc import Callable, Sequence

from redis.client import Pipeline

from worker.adapters.redis_ledger.keys import NO_STORE, Keys
from worker.adapters.redis_ledger.lease import boottime
from worker.adapters.redis_ledger.ledger import Limits, RedisLedger, read_backoff, read_pause
from worker.adapters.redis_ledger.scripts import Client, Scripts
from worker.domain.order import Status
from worker.ports import Backlog, Drain, Ledger, Unreadable

__all__ = ["Limits", "RedisFleet", "RedisLedger"]


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
        """Open one store's state."""
        return RedisLedger(self._client, self._scripts, store, self._limits, self._clock)

    def reject_unknown(self, rejected: Sequence[Unreadable]) -> None:
        """Keep events that name no known store."""
        self.ledger(NO_STORE).reject(rejected)

    def may_sweep(self, every_ms: int) -> bool:
        """Claim the right to sweep; False if somebody did so that recently."""
        return bool(self._client.set(Keys(NO_STORE)("hint:sweep"), "1", nx=True, px=every_ms))

    def backlogs(self, stores: Sequence[str]) -> tuple[list[Backlog], int]:
        """Return what waits in each store, and the server's time."""
        seconds, micros = self._client.time()
        now = int(seconds) * 1000 + int(micros) // 1000

        def fill(pipe: "Pipeline") -> None:
            for keys in map(Keys, stores):
                pipe.xlen(keys("inbox"))
                pipe.zcount(keys.orders(Status.DUE), "-inf", now)
                pipe.zcount(keys.orders(Status.REQUESTING), "-inf", now)
                pipe.zcount(keys("learn"), "-inf", now)
                pipe.hgetall(keys("paused"))
                pipe.hgetall(keys(f"backoff:{Drain.PICKUPS}"))
                pipe.hgetall(keys(f"backoff:{Drain.LEARN}"))

        answers = self._scripts.pipeline(fill) if stores else []
        rows = [answers[i : i + 7] for i in range(0, len(answers), 7)]
        return [
            Backlog(
                store=store,
                inbox=inbox,
                due=due,
                expired=expired,
                wishes=wishes,
                pause=read_pause(pause),
                pickups_backoff=read_backoff(pickups),
                learn_backoff=read_backoff(learn),
            )
            for store, (inbox, due, expired, wishes, pause, pickups, learn) in zip(stores, rows, strict=True)
        ], now
