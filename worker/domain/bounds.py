"""How large one order may grow: no sender, and no mistake of one, can fill the server that all stores share."""

from worker.domain.order import Order

MOST_ROWS = 10_000
"""SKUs, invoices, their lines and their versions together; an order of a hundred boxes has hundreds."""
OUTGROWN = (
    f"the order would hold more than {MOST_ROWS} SKUs, invoices, lines and versions together, which no order of a"
    " person does; look at what its sender sends"
)


def outgrows(heard: Order, known: Order | None) -> bool:
    """Whether an order grew beyond every bound; what makes it no larger is always heard, a cancel for instance."""
    rows = _rows(heard)
    return rows > MOST_ROWS and (known is None or rows > _rows(known))


def _rows(order: Order) -> int:
    named = len(order.newest_list.items) if order.newest_list is not None else 0
    invoices = sum(1 + len(each.items) + len(each.aliases) + len(each.replaced) for each in order.invoices)
    return len(order.ordered) + named + invoices
