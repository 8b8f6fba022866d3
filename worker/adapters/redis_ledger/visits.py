"""Who is at the pages, and who tries to get there: shared by all web processes, through their restarts.

Every method raises redis-py's errors.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from worker.adapters.redis_ledger.keys import NO_STORE, Keys
from worker.adapters.redis_ledger.scripts import Client, Scripts

_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Counter:
    """Tries that are counted together: whose they are, and how many a window may have."""

    whose: str
    most: int


class RedisVisits:
    """Sessions and tries in Redis. A session that is not there has ended: no other process can go on with it."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._scripts = Scripts(client)
        self._keys = Keys(NO_STORE)

    def signing_key(self, *, make: bool = False) -> bytes | None:
        """Return the random key that what browsers keep is signed with; None if none was made. Made once, for all."""
        key = self._keys("session-key")
        if make:
            self._client.set(key, secrets.token_hex(_KEY_BYTES), nx=True)
        held = self._client.get(key)
        return str(held).encode() if held else None

    def begin(self, session: str, milliseconds: int) -> None:
        """Let a session begin; it ends by itself after that time."""
        self._client.set(self._session(session), "1", px=milliseconds)

    def left(self, session: str) -> int:
        """Return for how many milliseconds a session lives on, 0 if it has ended."""
        return max(0, int(str(self._client.pttl(self._session(session)))))

    def prolong(self, session: str, milliseconds: int) -> None:
        """Let a session that has not ended live for that time from now."""
        self._client.pexpire(self._session(session), milliseconds)

    def end(self, session: str) -> None:
        """End a session."""
        self._client.delete(self._session(session))

    def take(self, counters: Sequence[Counter], window_ms: int) -> int:
        """Count a try, before it is made; returns 0, or for how many milliseconds none may be made."""
        return self._attempt("take", counters, window_ms)

    def give_back(self, counters: Sequence[Counter], window_ms: int) -> None:
        """Take back a try that succeeded."""
        self._attempt("give back", counters, window_ms)

    def _attempt(self, step: str, counters: Sequence[Counter], window_ms: int) -> int:
        keys = [self._keys(f"tries:{counter.whose}") for counter in counters]
        return int(self._scripts.call("attempt", keys, [step, window_ms, *(counter.most for counter in counters)]))

    def _session(self, session: str) -> str:
        return self._keys(f"session:{session}")
