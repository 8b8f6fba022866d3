"""The chart of hours: what is drawn of what was counted."""

from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from worker.domain.activity import HOUR, Hour
from worker.entrypoints.web.pages.charts import Chart, Hours, draw
from worker.entrypoints.web.pages.moments import Moments
from worker.entrypoints.web.pages.readers import Reader

# 2026-11-26 12:00 UTC.
NOON = 1_795_694_400_000


def drawn(hours: Hours, zone: str = "UTC") -> Chart:
    """Draw hours for an English reader."""
    reader = Reader(locale="en", chosen=False, zone=zone, zone_info=ZoneInfo(zone), others=())
    return draw(hours, Moments(reader, NOON), str, "{hour} {invoices} {pickups}".format)


def last(count: int, **counted: Hour) -> Hours:
    """Return the hours until noon; `h3` is what was counted three hours before."""
    return [(NOON - back * HOUR, counted.get(f"h{back}", Hour())) for back in range(count - 1, -1, -1)]


def test_the_highest_bar_stays_within_the_chart_and_the_scale_is_a_round_number() -> None:
    """109 invoices are drawn below a mark of 120."""
    chart = drawn(last(24, h0=Hour(109, 12)))
    assert chart.most == 120
    assert chart.top < chart.bars[-1].up < chart.axis
    assert chart.bars[-1].down < chart.bottom - chart.axis


def test_a_single_pickup_among_thousands_is_seen() -> None:
    """What was counted at all has a bar; what was not has none."""
    chart = drawn(last(24, h0=Hour(50_000, 1)))
    assert chart.bars[-1].down == 2
    assert chart.bars[0].down == 0


def test_marks_stand_at_the_readers_own_hours() -> None:
    """São Paulo's six o'clock is nine in UTC; in India the hours begin half an hour later."""
    assert [tick.words for tick in drawn(last(24), "America/Sao_Paulo").ticks] == ["12:00", "18:00", "00:00", "06:00"]
    assert "12:30" in [tick.words for tick in drawn(last(24), "Asia/Kolkata").ticks]


def test_a_week_is_told_by_the_readers_days() -> None:
    """The table of 168 hours has a line a day, the newest first, and loses no invoice."""
    chart = drawn(last(168, h0=Hour(3, 1), h20=Hour(4, 0), h100=Hour(5, 5)), "America/Sao_Paulo")
    assert [line.words for line in chart.lines[:2]] == ["Thu 26", "Wed 25"]
    assert sum(line.invoices for line in chart.lines) == chart.invoices == 12
    assert sum(line.pickups for line in chart.lines) == chart.pickups == 6


def test_each_hour_says_its_figures() -> None:
    """Who points at an hour reads when it began and what was counted."""
    assert drawn(last(24, h0=Hour(3, 1))).bars[-1].title == "26 Nov, 12:00 3 1"


@given(counts=st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 10**9)), max_size=200))
def test_nothing_is_ever_drawn_outside(counts: list[tuple[int, int]]) -> None:
    """Whatever was counted, every bar lies between the chart's edges."""
    chart = drawn([(NOON + i * HOUR, Hour(*each)) for i, each in enumerate(counts)])
    for bar in chart.bars:
        assert chart.top <= bar.up <= chart.axis
        assert 0 <= bar.down <= chart.bottom - chart.axis
        assert bar.left >= 0
        assert bar.left + bar.width <= 100.01
