"""Change orders by a rule of the domain, however often other writers are faster."""

from collections.abc import Callable, Iterable

from worker.domain.order import Order
from worker.ports import Change, Ledger, Lost

# Documents read or saved in one go; keeps a script short and a pipeline small.
CHUNK = 500
# More orders than a store will ever have.
ALL = 1_000_000_000


def rewrite(ledger: Ledger, ids: Iterable[str], change: Callable[[Order], Order]) -> list[Order]:
    """Change each of these orders that exist; returns those that were changed, as they were saved."""
    saved: list[Order] = []
    left = list(ids)
    while left:
        stored = ledger.load(left[:CHUNK])[0].values()
        changed = [(known, change(known.order)) for known in stored]
        changes = [Change(order=order, version=known.version) for known, order in changed if order is not known.order]
        lost: list[str] = []
        for each, result in zip(changes, ledger.save(changes), strict=True):
            if isinstance(result, Lost):
                lost.append(each.order.order_id)
            else:
                saved.append(each.order)
        left = left[CHUNK:] + lost
    return saved
