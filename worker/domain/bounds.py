"""How large one order may grow: no sender, and no mistake of one, can fill the server that all stores share."""

from worker.domain.order import Order

MOST_ROWS = 10_000
"""Of each kind an order holds: SKUs that were ordered, invoices with their lines, versions that were replaced. An order
of a hundred boxes has hundreds. Each kind has its own, so that one that is full keeps no correction of another out."""
OUTGROWN = (
    f"the order would hold more than {MOST_ROWS} SKUs, lines of invoices or replaced versions, which no order of a"
    " person does; look at what its sender sends"
)


def outgrows(heard: Order, known: Order | None) -> bool:
    """Whether an order grew beyond a bound; what makes it no larger is always heard, a cancel for instance."""
    after = _rows(heard)
    if max(after) <= MOST_ROWS:
        return False
    before = _rows(known) if known is not None else (0, 0, 0)
    return any(MOST_ROWS < now > was for now, was in zip(after, before, strict=True))


def _rows(order: Order) -> tuple[int, int, int]:
    named = len(order.newest_list.items) if order.newest_list is not None else 0
    lines = sum(1 + len(each.items) + len(each.aliases) for each in order.invoices)
    return len(order.ordered) + named, lines, sum(len(each.replaced) for each in order.invoices)
