"""The chart of a store's hours as numbers: bars above and below a line, marks under it, and the lines of its table."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from worker.domain.activity import Hour
from worker.entrypoints.web.pages.moments import Moments

Hours = Sequence[tuple[int, Hour]]
"""Hours in a row, each with the epoch milliseconds at which it began."""


DAY_HOURS = 24
WEEK_HOURS = 7 * 24
_TOP = 20
_AXIS = 104
_BOTTOM = 188
_REACH = _AXIS - _TOP
# A scale ends at one of these, times a power of ten, and shows so many at least.
_ROUND = (10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100)
_LEAST = 10


@dataclass(frozen=True, slots=True)
class Bar:
    """One hour: `x`, `step`, `left` and `width` in percent of the chart's width, `up` and `down` in its pixels."""

    x: float
    step: float
    left: float
    width: float
    invoices: int
    pickups: int
    up: float
    down: float
    title: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark under the chart, at `x` percent of its width."""

    x: float
    words: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table: an hour, or a day of the reader's."""

    words: str
    invoices: int
    pickups: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """The whole chart; `most` is what its highest bar could show."""

    bars: Sequence[Bar]
    ticks: Sequence[Tick]
    lines: Sequence[Line]
    invoices: int
    pickups: int
    most: int
    top: int = _TOP
    axis: int = _AXIS
    bottom: int = _BOTTOM


def draw(hours: Hours, moments: Moments, number: Callable[[int], str], title: Callable[..., str]) -> Chart:
    """Return the chart of these hours; `title` takes `hour`, `invoices` and `pickups` and says them."""
    most = _round_up(max((max(hour.invoices, hour.requested) for _, hour in hours), default=0))
    step = 100 / max(1, len(hours))
    by_day = len(hours) > DAY_HOURS
    bars = [
        Bar(
            x=round(step * i, 3),
            step=round(step, 3),
            left=round(step * (i + (0.1 if by_day else 0.16)), 3),
            width=round(step * (0.8 if by_day else 0.68), 3),
            invoices=hour.invoices,
            pickups=hour.requested,
            up=_AXIS - _height(hour.invoices, most),
            down=_height(hour.requested, most),
            title=title(hour=moments.beginning(at), invoices=number(hour.invoices), pickups=number(hour.requested)),
        )
        for i, (at, hour) in enumerate(hours)
    ]
    return Chart(
        bars=bars,
        ticks=list(_ticks(hours, step, moments, by_day=by_day)),
        lines=list(_days(hours, moments) if by_day else _hours(hours, moments)),
        invoices=sum(hour.invoices for _, hour in hours),
        pickups=sum(hour.requested for _, hour in hours),
        most=most,
    )


def _height(count: int, most: int) -> float:
    # What was counted at all is seen.
    return round(max(2.0, _REACH * count / most), 1) if count else 0


def _round_up(most: int) -> int:
    """Return the next round number, so that the scale does not jump with every order."""
    if most <= _LEAST:
        return _LEAST
    power = int(10 ** (len(str(most)) - 2))
    return next(steps * power for steps in _ROUND if steps * power >= most)


def _ticks(hours: Hours, step: float, moments: Moments, *, by_day: bool) -> Iterator[Tick]:
    """Yield a mark at midnight of each day, or at each sixth hour of one; none where it would be cut off."""
    for i, (at, _) in enumerate(hours):
        of_day = moments.local(at).hour
        x = round(step * i, 3)
        if 3 < x < 97 and of_day % (24 if by_day else 6) == 0:  # noqa: PLR2004 - half a mark's width in percent
            yield Tick(x, moments.day(at) if by_day else moments.hour(at))


def _hours(hours: Hours, moments: Moments) -> Iterator[Line]:
    for at, hour in reversed(hours):
        yield Line(moments.beginning(at), hour.invoices, hour.requested)


def _days(hours: Hours, moments: Moments) -> Iterator[Line]:
    days: dict[str, tuple[int, int]] = {}
    for at, hour in reversed(hours):
        day = moments.day(at)
        invoices, pickups = days.get(day, (0, 0))
        days[day] = (invoices + hour.invoices, pickups + hour.requested)
    for day, (invoices, pickups) in days.items():
        yield Line(day, invoices, pickups)
