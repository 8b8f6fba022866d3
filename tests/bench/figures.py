"""What the bench measures: figures with a bar each, their readings, and the medians that are held against the bars."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any, Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure of a row: `what` is measured in `unit`, and what it must reach.

    With `against`, the bar is for the ratio of a reading to the reference of that name, taken in the same run; without,
    for the reading itself. A figure without a bar is only shown.
    """

    what: str
    unit: str
    against: str = ""
    at_least: float | None = None
    at_most: float | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """One measurement, and the reference that was measured beside it, in the same unit; 1 where there is none."""

    value: float
    reference: float = 1.0

    @property
    def ratio(self) -> float:
        """The value as a multiple of the reference."""
        return self.value / self.reference


@dataclass(frozen=True, slots=True)
class Spread:
    """Some numbers: the least, the median, the most."""

    least: float
    middle: float
    most: float

    @classmethod
    def of(cls, numbers: Iterable[float]) -> Self:
        """Return the spread of one number or more."""
        ordered = sorted(numbers)
        return cls(ordered[0], median(ordered), ordered[-1])


@dataclass(frozen=True, slots=True)
class Result:
    """A figure with its readings, one a run."""

    figure: Figure
    readings: Sequence[Reading]

    @property
    def measured(self) -> Spread:
        """The readings themselves, in the figure's unit."""
        return Spread.of(reading.value for reading in self.readings)

    @property
    def reference(self) -> Spread:
        """What was measured beside them, in the same unit."""
        return Spread.of(reading.reference for reading in self.readings)

    @property
    def ratio(self) -> Spread:
        """The readings as multiples of their references."""
        return Spread.of(reading.ratio for reading in self.readings)

    @property
    def reached(self) -> bool | None:
        """Whether the median reaches the bar; None where there is none."""
        figure = self.figure
        found = self.ratio.middle if figure.against else self.measured.middle
        if figure.at_least is not None:
            return found >= figure.at_least
        return found <= figure.at_most if figure.at_most is not None else None

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON holds it."""
        readings = [[reading.value, reading.reference] for reading in self.readings]
        return {"figure": asdict(self.figure), "readings": readings}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """Return the result that JSON holds."""
        return cls(Figure(**kept["figure"]), [Reading(*pair) for pair in kept["readings"]])


class BrokenPromiseError(AssertionError):
    """At the end of a row an order was requested early, twice or for Correios, or one is lost: its speed is void."""
