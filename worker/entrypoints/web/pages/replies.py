"""What a page says of something that was asked for by its form and not done, or not all of it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from markupsafe import Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A page's answer: its HTTP status, what was done, why something was not, and what was typed, to be kept.

    `denied` names what was not done, and why, one by one; `unnamed` counts those for which there is no room.
    """

    status: int = 200
    said: str = ""
    objection: str | Markup = ""
    denied: Sequence[tuple[str, Markup]] = ()
    unnamed: int = 0
    asked: str = ""
    reason: str = ""
    carrier: str = ""
    chosen: Collection[str] = ()

    @property
    def values(self) -> dict[str, object]:
        """What the templates show of it, but for what was done."""
        return {
            "objection": self.objection,
            "denied": self.denied,
            "unnamed": self.unnamed,
            "asked": self.asked,
            "typed_reason": self.reason,
            "typed_carrier": self.carrier,
            "chosen": self.chosen,
            **({"said": self.said} if self.status != 200 else {}),  # noqa: PLR2004 - else the address says it
        }


ASKED_FOR = Reply()
"""The page was asked for, and nothing else."""
