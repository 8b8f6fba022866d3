"""What a seller sells: a random order, the door that tells of it, and what happens to it and when. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from worker.entrypoints.up.sandbox_stores import NATIVE, Door, SandboxStore
from worker.entrypoints.up.seller import events
from worker.entrypoints.up.seller.events import Units
from worker.entrypoints.up.seller.sale import Canceled, Deed, Invoiced, Kind, Packed, Sale, Step
from worker.sandbox.sales import NewSale
from worker.sandbox.skyhub.orders import Carrier
from worker.sandbox.vtex.bodies import Line

_KINDS: Mapping[Kind, int] = {
    "one item": 4,
    "items invoiced apart": 4,
    "parts out of order, repeated": 2,
    "carrier not told": 2,
    "label late": 1,
    "Correios": 2,
    "own logistics": 1,
    "canceled": 1,
}
_DOORS: Mapping[Door, int] = {
    "native over HTTP": 3,
    "native in the inbox": 2,
    "Celery task": 2,
    "connector push": 3,
    "Orders hook": 3,
    "Orders feed": 3,
    "Pick and Pack webhook": 2,
    "lost everywhere": 2,
}
KINDS, DOORS = tuple(_KINDS), tuple(_DOORS)

_CARRIERS: Mapping[Kind, Carrier] = {"Correios": "correios", "own logistics": "own"}
_APART: frozenset[Kind] = frozenset({"items invoiced apart", "canceled"})
_NOT_TOLD: frozenset[Kind] = frozenset({"carrier not told", "own logistics"})
_NO_PICKUP: frozenset[Kind] = frozenset({"Correios", "own logistics", "canceled"})
# What SkyHub never lists stays unheard of: nothing would come of it.
_FOUND: frozenset[Kind] = frozenset({"one item", "items invoiced apart", "label late"})

_SITES = ("Lojas Americanas", "Submarino", "Shoptime", "Americanas Empresas", "Sou Barato")
_SKUS = ("345117", "88", "90210", "1203", "4711", "20071")
# Seconds that an ERP takes between two invoices of an order, and packing after the last one.
_PAUSE = (0.5, 4.0)
# Seconds from an order's last invoice to its label, where that is late.
_LABEL_LATE = (10.0, 30.0)
# Else SkyHub lists it this much before its last invoice is told: the label was made by the time the service looks.
_LABEL_EARLIER = 0.5


def kinds_through(door: Door) -> tuple[Kind, ...]:
    """Return the kinds of orders that a door can tell of; a native event only can name the carrier, or leave it out."""
    if door == "lost everywhere":
        return tuple(kind for kind in KINDS if kind in _FOUND)
    return tuple(kind for kind in KINDS if door in NATIVE or kind != "carrier not told")


def new_sale(draw: Random, number: int, sold_at: datetime, stores: Sequence[SandboxStore]) -> Sale:
    """Return an order of one of the stores; `number` makes its code, and is never used twice."""
    door, store = _way(draw, stores)
    kinds = kinds_through(door)
    kind = draw.choices(kinds, [_KINDS[each] for each in kinds])[0]
    parts = _parts(kind, draw)
    order = NewSale(
        code=f"{draw.choice(_SITES)}-{number}",
        lines=tuple(Line(sku=sku, quantity=quantity) for sku, quantity in events.summed(parts).items()),
        carrier=_CARRIERS.get(kind, "direct"),
        fulfillment_status="PICKING",
    )
    deeds = _invoiced(kind, store.name, order, sold_at, parts)
    if kind == "canceled":
        at = sold_at + timedelta(seconds=len(parts))
        deeds.append(Canceled(event=events.canceled(store.name, order.order_id, at)))
    if store.require_packed and kind not in _NO_PICKUP:
        deeds.append(Packed())
    steps = tuple(Step(after_seconds=at, deed=deed) for at, deed in zip(_moments(draw, len(deeds)), deeds, strict=True))
    label = _label_seconds(kind, steps, draw.uniform(*_LABEL_LATE))
    registration = replace(order, collectable_after_seconds=label)
    return Sale(kind=kind, door=door, store=store.name, registration=registration, steps=steps)


def _way(draw: Random, stores: Sequence[SandboxStore]) -> tuple[Door, SandboxStore]:
    doors = [door for door in DOORS if any(door in store.all_doors for store in stores)]
    door = draw.choices(doors, [_DOORS[each] for each in doors])[0]
    return door, draw.choice([store for store in stores if door in store.all_doors])


def _parts(kind: Kind, draw: Random) -> list[dict[str, int]]:
    """Return the units of each invoice, by SKU."""
    skus = draw.sample(_SKUS, draw.randint(2, 4))
    if kind in _APART:
        return [{sku: draw.randint(1, 2)} for sku in skus]
    if kind == "parts out of order, repeated":
        return [{skus[0]: 2}, {skus[0]: 3}]
    return [{skus[0]: draw.randint(1, 2)}]


def _invoiced(kind: Kind, store: str, order: NewSale, sold_at: datetime, parts: Sequence[Units]) -> list[Deed]:
    """Return the invoices that are told, one after the other."""
    carrier = None if kind in _NOT_TOLD else order.carrier
    written = events.invoices(store, order.order_id, sold_at, parts, carrier)
    told = _told(kind, len(parts))
    return [
        Invoiced(
            number=written[part]["invoice"]["number"],
            issued_at=written[part]["invoice"]["issued_at"],
            units=parts[part],
            complete=len(set(told[: position + 1])) == len(parts),
            event=written[part],
        )
        for position, part in enumerate(told)
    ]


def _told(kind: Kind, parts: int) -> list[int]:
    if kind == "parts out of order, repeated":
        return [1, 1, 0, 0]
    return list(range(parts - 1 if kind == "canceled" else parts))


def _moments(draw: Random, count: int) -> list[float]:
    moments = [0.0]
    for _ in range(count):
        moments.append(moments[-1] + draw.uniform(*_PAUSE))
    return moments[1:]


def _label_seconds(kind: Kind, steps: Sequence[Step], late: float) -> float | None:
    """Return when SkyHub lists the order, in seconds after the sale; None: it is never complete."""
    invoiced = [step.after_seconds for step in steps if isinstance(step.deed, Invoiced) and step.deed.complete]
    if not invoiced:
        return None
    return invoiced[-1] + late if kind == "label late" else max(0.0, invoiced[0] - _LABEL_EARLIER)
