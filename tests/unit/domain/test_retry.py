"""When to try again, to the millisecond."""

import pytest

from tests.unit.domain.builders import DAY, HOUR, MINUTE, SECOND
from worker.domain.retry import GiveUp, RetryAt, Schedule, not_yet, pace, probe, trouble

SCHEDULE = Schedule()


@pytest.mark.parametrize(
    ("tries", "delay"),
    [(0, MINUTE), (1, 2 * MINUTE), (4, 16 * MINUTE), (5, 30 * MINUTE), (500, 30 * MINUTE)],
)
def test_what_skyhub_does_not_list_yet_is_looked_for_at_a_slowing_pace(tries: int, delay: int) -> None:
    """One minute, doubling, never more than thirty."""
    assert not_yet(SCHEDULE, tries, waited_ms=0) == RetryAt(delay)
    assert pace(SCHEDULE, tries) == delay


def test_ten_days_without_being_listed_is_the_end() -> None:
    """Given up at the limit, not a millisecond before; the reason names the step that is likely missing."""
    assert not_yet(SCHEDULE, 3, 10 * DAY - 1) == RetryAt(8 * MINUTE)
    assert not_yet(SCHEDULE, 3, 10 * DAY) == GiveUp(
        "not_collectable: SkyHub did not list it for 10 days; check that its label was printed"
    )
    assert not_yet(Schedule(not_yet_limit=36 * HOUR), 0, 36 * HOUR) == GiveUp(
        "not_collectable: SkyHub did not list it for 1.5 days; check that its label was printed"
    )


@pytest.mark.parametrize(
    ("tries", "draw", "delay"),
    [
        (0, 0.9, SECOND),
        (3, 0.5, 4 * SECOND),
        (3, 0.0, SECOND),
        (9, 0.999999, 512 * SECOND),
        (10, 0.5, 5 * MINUTE),
        (10_000, 0.5, 5 * MINUTE),
    ],
)
def test_trouble_backs_off_with_full_jitter(tries: int, draw: float, delay: int) -> None:
    """Between one second and a ceiling that doubles from one second to ten minutes; never given up."""
    assert trouble(SCHEDULE, tries, None, draw).delay_ms == pytest.approx(delay, abs=1)


def test_retry_after_is_honoured_when_it_is_longer() -> None:
    """What the counterparty asks for is the least it gets, in seconds and their fractions."""
    assert trouble(SCHEDULE, 0, 7.25, 0.5) == RetryAt(7_250)
    assert trouble(SCHEDULE, 10, 1.0, 0.5) == RetryAt(300_000)
    assert trouble(SCHEDULE, 0, 3_600.0, 0.5) == RetryAt(HOUR)
    assert trouble(SCHEDULE, 0, 0.0, 0.0) == RetryAt(SECOND)


@pytest.mark.parametrize(("tries", "delay"), [(0, MINUTE), (1, 2 * MINUTE), (3, 8 * MINUTE), (4, 15 * MINUTE)])
def test_a_store_that_paused_itself_is_probed_at_a_slowing_pace(tries: int, delay: int) -> None:
    """Every sixty seconds, growing to fifteen minutes."""
    assert probe(SCHEDULE, tries) == RetryAt(delay)


def test_every_time_is_the_deployments() -> None:
    """A setting, once given, is the one that counts."""
    schedule = Schedule(not_yet=10, not_yet_max=35, backoff=3, backoff_max=20, probe=7, probe_max=25)
    assert [pace(schedule, tries) for tries in range(4)] == [10, 20, 35, 35]
    assert [trouble(schedule, tries, None, 1.0).delay_ms for tries in range(4)] == [3, 6, 12, 20]
    assert [probe(schedule, tries).delay_ms for tries in range(3)] == [7, 14, 25]
