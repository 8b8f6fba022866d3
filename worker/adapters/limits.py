"""A counterparty's rate limits, kept by all processes together on the Redis server's clock.

A caller reserves the next free slot in one Redis call and sleeps until it comes: first come, first served, no polling.

How are slots given so that the counterparty never sees more than `N` calls in any second? A call arrives a little after
its slot: thread wake-up, perhaps DNS, TCP and TLS, then the network. So a slot is free when two things hold:

- The `N`-th last slot is `1 + S` seconds old. Where the delays from slot to arrival differ by less than `S`, the
  calls that arrive within one second had their slots within `1 + S`, and those are `N`.
- The `N - 2`-nd last slot is a second old. Calls to shipments come in two lanes: under the drain's lease at most two
  are under way, and in each lane a call has arrived before the next one has its slot. Which calls arrive within a
  second? Those whose slots are in it: `N - 2`. And those whose slots are before it: in each lane at most the last of
  them, since an earlier one had arrived by that slot. Together `N`, however long any of them took to connect.

S is 0.125 s and N is 9: 7 calls a second in the long run. (Who reads the list beside the drain makes a third lane of
one call at a time: reconcile, and an operator who requests again. Then the second rule gives 10 where all three lanes
are late at once; the first still gives 9 unless one of them is later than the others by S.) Reading orders has no
lanes: two processes may call at once, one of them over a new TLS connection from another continent, so there one call
in 1.5 s leaves S = 0.5 s under a limit of 1. Beyond that (a lost SYN is repeated after 1 s) a 429 is possible, and
harmless.
"""

import time
from importlib import resources
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from redis import Redis
    from redis.cluster import RedisCluster

_SPREAD_SECONDS = 0.125
# Calls of one drain that may be under way at once (`usecases/two_at_a_time.py`).
_LANES = 2


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
        args = [calls, round(window * 1e6), calls_a_second(calls), round(patience * 1e6)]
        wait = int(self._script(keys=[key], args=args))
        if wait < 0:
            return False
        time.sleep(wait / 1e6)
        return True


def calls_and_window(interval: float) -> tuple[int, float]:
    """Return how many slots there may be in how many seconds; in the long run none are closer than `interval`."""
    calls = max(1, int((1 + _SPREAD_SECONDS) / interval + 1e-9))  # a hair more: 1.125 / 0.125 must not be 8.99…
    return calls, max(1 + _SPREAD_SECONDS, calls * interval)


def calls_a_second(calls: int) -> int:
    """Return how many slots there may be in any second, so that with one late call a lane it is `calls` that arrive."""
    return max(1, calls - _LANES)
