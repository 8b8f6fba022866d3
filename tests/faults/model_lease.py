"""A drain's lease in the model, as the process sees it that holds it."""

from typing import TYPE_CHECKING

from worker import ports
from worker.ports import Drain

if TYPE_CHECKING:
    from tests.faults.model_ledger import ModelLedger, RedisSeen


class LeaseSeen:
    """A lease whose end its holder reckons from before the command; its holder may repeat any of it."""

    def __init__(self, seen: "RedisSeen", drain: Drain, ledger: "ModelLedger") -> None:
        self.token = f"{drain}-{next(ledger.kept.serial)}"
        self._seen, self._drain, self._ledger = seen, drain, ledger
        self._lasts = ledger.limits.inbox_lease_ms if drain is Drain.INBOX else ledger.limits.lease_ms
        self.seconds = self._lasts / 1000
        self._ends = 0

    def take(self) -> bool:
        return self._hold("lease", fresh=True)

    def begin(self) -> tuple[ports.Standing, bool]:
        before = self._ledger.now()
        standing, held = self._seen.command("begin", self._begun)
        self._ends = before + self._lasts if held else 0
        return standing, held

    def renew(self) -> bool:
        return self._hold("renew", fresh=False)

    def outlives(self, seconds: float) -> bool:
        return self._ends - self._ledger.now() > seconds * 1000

    def release(self) -> None:
        self._ends = 0
        self._seen.command("release", self._let_go)

    def _hold(self, what: str, *, fresh: bool) -> bool:
        before = self._ledger.now()
        held = bool(self._seen.command(what, lambda: self._held(fresh=fresh)))
        self._ends = before + self._lasts if held else 0
        return held

    def _begun(self) -> tuple[ports.Standing, bool]:
        self._ledger.clear_hint(self._drain)
        standing = self._ledger.standing(self._drain)
        return standing, standing.backoff.until <= standing.now and self._held(fresh=True)

    def _held(self, *, fresh: bool) -> bool:
        holder = self._ledger.holder(self._drain)
        if holder == self.token or (holder is None and fresh):
            self._ledger.kept.leases[self._drain] = (self.token, self._ledger.now() + self._lasts)
            return True
        return False

    def _let_go(self) -> None:
        if self._ledger.holder(self._drain) == self.token:
            del self._ledger.kept.leases[self._drain]
