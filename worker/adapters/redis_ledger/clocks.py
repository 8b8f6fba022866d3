"""Whether the clock of a Redis server was set forward, told by a clock that nobody sets (docs/decisions/0031)."""

from collections.abc import Callable
from dataclasses import dataclass

import structlog

from worker.adapters.redis_ledger.lease import boottime
from worker.telemetry import Log

log = structlog.get_logger()

# How fast two clocks may part by themselves: no kernel slews one faster (adjtimex), a bad quartz does a fifth of it.
_DRIFT = 500e-6
# What was told more slowly replaces no earlier sight of that server: it would hide a step as long as the telling.
_SLOW_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Sight:
    """A server (its run id, "" where it has none) and its time, told between two moments of our clock.

    `now` in milliseconds of the server's clock, `before` and `after` in seconds of ours.
    """

    server: str
    now: int
    before: float
    after: float

    def moment_of(self, earlier: "Sight") -> int:
        """Return the moment of an earlier sight as this server's clock tells it by now: so much, or later."""
        return self.now - round((self.after - earlier.before) * 1000)


class Clocks:
    """The servers of a process's stores as it saw them last, by store: on a cluster each node has a clock of its own.

    `most_ms` is how far a clock may be set forward unnoticed. `clock` gives seconds; nobody sets it, and suspend does
    not stop it. Threads may share this: whose older sight replaces a newer one only finds the same step once more, and
    a step that its store knows of starts nothing (`forward.lua`).
    """

    def __init__(self, most_ms: int, clock: Callable[[], float] = boottime) -> None:
        self.clock = clock
        self._most_ms = most_ms
        self._seen: dict[str, Sight] = {}

    def doubted_since(self, store: str, sight: Sight) -> int | None:
        """Return since when on the server's clock requests of a store are in doubt, None: they are not.

        The clock was set forward since then; or the server is another one, which may have happened to it as well.
        However slowly either sight was told, less than the difference is never taken for more.
        """
        known = self._seen.get(store)
        if known is None:
            return None
        moment = sight.moment_of(known)
        allowed_ms = self._most_ms + round((sight.after - known.before) * 1000 * _DRIFT)
        if known.server != sight.server:
            # A quarantine that somebody began since the last look covers this, by a clock that may be off.
            return moment - allowed_ms if known.server and sight.server else None
        forward_ms = moment - known.now
        if forward_ms <= allowed_ms:
            return None
        log.warning(Log.CLOCK_SET_FORWARD, store=store, seconds=round(forward_ms / 1000))
        return moment

    def keep(self, store: str, sight: Sight) -> None:
        """Compare with this sight from now on: call it once the store knows of what `doubted_since` found."""
        known = self._seen.get(store)
        if known is None or known.server != sight.server or sight.after - sight.before < _SLOW_SECONDS:
            self._seen[store] = sight
