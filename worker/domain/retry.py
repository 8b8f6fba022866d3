"""When to try again. A decision is a value; one place obeys it."""

from dataclasses import dataclass

DAY = 24 * 60 * 60 * 1000


@dataclass(frozen=True, slots=True)
class RetryAt:
    """Try again so many milliseconds from now."""

    delay_ms: int


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Stop and show it to an operator."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """The times of a deployment, in milliseconds (settings of the same names)."""

    not_yet: int = 60_000
    not_yet_max: int = 1_800_000
    not_yet_limit: int = 10 * DAY
    backoff: int = 1_000
    backoff_max: int = 600_000
    probe: int = 60_000
    probe_max: int = 900_000
    packed: int = 60_000
    packed_max: int = 600_000


def not_yet(schedule: Schedule, tries: int, waited_ms: int) -> RetryAt | GiveUp:
    """Decide on an order that SkyHub does not list yet: 1 min growing to 30 min, given up after 10 days."""
    if waited_ms >= schedule.not_yet_limit:
        days = schedule.not_yet_limit / DAY
        return GiveUp(f"not_collectable: SkyHub did not list it for {days:g} days; check that its label was printed")
    return RetryAt(pace(schedule, tries))


def pace(schedule: Schedule, tries: int) -> int:
    """Milliseconds before SkyHub is asked again about something it does not know yet."""
    return _doubled(schedule.not_yet, tries, schedule.not_yet_max)


def packing(schedule: Schedule, tries: int) -> int:
    """Milliseconds before Pick and Pack is asked again about a box that is not packed yet: 1 min growing to 10 min."""
    return _doubled(schedule.packed, tries, schedule.packed_max)


def trouble(schedule: Schedule, tries: int, retry_after: float | None, draw: float) -> RetryAt:
    """Decide on a counterparty that is down or throttles: exponential with full jitter, never given up.

    `tries` counts the failures before this one; `retry_after` is in seconds, as the counterparty said; `draw` is a
    random number in [0, 1).
    """
    ceiling = _doubled(schedule.backoff, tries, schedule.backoff_max)
    jittered = max(schedule.backoff, round(ceiling * draw))
    return RetryAt(max(jittered, round((retry_after or 0) * 1000)))


def probe(schedule: Schedule, tries: int) -> RetryAt:
    """Decide when a store that paused itself looks again: every 60 s, growing to 15 min."""
    return RetryAt(_doubled(schedule.probe, tries, schedule.probe_max))


def _doubled(first: int, tries: int, most: int) -> int:
    return min(most, first << min(tries, 32))
