"""A counterparty's rate limits, kept by all processes together on the Redis server's clock.

A caller reserves the next free slot in one Redis call and sleeps until it comes: first come, first served, no polling.

How far apart must slots be so that the counterparty never sees more than `N` calls in any second? A call arrives a
little after its slot: thread wake-up, perhaps DNS, TCP and TLS, then the network. Let these delays differ by less than
`S` seconds. The calls that arrive within one second had their slots within `1 + S` seconds, and a burst of `b` with
slots `e` seconds apart gives at most `b + floor((1 + S) / e)` of them. With `b = 1` this is at most `N` when

    e > (1 + S) / N    (equality does, as the delays differ by less than S)

A burst of 2 at 8/s gives 10 > 9 with any S > 0, so there is no burst. 8/s without a burst bears S < 0.125 s. That is
enough where a store's calls come one after another, as those to shipments do under the drain's lease (an operator who
requests again reads the list beside it, seldom): only the first one after a silence opens a connection, the next leaves
after its answer, and later ones share its way. Reading orders
has no such turn: two processes may call at once, one of them over a new TLS connection from another continent, so
there S = 0.5 s: one call in 1.5 s under a limit of 1. Beyond S (a lost SYN is repeated after 1 s) a 429 is possible,
and harmless.
"""

import math
import time
from typing import TYPE_CHECKING, Protocol, cast

from throttled.exceptions import StoreUnavailableError
from throttled.rate_limiter.gcra import RedisLimitAtomicAction
from throttled.store import RedisStoreBackend

if TYPE_CHECKING:
    from redis import Redis
    from redis.cluster import RedisCluster
    from throttled.types import SyncRedisClientP

_COST = 1


class RateLimit(Protocol):
    """Gives slots for calls, so far apart that the counterparty's limit holds."""

    def wait(self, key: str, *, interval: float, deadline: float) -> bool:
        """Block until the next free slot of `key`; False, at once, when it comes after `deadline` (monotonic seconds).

        `interval` is the distance between slots in seconds, the same for a key everywhere.
        """


class RedisRateLimit:
    """`RateLimit` by throttled-py's GCRA script; raises redis-py's own errors while Redis is away.

    The key is used as it is, so its hash tag decides the cluster slot. It expires with the last slot that was taken. A
    slot is lost when its caller dies, or when redis-py repeats the script after a lost reply: slower, never faster.
    """

    def __init__(self, client: "Redis | RedisCluster") -> None:
        self._script = RedisLimitAtomicAction(_SharedClient(client))

    def wait(self, key: str, *, interval: float, deadline: float) -> bool:
        """See `RateLimit.wait`; a slot less than one distance before `deadline` may be refused."""
        patience = max(deadline - time.monotonic(), 0.0)
        # GCRA's capacity is how many slots ahead may be taken: here not a burst, since each caller awaits its own.
        capacity = 1 + math.floor(patience / interval)
        try:
            limited, _, reset_after, _ = self._script.do([key], [interval, capacity, _COST])
        except StoreUnavailableError as error:
            raise (error.__cause__ or error) from None
        if limited:
            return False
        time.sleep(max(reset_after - interval, 0.0))  # all slots taken so far, our own not counted
        return True


class _SharedClient(RedisStoreBackend):
    """Lets throttled-py use the process's own client: one place for retries, TLS, Sentinel and Cluster."""

    def __init__(self, client: "Redis | RedisCluster") -> None:
        super().__init__()
        self._client = cast("SyncRedisClientP", client)
