"""A ledger with orders to browse, and how a test turns its pages."""

from collections.abc import Callable, Iterator, Sequence

from tests.fakes.memory_ledger import MemoryFleet, MemoryLedger
from tests.fakes.memory_state import ManualClock
from worker.domain.order import At, Attention, Order, Status
from worker.ports import Change
from worker.usecases.browse_orders import Page, Wanted, browse_orders
from worker.usecases.find_orders import BY_URGENCY


def an_order(name: str, status: Status = Status.WAITING, at: int = 1, *flags: Attention) -> Order:
    """Return an order that came to stand where it stands at this time."""
    return Order(
        order_id=name,
        skyhub_code=name,
        created_at=1,
        status=status,
        at=At(at),
        flags=frozenset(flags),
        ordered={"a": 1},
    )


def a_ledger(*orders: Order) -> MemoryLedger:
    """Return a ledger with these orders."""
    ledger = MemoryFleet(ManualClock(1)).ledger("acme")
    ledger.save([Change(order=order, version=0) for order in orders])
    return ledger


def some_of_each(count: int = 3) -> tuple[list[Order], list[str]]:
    """Return orders of every status, and how they are listed."""
    orders = [an_order(f"{status}-{at}", status, at) for status in Status for at in range(count)]
    names = []
    for status in BY_URGENCY:
        its = [f"{status}-{at}" for at in range(count)]
        names += its[::-1] if status in (Status.REQUESTED, Status.SKIPPED, Status.CANCELED) else its
    return orders, names


class Slow:
    """A clock by which each call to Redis takes so many seconds, or no time at all."""

    def __init__(self, seconds: float = 0.0) -> None:
        self._seconds = seconds
        self._now = 0.0

    def __call__(self) -> float:
        self._now += self._seconds
        return self._now


def page(ledger: MemoryLedger, wanted: Wanted, after: str = "", size: int = 4, clock: Slow | None = None) -> Page:
    """Return a page, which must be one."""
    found = browse_orders(ledger, "BWW", wanted, after, size=size, clock=clock or Slow())
    assert isinstance(found, Page)
    return found


def ids(orders: Sequence[Order]) -> list[str]:
    """Name orders."""
    return [order.order_id for order in orders]


def pages(read: Callable[[str], Page]) -> Iterator[Page]:
    """Turn over page by page until the last."""
    found = read("")
    yield found
    while found.next:
        found = read(found.next)
        yield found
