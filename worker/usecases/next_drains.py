"""Where work waits after a run, in the same words for every drain."""

from dataclasses import dataclass, field

from worker.domain.order import In, Order, Status
from worker.ports import Drain
from worker.telemetry import Names
from worker.usecases.store_trouble import Rest


@dataclass(slots=True, kw_only=True)
class Done:
    """What a run leaves: the drains that have work now, its own too if it left some, and the rest it was asked for."""

    drains: set[Drain] = field(default_factory=set)
    rest: Rest | None = None
    named: Names = field(default_factory=Names, compare=False)
    named_due: Names = field(default_factory=Names, compare=False)

    def note(self, order: Order) -> None:
        """Remember an order that this run changed, for its log line."""
        self.named.add(order.order_id)
        if order.status is Status.DUE:
            self.named_due.add(order.order_id)

    @property
    def told(self) -> dict[str, object]:
        """The fields of the log line: the orders that were changed, and those of them that are due."""
        return {**self.named_due.fields("due_ids"), **self.named.fields()}


def drains_of(order: Order) -> set[Drain]:
    """Return the drains for which this order has work since its last save.

    What was fixed to a moment before was told of then: a repeat that hints anew keeps every drain busy for nothing.
    """
    drains = set()
    if order.status is Status.DUE and isinstance(order.at, In):
        drains.add(Drain.PICKUPS)
    if isinstance(order.learn_at, In):
        drains.add(Drain.LEARN)
    if isinstance(order.reread_at, In):
        drains.add(Drain.REREAD)
    return drains
