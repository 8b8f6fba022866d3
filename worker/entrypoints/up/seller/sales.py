"""What a seller sells: a random order, what SkyHub knows of it, and what its ERP says of it and when. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any, Literal

from worker.sandbox.orders import Carrier, Item, NewOrder

Kind = Literal[
    "one item",
    "items invoiced apart",
    "parts out of order, repeated",
    "carrier not told",
    "label late",
    "Correios",
    "own logistics",
    "canceled",
]

_WEIGHTS: Mapping[Kind, int] = {
    "one item": 4,
    "items invoiced apart": 4,
    "parts out of order, repeated": 2,
    "carrier not told": 2,
    "label late": 1,
    "Correios": 2,
    "own logistics": 1,
    "canceled": 1,
}
KINDS = tuple(_WEIGHTS)
_CARRIERS: Mapping[Kind, Carrier] = {"Correios": "correios", "own logistics": "own"}
_APART: frozenset[Kind] = frozenset({"items invoiced apart", "canceled"})
_NOT_TOLD: frozenset[Kind] = frozenset({"carrier not told", "own logistics"})

_SITES = ("Lojas Americanas", "Submarino", "Shoptime", "Americanas Empresas", "Sou Barato")
_SKUS = ("345117", "88", "90210", "1203", "4711", "20071")
# Seconds that an ERP takes between two invoices of an order.
_PAUSE = (0.5, 4.0)
# Seconds from an order's last invoice to its label, where that is late.
_LABEL_LATE = (10.0, 30.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """An event, told so many seconds after the sale; `completes`: all is invoiced then, `cancels`: the order is off."""

    after_seconds: float
    event: Mapping[str, Any]
    completes: bool = False
    cancels: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """An order of a store: what SkyHub knows of it, and what is told of it, one after the other."""

    kind: Kind
    store: str
    registration: NewOrder
    steps: tuple[Step, ...]

    @property
    def code(self) -> str:
        """SkyHub's code."""
        return self.registration.code

    @property
    def order_id(self) -> str:
        """The id in the ledger, of a store without an affiliate."""
        return _vtex_id(self.code)


def new_sale(draw: Random, number: int, sold_at: datetime, stores: Sequence[str]) -> Sale:
    """Return an order of one of the stores; `number` makes its code, and is never used twice."""
    kind = draw.choices(KINDS, list(_WEIGHTS.values()))[0]
    store, code = draw.choice(stores), f"{draw.choice(_SITES)}-{number}"
    parts = _parts(kind, draw)
    told = _told(kind, parts)
    moments = _moments(draw, len(told) + 1)
    carrier = _CARRIERS.get(kind, "direct")
    events = _invoices(store, code, sold_at, parts, None if kind in _NOT_TOLD else carrier)
    steps = [
        Step(after_seconds=moment, event=events[index], completes=_completed(told, position, len(parts)))
        for position, (index, moment) in enumerate(zip(told, moments, strict=False))
    ]
    if kind == "canceled":
        at = sold_at + timedelta(seconds=len(parts))
        steps.append(Step(after_seconds=moments[-1], event=_canceled(store, code, at), cancels=True))
    late = draw.uniform(*_LABEL_LATE)
    return Sale(
        kind=kind,
        store=store,
        registration=NewOrder(
            code=code,
            carrier=carrier,
            items=tuple(Item(id=sku, product_id=sku, qty=quantity) for sku, quantity in _summed(parts).items()),
            collectable_after_seconds=steps[-1].after_seconds + late if kind == "label late" else 0.0,
        ),
        steps=tuple(steps),
    )


def _parts(kind: Kind, draw: Random) -> list[dict[str, int]]:
    """Return the units of each invoice, by SKU."""
    skus = draw.sample(_SKUS, draw.randint(2, 4))
    if kind in _APART:
        return [{sku: draw.randint(1, 2)} for sku in skus]
    if kind == "parts out of order, repeated":
        return [{skus[0]: 2}, {skus[0]: 3}]
    return [{skus[0]: draw.randint(1, 2)}]


def _told(kind: Kind, parts: Sequence[object]) -> list[int]:
    """Return which invoices are told, one after the other."""
    if kind == "parts out of order, repeated":
        return [1, 1, 0, 0]
    return list(range(len(parts) - 1 if kind == "canceled" else len(parts)))


def _moments(draw: Random, count: int) -> list[float]:
    moments = [0.0]
    for _ in range(count):
        moments.append(moments[-1] + draw.uniform(*_PAUSE))
    return moments[1:]


def _completed(told: Sequence[int], position: int, parts: int) -> bool:
    """Whether what is told at this position makes the order complete, for the first time."""
    before = set(told[:position])
    return len(before) < parts == len(before | {told[position]})


def _invoices(
    store: str, code: str, sold_at: datetime, parts: Sequence[Mapping[str, int]], carrier: str | None
) -> list[dict[str, Any]]:
    order: dict[str, Any] = {"items": _lines(_summed(parts))}
    if carrier is not None:
        order["carrier"] = carrier
    events = []
    for index, items in enumerate(parts):
        at = _iso(sold_at + timedelta(seconds=index))
        invoice = {"number": f"{code.partition('-')[2]}-{index + 1}", "issued_at": at, "items": _lines(items)}
        events.append(
            {"store": store, "order_id": _vtex_id(code), "occurred_at": at, "invoice": invoice, "order": order}
        )
    return events


def _canceled(store: str, code: str, at: datetime) -> dict[str, Any]:
    named = {"event": "OrderCanceled", "store": store, "order_id": _vtex_id(code)}
    return {**named, "occurred_at": _iso(at), "reason": "canceled by the customer"}


def _summed(parts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    units: dict[str, int] = {}
    for part in parts:
        for sku, quantity in part.items():
            units[sku] = units.get(sku, 0) + quantity
    return units


def _lines(units: Mapping[str, int]) -> list[dict[str, Any]]:
    return [{"sku": sku, "quantity": quantity} for sku, quantity in units.items()]


def _vtex_id(code: str) -> str:
    return code.replace(" ", "_")


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
