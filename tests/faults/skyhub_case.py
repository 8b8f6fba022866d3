"""A store that has one fault on one call of SkyHub's, and what must come of it."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Literal

Asked = Literal["open", "taken", "confirm", "order", "orders"]
CALLS: dict[Asked, str] = {
    "open": "`collectables?requested=false`",
    "taken": "`collectables?requested=true`",
    "confirm": "`confirm_collection`",
    "order": "`orders/{code}`",
    "orders": "`orders`",
}


class Ends(Enum):
    """What must be seen while a fault lasts, before it is taken away."""

    RESTS = "rests and tries again"
    PAUSED = "paused"
    FAILED = "failed"
    WAITS = "waits, not known at SkyHub"
    HELD = "due, not collectable yet"
    PASSES = "requested all the same"
    POISONED = "all others requested"


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """How long things take: of a deployment, and of the faults that are to outlast or to undercut it, in seconds."""

    call: float
    late: float
    settling: float
    lag: float
    drip: float
    sweep: float
    strikes: int  # of a fault that a store rests over, before it is taken away


FULL = Times(call=2, late=3, settling=4, lag=3.5, drip=0.5, sweep=2, strikes=2)
SHORT_CUT = Times(call=1, late=1.3, settling=2, lag=1.7, drip=0.3, sweep=0.5, strikes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A store that has one fault on one call: `fault` names it, `word` is in what it is shown with while it lasts.

    `first` is what strikes before it, so that it finds what it is about. `gate` is set where the connection is refused.
    """

    fault: str
    call: Asked
    ends: Ends
    word: str = ""
    faults: tuple[dict[str, Any], ...] = ()
    first: tuple[dict[str, Any], ...] = ()
    settings: dict[str, float | bool] = field(default_factory=dict)
    direct: int = 3
    gate: bool = False
    effect: bool = False
    poison: bool = False

    @property
    def title(self) -> str:
        """How its call is called in a report."""
        return CALLS[self.call] + (" after its effect" if self.effect else "")

    @property
    def says_carrier(self) -> bool:
        """Whether the events name the carrier, so that nothing is to be learned."""
        return self.call not in ("order", "orders")

    @property
    def burns_nothing(self) -> bool:
        """Whether no attempt may be counted."""
        return self.call == "confirm" and (
            self.ends is Ends.PAUSED or (self.ends is Ends.RESTS and (self.gate or "429" in self.word))
        )
