"""A counterparty's rate limits, kept by all processes together on the Redis server's clock.

A caller reserves the next free slot in one Redis call and sleeps until it comes: first come, first served, no polling.

How are slots given so that the counterparty never sees more than `N` calls in any second? A call arrives a little after
its slot: thread wake-up, perhaps DNS, TCP and TLS, then the network. Let these delays differ by less than `S` seconds.
The calls that arrive within one second then had their slots within `1 + S` seconds. So a slot is free when the `N`-th
last one is `1 + S` seconds old: a store that was silent has its calls at once, and in the long run there are
`N / (1 + S)` a second.

S is 0.125 s: 9 calls in 1.125 s, which are 8 a second, under a limit of 9. That is enough where a store's calls come
one after another, as those to shipments do under the drain's lease (an operator who requests again reads the list
beside it, seldom): only the first one after a silence opens a connection, the next leaves after its answer, and later
ones share its way. Reading orders has no such turn: two processes may call at once, one of them over a new TLS
connection from another continent, so there one call in 1.5 s leaves S = 0.5 s under a limit of 1. Beyond S (a lost
SYN is repeated after 1 s) a 429 is possible, and harmless.
"""

import time
from importlib import resources
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from redis import Redis
    from redis.cluster import RedisCluster

_SPREAD_SECONDS = 0.125


class RateLimit(Protocol):
    """Gives slots for calls, so far apart that the counterparty's limit holds."""

    def wait(self, key: str, *, interval: float, deadline: float) -> bool:
        """Block until the next free slot of `key`; False, at once, when it comes after `deadline` (monotonic seconds).

        `interval` is the distance between slots in the long run, in seconds, the same for a key everywhere.
        """


class RedisRateLimit:
    """`RateLimit` by a list of the last slots in Redis; raises redis-py's own errors while Redis is away.

    The key is used as it is, so its hash tag decides the cluster slot. It expires when none of its slots counts. A slot
    is lost when its caller dies, or when redis-py repeats the script after a lost reply: slower, never faster.
    """

    def __init__(self, client: "Redis | RedisCluster") -> None:
        self._script: Any = client.register_script(resources.files(__package__).joinpath("slot.lua").read_text())

    def wait(self, key: str, *, interval: float, deadline: float) -> bool:
        """See `RateLimit.wait`."""
        calls, window = calls_and_window(interval)
        patience = max(deadline - time.monotonic(), 0.0)
        wait = int(self._script(keys=[key], args=[calls, round(window * 1e6), round(patience * 1e6)]))
        if wait < 0:
            return False
        time.sleep(wait / 1e6)
        return True


def calls_and_window(interval: float) -> tuple[int, float]:
    """Return how many slots there may be in how many seconds; in the long run none are closer than `interval`."""
    calls = max(1, int((1 + _SPREAD_SECONDS) / interval + 1e-9))  # a hair more: 1.125 / 0.125 must not be 8.99…
    return calls, max(1 + _SPREAD_SECONDS, calls * interval)
