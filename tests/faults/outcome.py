"""What one failure did to the four promises: a row of docs/reliability.md, and how it is judged."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from tests.fixtures.sales import Sale
from worker.sandbox.report import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """How many orders had a promise broken, by SkyHub's own count."""

    lost: int = 0
    early: int = 0
    twice: int = 0
    correios: int = 0

    def __add__(self, other: "Broken") -> "Broken":
        """Return both together."""
        return Broken(
            lost=self.lost + other.lost,
            early=self.early + other.early,
            twice=self.twice + other.twice,
            correios=self.correios + other.correios,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One failure. `how` says how it is made; `orders` were under way, in `runs` runs.

    `landed` counts the faults that really struck, `requesting` the orders in that status when they did (None: the
    failure cannot meet any, and `note` says why). `recovery` is the longest time, in seconds, from the end of a fault
    until all was settled. `named` counts losses that are shown as `collectable_but_unknown`; no other column has them.
    """

    part: str
    failure: str
    how: str
    orders: int
    landed: int
    requesting: int | None
    broken: Broken
    recovery: float | None = None
    named: int = 0
    runs: int = 1
    note: str = ""

    @property
    def kept(self) -> bool:
        """Whether faults landed and no promise broke."""
        return self.landed > 0 and self.broken == Broken()

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON holds it."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Self:
        """Return what `as_json` gave."""
        return cls(**{**kept, "broken": Broken(**kept["broken"])})


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What a scenario is given: a folder of its own, the seed of its chances, and whether it is the short cut."""

    folder: Path
    seed: int
    short: bool = True


def judged(report: Report, sold: Iterable[Sale], *, incomplete: Iterable[Sale] = ()) -> Broken:
    """Judge complete orders, and some that never got their last invoice, by what SkyHub accepted.

    Every complete Direct order must have been accepted exactly once, no other one at all.
    """
    complete, waiting = list(sold), list(incomplete)
    direct = {sale.code for sale in complete if sale.carrier == "direct"}
    others = {sale.code for sale in (*complete, *waiting) if sale.carrier != "direct"}
    accepted = report.accepted
    return Broken(
        lost=sum(code not in accepted for code in direct),
        early=len({*report.early, *(sale.code for sale in waiting if sale.code in accepted)}),
        twice=len({*report.second, *(code for code, times in accepted.items() if len(times) > 1)}),
        correios=len({*report.wrong_carrier, *(code for code in others if code in accepted)}),
    )
