"""What became of a row: its figures' readings, or why there are none; and whether each figure reached its bar."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self

from tests.bench.bare import LEAST_RATE
from tests.bench.figures import Reading, Result
from tests.bench.rows import Row

# Who is measured against bare Celery's worker names it so.
BARE = "bare Celery"


class Reached(StrEnum):
    """Whether a figure reached its bar."""

    YES = "yes"
    NO = "no"
    VOID = "void"
    NONE = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A measured row: its results by the figure's name, the seconds it took, and why it failed ("" = it did not)."""

    name: str
    about: str
    seconds: float = 0.0
    results: Mapping[str, Result] = field(default_factory=dict)
    failed: str = ""

    @classmethod
    def of(cls, row: Row, readings: Mapping[str, list[Reading]], seconds: float, failed: str = "") -> Self:
        """Return what a row brought; what a failed one brought is void, and left out."""
        results = {} if failed else {name: Result(row.figures[name], its) for name, its in readings.items()}
        return cls(name=row.name, about=row.about, seconds=seconds, results=results, failed=failed)

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON holds it."""
        results = {name: result.as_json() for name, result in self.results.items()}
        about = {"name": self.name, "about": self.about, "seconds": round(self.seconds, 1), "failed": self.failed}
        return {**about, "results": results}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """Return the outcome that JSON holds."""
        results = {name: Result.from_json(each) for name, each in kept["results"].items()}
        return cls(**{**kept, "results": results})


def held(result: Result) -> Result:
    """Return the result with those of its readings that count.

    Where bare Celery was slower than `LEAST_RATE`, the machine was too busy: its ratio says nothing.
    """
    if result.figure.against != BARE:
        return result
    return Result(result.figure, [each for each in result.readings if each.reference >= LEAST_RATE])


def void_runs(result: Result) -> int:
    """Return how many of its readings say nothing."""
    return len(result.readings) - len(held(result).readings)


def reached(result: Result) -> Reached:
    """Return whether the bar is reached by the readings that count; void if these are not more than half."""
    if 2 * void_runs(result) >= len(result.readings):
        return Reached.VOID
    found = held(result).reached
    return Reached.NONE if found is None else Reached.YES if found else Reached.NO


def missed(outcome: Outcome) -> list[str]:
    """Return the names of the figures that do not reach their bars."""
    return [name for name, result in outcome.results.items() if reached(result) is Reached.NO]
