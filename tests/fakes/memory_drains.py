"""The drains of a store in memory: leases, hints, pauses, back-offs, and which server answers."""

from collections.abc import Callable
from dataclasses import replace
from threading import RLock

from tests.fakes.memory_state import Kept, ManualClock
from worker import ports
from worker.adapters.redis_ledger import Limits
from worker.ports import Drain


class MemoryLease:
    """A lease whose own clock is the server's."""

    def __init__(self, ledger: "MemoryDrains", drain: Drain) -> None:
        self.token = f"{drain}-{next(ledger.kept.serial)}"
        self._ledger = ledger
        self._drain = drain
        self._lasts = ledger.limits.inbox_lease_ms if drain is Drain.INBOX else ledger.limits.lease_ms
        self.seconds = self._lasts / 1000
        self._ends = 0

    def take(self) -> bool:
        return self._hold(wanted=None)

    def renew(self) -> bool:
        return self._hold(wanted=self.token)

    def outlives(self, seconds: float) -> bool:
        return self._ends - self._ledger.now() > seconds * 1000

    def release(self) -> None:
        self._ends = 0
        with self._ledger.lock:
            if self._ledger.holder(self._drain) == self.token:
                del self._ledger.kept.leases[self._drain]

    def _hold(self, wanted: str | None) -> bool:
        with self._ledger.lock:
            held = self._ledger.holder(self._drain) == wanted
            self._ends = self._ledger.now() + self._lasts if held else 0
            if held:
                self._ledger.kept.leases[self._drain] = (self.token, self._ends)
            return held


class MemoryDrains:
    """One store's drains; `kept` is all the store holds."""

    def __init__(self, store: str, clock: ManualClock, limits: Limits, lock: RLock, server: Callable[[], str]) -> None:
        self.store = store
        self.kept = Kept()
        self.now = clock
        self.limits = limits
        self.lock = lock
        self.server = server

    def lease(self, drain: Drain) -> ports.Lease | None:
        lease = MemoryLease(self, drain)
        return lease if lease.take() else None

    def begin(self, drain: Drain) -> tuple[ports.Standing, ports.Lease | None]:
        with self.lock:
            self.clear_hint(drain)
            standing = self.standing(drain)
            return standing, self.lease(drain) if standing.backoff.until <= standing.now else None

    def holder(self, drain: Drain) -> str | None:
        token, ends = self.kept.leases.get(drain, (None, 0))
        return token if ends > self.now() else None

    def held_for(self, drain: Drain) -> int:
        _, ends = self.kept.leases.get(drain, (None, 0))
        return max(0, ends - self.now())

    def hint(self, drain: Drain) -> bool:
        with self.lock:
            if self.kept.hints.get(drain, 0) > self.now():
                return False
            self.kept.hints[drain] = self.now() + self.limits.hint_ms
            return True

    def clear_hint(self, drain: Drain) -> None:
        self.kept.hints.pop(drain, None)

    def standing(self, drain: Drain) -> ports.Standing:
        with self.lock:
            server = self.kept.server
            if server.known not in ("", self.server()):
                server.changed_at = self.now()
            server.known = self.server()
            return ports.Standing(
                now=self.now(),
                changed_at=server.changed_at,
                doubted=server.doubted == server.changed_at,
                pause=self.kept.pause,
                backoff=self.kept.backoffs.get(drain, ports.Backoff()),
            )

    def doubted(self, changed_at: int) -> None:
        self.kept.server.doubted = changed_at

    def pause(self, before: ports.Pause, by: str, reason: str, probe_in: int, growth: int) -> bool:
        since, probe_at = before.since if before.active else self.now(), self.now() + probe_in
        after = ports.Pause(
            active=True, by=by, reason=reason, since=since, probe_at=probe_at, growth=growth, total_ms=before.total_ms
        )
        return self._set_pause(before, after)

    def resume(self, before: ports.Pause, *, growth: int) -> bool:
        ended = self.now() - before.since if before.active else 0
        return self._set_pause(before, replace(before, active=False, growth=growth, total_ms=before.total_ms + ended))

    def _set_pause(self, before: ports.Pause, after: ports.Pause) -> bool:
        with self.lock:
            same = self.kept.pause == before
            self.kept.pause = after if same else self.kept.pause
            return same

    def back_off(self, drain: Drain, token: str, tries: int, delay_ms: int, reason: str) -> None:
        self.kept.backoffs[drain] = ports.Backoff(self.now() + delay_ms, token, tries, reason)

    def clear_backoff(self, drain: Drain) -> None:
        self.kept.backoffs.pop(drain, None)

    def save_reconciled(self, found: ports.Reconciled) -> None:
        self.kept.reconciled = replace(found, at=self.now())

    def scan(self) -> ports.Scan | None:
        return self.kept.scan

    def save_scan(self, scan: ports.Scan | None) -> None:
        self.kept.scan = scan
