"""The rows of the bench, in the order of its table."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tests.bench.figures import Figure, Reading

Readings = Mapping[str, Reading]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much is measured: `runs` readings a figure; `share` scales what a run does (1 = whole)."""

    folder: Path
    runs: int = 5
    share: float = 1.0

    def scaled(self, count: int, least: int = 1) -> int:
        """Return how many of these a run does."""
        return max(least, round(count * self.share))


class Measure(Protocol):
    """Measures one row: yields the readings of each run by figure, and checks the promises before it ends."""

    def __call__(self, plan: Plan) -> Iterator[Readings]:
        """Yield a run's readings; raises `BrokenPromiseError`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row: its name on the command line, what it is about, its figures by name, and how they are measured."""

    name: str
    about: str
    figures: Mapping[str, Figure]
    measure: Measure
