"""What a storm leaves: events that are in no document, and orders that do not stand where they must."""

from collections.abc import Collection, Iterator
from itertools import groupby

from tests.fixtures.loads import Load
from tests.fixtures.running_service import RunningService
from tests.fixtures.sales import Sale
from worker.domain.order import Order, Status

Invoiced = tuple[int, int]
"""An event of a load: its order's index and its item's."""

_CHUNK = 500
_SHOWN = 5


def documents(service: RunningService, sold: Collection[Sale]) -> dict[str, Order]:
    """Return what the ledgers hold of these orders, by SkyHub's code."""
    found: dict[str, Order] = {}
    by_store = sorted(sold, key=lambda sale: sale.store)
    for store, group in groupby(by_store, key=lambda sale: sale.store):
        sales, ledger = list(group), service.ledger(store)
        for start in range(0, len(sales), _CHUNK):
            chunk = sales[start : start + _CHUNK]
            stored, _ = ledger.load([sale.order_id for sale in chunk])
            found |= {sale.code: stored[sale.order_id].order for sale in chunk if sale.order_id in stored}
    return found


def unrecorded(service: RunningService, work: Load, events: Collection[Invoiced]) -> set[Invoiced]:
    """Return those events of a load whose invoice stands in no document."""
    orders = documents(service, [work.sales[i] for i in {index for index, _ in events}])
    known = {code: {invoice.number for invoice in order.invoices} for code, order in orders.items()}

    def is_known(index: int, item: int) -> bool:
        sale = work.sales[index]
        return sale.event(item)["invoice"]["number"] in known.get(sale.code, ())

    return {(index, item) for index, item in events if not is_known(index, item)}


def is_quiet(service: RunningService, stores: Collection[str]) -> bool:
    """Whether nothing waits to be recorded, learned or requested, and no request is on its way."""
    backlogs, _ = service.service.fleet.backlogs(sorted(stores))
    if any(each.inbox or each.due or each.expired or each.learns for each in backlogs):
        return False
    counts = [service.ledger(store).counts() for store in stores]
    return not any(each[Status.DUE] or each[Status.REQUESTING] for each in counts)


def amiss(service: RunningService, work: Load) -> list[str]:
    """Return what does not stand as it must once all is quiet, in words; an order not at rest is amiss, too."""
    orders = documents(service, work.sales)
    accepted = service.sandbox.report().accepted
    finished = {sale.code for sale in work.finished}
    found = [text for sale in work.sales for text in _amiss(sale, orders.get(sale.code), accepted, finished)]
    stores = sorted({sale.store for sale in work.sales})
    backlogs, _ = service.service.fleet.backlogs(stores)
    found += [f"{each.store}: {each}" for each in backlogs if each.inbox or each.due or each.expired or each.learns]
    found += [f"{store}: rejected {kept}" for store in stores for kept in service.ledger(store).rejected(_SHOWN)]
    return found


def _amiss(sale: Sale, order: Order | None, accepted: Collection[str], finished: Collection[str]) -> Iterator[str]:
    if order is None:
        yield f"{sale.store} {sale.code}: not known"
        return
    whole, direct = sale.code in finished, sale.carrier == "direct"
    # Whether an order ships by Correios is not asked before it matters.
    right = {Status.REQUESTED if whole else Status.WAITING} if direct else {Status.SKIPPED}
    if not whole and not direct:
        right.add(Status.WAITING)
    told = f"{sale.store} {sale.code}: {order.status} ({order.reason}), {len(order.invoices)} invoices"
    if order.status not in right:
        yield f"{told}; it must be {' or '.join(sorted(right))}"
    if (order.status is Status.REQUESTED) != (sale.code in accepted):
        yield f"{told}; SkyHub says {'accepted' if sale.code in accepted else 'not accepted'}"
    if order.uncertain:
        yield f"{told}; still uncertain"
