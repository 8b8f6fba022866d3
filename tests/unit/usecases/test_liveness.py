"""Liveness: who makes no progress is found, who waits for Redis or a broker is left alone."""

import pytest

from worker.ports.processes import Kind, Trace
from worker.usecases.liveness import BROKER_MS, DEAF_MS, LOOP_MS, SILENT_MS, STUCK_MS, stuck

NOW = 1_800_000_000_000


def trace(kind: Kind = Kind.WORKER, *, seen_ago: int = 0, busy: int = 0, every_ms: int = 0, **ago: int) -> Trace:
    """Describe a process of 8 threads; its moments are so many milliseconds ago."""
    return Trace(
        kind=kind,
        name=f"{kind}@here",
        host="here",
        pid=1,
        version="1",
        seen_at=NOW - seen_ago,
        moments={name: NOW - at for name, at in ago.items()},
        numbers={"busy": busy, "threads": 8, "every_ms": every_ms},
    )


LATE = STUCK_MS + 1


@pytest.mark.parametrize(
    "well",
    [
        trace(),
        trace(seen_ago=SILENT_MS),
        trace(turned=LOOP_MS, ended=0),
        trace(busy=7, ended=LATE, busy_since=LATE),
        trace(busy=8, ended=0, busy_since=LATE),
        trace(busy=8, ended=LATE, busy_since=0),
        trace(deaf_since=DEAF_MS),
        trace(Kind.BEAT, turned=0, sent=LOOP_MS),
        trace(Kind.BEAT, turned=600_000, sent=1_800_000, every_ms=600_000),
        trace(Kind.BEAT, turned=0, sent=3_600_000, every_ms=600_000),
        trace(Kind.WEB, turned=0),
        trace(Kind.WEB, turned=0, saved=10 * STUCK_MS),
    ],
)
def test_who_makes_progress_or_has_nothing_to_do_is_well(well: Trace) -> None:
    """One long task among free threads is no trouble; neither is a beat that is to send seldom."""
    assert stuck(well, NOW) is None


@pytest.mark.parametrize(
    ("ill", "reason"),
    [
        (trace(seen_ago=75_000), "has said nothing for 75 s: it is dead, or frozen"),
        (trace(turned=180_000), "has not gone through its main loop for 3 min"),
        (trace(busy=8, ended=LATE, busy_since=LATE), "has all its threads busy, and no task ended for 15 min"),
        (trace(deaf_since=180_000), "has taken no message for 3 min, although some wait for it"),
        (trace(Kind.BEAT, turned=0, sent=180_000, every_ms=10_000), "has sent nothing for 3 min"),
        (trace(Kind.BEAT, turned=0, sent=3_700_000, every_ms=600_000), "has sent nothing for 61 min"),
        (trace(Kind.BEAT, turned=3 * 3_600_000, sent=0), "has not gone through its main loop for 3 h"),
        (trace(Kind.WEB, turned=180_000), "has not gone through its main loop for 3 min"),
    ],
)
def test_who_lives_without_progress_is_found(ill: Trace, reason: str) -> None:
    """It is said since when, and what does not happen."""
    assert stuck(ill, NOW) == reason


@pytest.mark.parametrize(
    "waiting",
    [
        trace(turned=LATE, broker_away=BROKER_MS),
        trace(turned=0, deaf_since=LATE, broker_away=0),
        trace(Kind.BEAT, turned=LATE, sent=LATE, broker_away=0),
    ],
)
def test_who_waits_for_its_broker_is_not_stuck(waiting: Trace) -> None:
    """Another process would wait as well."""
    assert stuck(waiting, NOW) is None


def test_a_broker_that_was_away_long_ago_explains_nothing() -> None:
    """It is back, and the process did not notice."""
    assert stuck(trace(turned=LATE, broker_away=BROKER_MS + 1), NOW) is not None
