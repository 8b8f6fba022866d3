"""Lines of an OMS order and the invoices that hold units of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from worker.sandbox.vtex.bodies import PackedItem, Shown


@dataclass
class OmsLine:
    """A line as the order keeps it."""

    unique_id: str
    sku: str
    seller_sku: str
    quantity: int
    price: int


@dataclass(frozen=True)
class PackedUnits:
    """Units of one line in a package; without `unique_id` of no line of the order, at position `beyond`."""

    sku: str
    quantity: int
    price: int
    unique_id: str | None
    beyond: int = 0


@dataclass
class Package:
    """An invoice; `pushed` once the connector was to be told."""

    number: str
    units: tuple[PackedUnits, ...]
    type: str | None
    key: str | None
    value: int
    issued_at: str | None
    courier: str
    tracking_number: str
    shown_in_order: Shown
    shown_in_push: Shown
    pushed: bool = False

    @property
    def is_output(self) -> bool:
        """Tell whether it is an invoice of a sale; one without a type is."""
        return (self.type or "Output").casefold() == "output"

    @property
    def is_readable(self) -> bool:
        """Tell whether its items were shown anywhere."""
        return self.shown_in_order == "items" or (self.pushed and self.shown_in_push == "items")


def pack(lines: Sequence[OmsLine], packages: Iterable[Package], items: Iterable[PackedItem]) -> list[PackedUnits]:
    """Return what a new package holds; `packages` are the order's others.

    A SKU is spread over its lines that have units left; what is too much goes to its last line.
    """
    left = {line.unique_id: line.quantity for line in lines}
    for package in packages:
        for units in package.units if package.is_output else ():
            if units.unique_id in left:
                left[units.unique_id] -= units.quantity
    packed: list[PackedUnits] = []
    for item in items:
        if item.line is None:
            packed += _spread(lines, item.sku or "", item.quantity, left)
        elif 0 <= item.line < len(lines):
            packed.append(_units(lines[item.line], item.quantity))
        else:
            packed.append(PackedUnits(f"unknown-{item.line}", item.quantity, 0, None, item.line))
    return packed


def _spread(all_lines: Sequence[OmsLine], sku: str, quantity: int, left: dict[str, int]) -> list[PackedUnits]:
    lines = [line for line in all_lines if line.sku == sku]
    if not lines:
        return [PackedUnits(sku, quantity, 0, None, len(all_lines))]
    packed: list[PackedUnits] = []
    for line in lines:
        taken = quantity if line is lines[-1] else max(0, min(quantity, left[line.unique_id]))
        if taken:
            packed.append(_units(line, taken))
        left[line.unique_id] -= taken
        quantity -= taken
    return packed


def _units(line: OmsLine, quantity: int) -> PackedUnits:
    return PackedUnits(line.sku, quantity, line.price, line.unique_id)
