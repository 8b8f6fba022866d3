"""An order as the OMS gives it (contracts/vtex-oms.md, "GET order").

Only what counts is read; a customer's data is neither kept nor quoted.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, Field, ValidationError

from worker.adapters.reading import Code, Count, Loose, Milliseconds, moment, pooled
from worker.adapters.vtex_oms.calls import WHO
from worker.domain.facts import OmsOrder
from worker.domain.invoices import Invoice, Source
from worker.ports import TransientError

_NO_STATUS = "unknown"


def _rows(value: object) -> object:
    return value if isinstance(value, list) else []


def _part(value: object) -> object:
    return value if isinstance(value, Mapping) else {}


_Rows = Annotated[list[Any], BeforeValidator(_rows)]
_Sku = Annotated[Code, Field(max_length=200)]
_Units = Annotated[Count, Field(le=1_000_000)]


class _Line(BaseModel):
    sku: _Sku = Field(alias="id")
    quantity: _Units


class _Share(BaseModel):
    position: _Units = Field(alias="itemIndex")
    quantity: _Units


class _Package(BaseModel):
    number: Loose = Field(default="", alias="invoiceNumber")
    key: Loose = Field(default="", alias="invoiceKey")
    type: Any = None
    issued_at: Milliseconds = Field(default=None, alias="issuanceDate")
    items: _Rows = []


class _Packages(BaseModel):
    packages: _Rows = []


class _Change(BaseModel):
    added: _Rows = Field(default=[], alias="itemsAdded")
    removed: _Rows = Field(default=[], alias="itemsRemoved")


class _Changes(BaseModel):
    changes: _Rows = Field(default=[], alias="changesData")


class _Order(BaseModel):
    order_id: Loose = Field(default="", alias="orderId")
    status: Loose = ""
    items: _Rows = []
    changed: Annotated[_Changes, BeforeValidator(_part)] = Field(default=_Changes(), alias="changesAttachment")
    packed: Annotated[_Packages, BeforeValidator(_part)] = Field(default=_Packages(), alias="packageAttachment")
    cancellation: Annotated[Any, BeforeValidator(_part)] = Field(default={}, alias="cancellationData")


_Row = TypeVar("_Row", bound=BaseModel)


def row_of(model: type[_Row], row: object) -> _Row | None:
    """Return what a row is read as, None where it cannot be."""
    try:
        return model.model_validate(row)
    except ValidationError:
        return None


def order_of(given: object, order_id: str) -> OmsOrder:
    """Return the order that was asked for; raises `TransientError`, which quotes nothing of it."""
    try:
        body = _Order.model_validate(given)
    except ValidationError:  # its text quotes the order
        raise TransientError(f"{WHO}'s answer is not an order") from None
    if not body.order_id and not body.items:  # any JSON object would do
        raise TransientError(f"{WHO}'s answer is not an order")
    if body.order_id and body.order_id != order_id:  # facts of another order must not complete this one
        raise TransientError(f"{WHO}'s answer is another order than was asked for")
    lines = [row_of(_Line, row) for row in body.items]
    items, removed = _ordered(lines, [_Change.model_validate(_part(row)) for row in body.changed.changes])
    status = body.status.lower()
    canceled = status in {"canceled", "cancelled"}  # "cancel" and "cancellation-requested" are only on their way there
    said = {key.lower(): value for key, value in body.cancellation.items()} if canceled else {}
    return OmsOrder(
        order_id=order_id,
        status=status or _NO_STATUS,
        items=items,
        removed=removed,
        invoices=tuple(_invoices(body.packed.packages, lines)),
        canceled=canceled,
        canceled_at=moment(said.get("cancellationdate")),  # its reason is free text, perhaps about the customer
    )


def _ordered(lines: Sequence[_Line | None], changes: Sequence[_Change]) -> tuple[dict[str, int], dict[str, int]]:
    """Return what was ordered, with what changes added, and what changes took out.

    The lines may still hold what was removed, or not ("Rules that follow"); what was added to one of them they hold.
    Where a row cannot be read, nothing is known: an order must not look smaller than it is.
    """
    added = [row_of(_Line, row) for change in changes for row in change.added]
    removed = [row_of(_Line, row) for change in changes for row in change.removed]
    net = _units(added)
    for sku, units in _units(removed).items():
        net[sku] = net.get(sku, 0) - units
    taken = {sku: -units for sku, units in net.items() if units < 0}
    if not lines or None in lines or None in added:
        return {}, taken
    return {**{sku: units for sku, units in net.items() if units > 0}, **_units(lines)}, taken


def _units(lines: Sequence[_Line | None]) -> dict[str, int]:
    return pooled((line.sku, line.quantity) for line in lines if line is not None)


def _invoices(packages: Sequence[object], lines: Sequence[_Line | None]) -> Iterator[Invoice]:
    for row in packages:
        package = _Package.model_validate(_part(row))
        if package.number or package.key:
            yield Invoice(
                number=package.number or package.key,
                key=package.key or None,
                output=_is_output(package.type),
                items=_invoiced(package.items, lines),
                issued_at=package.issued_at,
                source=Source.SNAPSHOT,
            )


def _is_output(kind: object) -> bool:
    """Compare without case; missing = Output; any other word is no sale ("Rules that follow")."""
    return kind is None or (isinstance(kind, str) and kind.strip().casefold() in {"", "output"})


def _invoiced(rows: Sequence[object], lines: Sequence[_Line | None]) -> dict[str, int]:
    """Return a package's units by SKU, found by position; none at all where one of its rows cannot be followed."""
    found: list[tuple[str, int]] = []
    for row in rows:
        share = row_of(_Share, row)
        line = lines[share.position] if share is not None and share.position < len(lines) else None
        if share is None or line is None:
            return {}
        found.append((line.sku, share.quantity))
    return pooled(found)
