"""What a store and a deployment decided, as far as the rules depend on it."""

from dataclasses import dataclass, field

from worker.domain.retry import DAY, Schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Times in milliseconds. `paused_ms` is the store's total pause so far, `oms` whether its VTEX OMS can be asked.

    `changed_at` is when the Redis server was seen to be another one, or its clock set forward (0 = never); every order
    known before it, or for `doubt_ms` after it, counts as one whose request may have been forgotten.
    """

    contracted: bool = True
    affiliate: str | None = None
    oms: bool = False
    require_packed: bool = False
    settling_ms: int = 60_000
    claim_ms: int = 45_000
    absent_ms: int = 1_800_000
    packed_hold_ms: int = DAY
    waiting_long_ms: int = 3 * DAY
    paused_ms: int = 0
    changed_at: int = 0
    doubt_ms: int = 105_000 + 2 * 900_000  # the quarantine, and two turns of reconcile
    schedule: Schedule = field(default_factory=Schedule)

    @property
    def quarantine_ms(self) -> int:
        """For how long nothing is requested after a change of server, which may have forgotten a claim."""
        return self.claim_ms + self.settling_ms
