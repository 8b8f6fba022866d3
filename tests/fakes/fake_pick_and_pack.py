"""Pick and Pack in memory: a plain fake of `ports.PickAndPack`."""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class FakePickAndPack:
    """One store's account. `asked` holds the ids that were asked for; `fault` is raised for all, or those of `broken`.

    Each of `during` happens once, inside the next question.
    """

    statuses: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    fault: Exception | None = None
    broken: set[str] = field(default_factory=set)
    during: list[Callable[[], object]] = field(default_factory=list)

    def status(self, order_id: str) -> str | None:
        self.asked.append(order_id)
        if self.during:
            self.during.pop()()
        if self.fault is not None and (not self.broken or order_id in self.broken):
            raise self.fault
        return self.statuses.get(order_id)
