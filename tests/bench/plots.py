"""The plots of docs/performance.md: SVG of a few lines, readable on a light page and on a dark one."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from tests.bench.figures import Spread
from tests.bench.outcomes import Outcome
from tests.bench.table import number

# A figure of this name is a point of a row's series.
_AT = "at "
TITLES = {
    "performance-batch.svg": "Events recorded a second, by the batch size",
    "performance-open.svg": "Events recorded a second, by the number of open orders",
}
_SERIES = {
    "performance-batch.svg": ("batch-sizes", "events a round trip (COLETA_INBOX_BATCH)"),
    "performance-open.svg": ("open-orders", "open orders in the ledger"),
}

_WIDTH, _HEIGHT = 640, 360
_LEFT, _RIGHT, _TOP, _BOTTOM = 76, 44, 44, 60
_MOST_TICKS = 6
_SVG = (
    f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-labelledby="title told">'
)
# GitHub shows a page's pictures apart from its style: each carries its own, for both schemes.
_STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #1f2328 } .title { font-weight: 600; font-size: 15px }
  .axis { stroke: #59636e } .grid { stroke: #d1d9e0 } .line { fill: none; stroke: #0550ae; stroke-width: 2 }
  .point { fill: #0550ae } .spread { stroke: #0550ae; stroke-width: 1.5 }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc } .axis { stroke: #9198a1 } .grid { stroke: #3d444d }
    .line, .spread { stroke: #79c0ff } .point { fill: #79c0ff }
  }
"""


@dataclass(frozen=True, slots=True)
class Point:
    """One place on the horizontal axis, and what was measured there."""

    at: float
    measured: Spread


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """A line through points, on a logarithmic horizontal axis and a vertical one that begins at 0."""

    title: str
    across: str
    up: str
    points: Sequence[Point]

    @property
    def top(self) -> float:
        """Where the vertical axis ends: a round number above every point."""
        return self._step * math.ceil(max(point.measured.most for point in self.points) / self._step)

    @property
    def _step(self) -> float:
        """How far apart the vertical axis's lines are: 1, 2 or 5 times a power of ten."""
        most = max(point.measured.most for point in self.points) or 1.0
        power = 10.0 ** math.floor(math.log10(most / _MOST_TICKS))
        return next(power * step for step in (1, 2, 5, 10) if most / (power * step) <= _MOST_TICKS)

    def x(self, at: float) -> float:
        """Return the place of a value on the horizontal axis."""
        logs = [math.log10(point.at) for point in self.points]
        span = (max(logs) - min(logs)) or 1.0
        return round(_LEFT + (_WIDTH - _LEFT - _RIGHT) * (math.log10(at) - min(logs)) / span, 1)

    def y(self, value: float) -> float:
        """Return the place of a value on the vertical axis."""
        return round(_HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * value / self.top, 1)

    def svg(self) -> str:
        """Return the picture."""
        told = "; ".join(f"{point.at:,.0f}: {number(point.measured.middle)}" for point in self.points)
        return "\n".join(
            [
                _SVG,
                f'<title id="title">{escape(self.title)}</title>',
                f'<desc id="told">{escape(f"{self.up}, by {self.across}: {told}")}</desc>',
                f"<style>{_STYLE}</style>",
                _text(_LEFT, 22, self.title, "start", "title"),
                *self._axes(),
                *self._series(),
                "</svg>\n",
            ]
        )

    def _axes(self) -> Iterable[str]:
        right, bottom = _WIDTH - _RIGHT, _HEIGHT - _BOTTOM
        for tick in range(round(self.top / self._step) + 1):
            value = tick * self._step
            yield _line(_LEFT, self.y(value), right, self.y(value), "axis" if tick == 0 else "grid")
            yield _text(_LEFT - 8, self.y(value) + 4, number(value), "end")
        for point in self.points:
            yield _line(self.x(point.at), bottom, self.x(point.at), bottom + 5, "axis")
            yield _text(self.x(point.at), bottom + 21, f"{point.at:,.0f}", "middle")
        yield _text((_LEFT + right) / 2, _HEIGHT - 12, self.across, "middle")
        place = f"translate(18 {(_TOP + bottom) / 2}) rotate(-90)"
        yield f'<text transform="{place}" text-anchor="middle">{escape(self.up)}</text>'

    def _series(self) -> Iterable[str]:
        places = [(self.x(point.at), self.y(point.measured.middle)) for point in self.points]
        yield f'<polyline class="line" points="{" ".join(f"{x},{y}" for x, y in places)}"/>'
        for point, (x, y) in zip(self.points, places, strict=True):
            spread = point.measured
            yield _line(x, self.y(spread.least), x, self.y(spread.most), "spread")
            shown = f"{point.at:,.0f}: {number(spread.middle)} ({number(spread.least)}–{number(spread.most)})"
            yield f'<circle class="point" cx="{x}" cy="{y}" r="4"><title>{escape(shown)}</title></circle>'


def drawn(outcomes: Iterable[Outcome]) -> dict[str, str]:
    """Return the plots of the series that were measured, by the name of their file."""
    by_name: Mapping[str, Outcome] = {outcome.name: outcome for outcome in outcomes}
    plots: dict[str, str] = {}
    for file, (row, across) in _SERIES.items():
        results = (
            {name: it for name, it in by_name[row].results.items() if name.startswith(_AT)} if row in by_name else {}
        )
        if results:
            points = [Point(float(name.removeprefix(_AT)), result.measured) for name, result in results.items()]
            unit = next(iter(results.values())).figure.unit
            up = f"events{unit}" if unit.startswith("/") else f"{unit} an event"
            ordered = sorted(points, key=lambda point: point.at)
            plots[file] = Plot(title=TITLES[file], across=across, up=up, points=ordered).svg()
    return plots


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line class="{kind}" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"/>'


def _text(x: float, y: float, text: str, anchor: str, kind: str = "label") -> str:
    return f'<text class="{kind}" x="{x}" y="{y}" text-anchor="{anchor}">{escape(text)}</text>'
