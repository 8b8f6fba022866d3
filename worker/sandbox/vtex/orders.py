"""An order at the simulated OMS, and what can happen to it. Pure: moments come in as ticks of 100 ns.

The law of its status: an invoice makes it `invoiced` if the Output invoices are worth the order, else moves it back
to `payment-approved`; items are not looked at. `canceled` is left by nothing but force.
"""

from collections import Counter
from dataclasses import dataclass, field

from worker.sandbox.refusals import UnknownError
from worker.sandbox.vtex.bodies import ItemsChange, Line, NewOmsOrder, NewPackage, Tracking
from worker.sandbox.vtex.packages import OmsLine, Package, pack

CANCELED = "canceled"
INVOICED = "invoiced"


@dataclass(frozen=True)
class Cancellation:
    """Why and when an order was canceled."""

    reason: str
    at: int


@dataclass
class OmsOrder:
    """A registered order."""

    number: int
    order_id: str
    new: NewOmsOrder
    lines: list[OmsLine]
    status: str
    value: int
    created_at: int
    changed_at: int
    ordered: Counter[str]
    """Units of every SKU that was ever ordered; a removal does not lower it."""
    packages: dict[str, Package] = field(default_factory=dict)
    changes: list[tuple[ItemsChange, int]] = field(default_factory=list)
    cancellation: Cancellation | None = None

    @property
    def is_complete(self) -> bool:
        """Tell whether Output invoices whose items could be read cover every unit, pooled over lines."""
        invoiced: Counter[str] = Counter()
        for package in self.packages.values():
            if package.is_output and package.is_readable:
                for units in package.units:
                    invoiced[units.sku] += units.quantity
        return invoiced >= self.ordered

    def package(self, number: str) -> Package:
        """Return the invoice of a number.

        Raises `UnknownError`.
        """
        if number not in self.packages:
            raise UnknownError(f"order {self.order_id} has no invoice {number}")
        return self.packages[number]


def new_order(new: NewOmsOrder, number: int, at: int) -> OmsOrder:
    """Return the order that a registration makes; `number` counts the account's orders."""
    lines = [_kept(f"{new.order_id}-{index}", line) for index, line in enumerate(new.lines)]
    ordered: Counter[str] = Counter()
    for line in lines:
        ordered[line.sku] += line.quantity
    return OmsOrder(number, new.order_id, new, lines, new.status, _worth(lines), at, at, ordered)


def add_package(order: OmsOrder, new: NewPackage, issued_at: str) -> Package:
    """Invoice units of the order; `issued_at` is the moment if the package names none."""
    order.packages.pop(new.number, None)
    units = tuple(pack(order.lines, order.packages.values(), new.items))
    package = Package(
        number=new.number,
        units=units,
        type=new.type,
        key=new.key,
        value=sum(u.quantity * u.price for u in units) if new.value is None else new.value,
        issued_at=(issued_at if new.issued_at is None else new.issued_at) or None,
        courier=new.courier,
        tracking_number=new.tracking_number,
        shown_in_order=new.shown_in_order,
        shown_in_push=new.shown_in_push,
    )
    order.packages[package.number] = package
    if package.is_output and order.status != CANCELED:
        worth = sum(package.value for package in order.packages.values() if package.is_output)
        order.status = INVOICED if worth >= order.value else "payment-approved"
    return package


def track(order: OmsOrder, tracking: Tracking) -> Package:
    """Fill in the tracking of an invoice.

    Raises `UnknownError`.
    """
    package = order.package(tracking.number)
    package.courier, package.tracking_number = tracking.courier, tracking.tracking_number
    return package


def cancel(order: OmsOrder, reason: str, at: int) -> None:
    """Cancel the order; the first cancel is the one that is kept."""
    order.status = CANCELED
    order.cancellation = order.cancellation or Cancellation(reason, at)


def change_items(order: OmsOrder, change: ItemsChange, at: int) -> None:
    """Add lines and take units away; a line that an invoice names stays with at least one unit."""
    prefix = f"{order.order_id}-change-{len(order.changes)}"
    added = [_kept(f"{prefix}-{index}", line) for index, line in enumerate(change.added)]
    for line in added:
        order.ordered[line.sku] += line.quantity
    order.value += _worth(added)
    order.lines += added
    for removal in change.removed:
        order.value -= _remove(order, removal.sku, removal.quantity, stay=change.removed_stay)
    order.changes.append((change, at))


def _kept(own_id: str, line: Line) -> OmsLine:
    return OmsLine(line.unique_id or own_id, line.sku, line.seller_sku or line.sku, line.quantity, line.price)


def _worth(lines: list[OmsLine]) -> int:
    return sum(line.quantity * line.price for line in lines)


def _remove(order: OmsOrder, sku: str, quantity: int, *, stay: bool) -> int:
    """Take units of a SKU away, from its last line on; return what they were worth."""
    named = {units.unique_id for package in order.packages.values() for units in package.units}
    worth = 0
    for line in [line for line in reversed(order.lines) if line.sku == sku]:
        least = 1 if line.unique_id in named and not stay else 0
        taken = min(quantity, line.quantity - least)
        worth += taken * line.price
        quantity -= taken
        if stay:
            continue
        line.quantity -= taken
        if not line.quantity:
            order.lines.remove(line)
    return worth
