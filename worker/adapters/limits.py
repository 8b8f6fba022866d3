"""A counterparty's rate limits, kept by all processes together on the Redis server's clock.

A caller reserves the next free slot in one Redis call and sleeps until it comes: first come, first served, no polling.

How are slots given so that the counterparty never sees more than `N` calls in any second? A call arrives a little after
its slot: thread wake-up, perhaps DNS, TCP and TLS, then the network. So a slot is free when two things hold:

- The `N`-th last slot is `1 + S` seconds old. Where the delays from slot to arrival differ by less than `S`, the
  calls that arrive within one second had their slots within `1 + S`, and those are `N`.
- The slot after that one is a second old. Where calls come one after another, as those to shipments do under the
  drain's lease, a call has arrived before the next one has its slot. Of `N + 1` calls in a row the first then
  arrived before the second one's slot, and the last arrives after its own, a second later at least: however long
  the first of them took to open its connection.

S is 0.125 s: 9 calls in 1.125 s, which are 8 a second in the long run, under a limit of 9. (An operator who
requests again reads the list beside the drain, seldom.) Reading orders has no turn: two processes may call at once,
one of them over a new TLS connection from another continent, so there one call in 1.5 s leaves S = 0.5 s under a
limit of 1. Beyond that (a lost SYN is repeated after 1 s) a 429 is possible, and harmless.
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

        `interval` is the least distance between slots in the long run, in seconds, the same for a key everywhere.
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
