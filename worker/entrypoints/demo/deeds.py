"""What can happen in a story of the demo: an event is told, something is done elsewhere, an operator wishes something.

No deed names its order: it is about the order of the story that it stands in.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from worker.domain.facts import Carrier
from worker.entrypoints.up.sandbox_stores import NativeDoor
from worker.entrypoints.up.seller.events import lines
from worker.sandbox.skyhub.orders import OrderChange
from worker.sandbox.vtex.bodies import NewPackage, Tracking, of_skus
from worker.sandbox.vtex.control import VtexControl
from worker.usecases.operate import Answer, Operate

VtexAct = Callable[[VtexControl, str, str], object]
"""Does something in an account, given its name and the order's id there."""
Wish = Callable[[Operate, Sequence[str]], Iterator[Answer]]


@dataclass(frozen=True, kw_only=True)
class Told:
    """An event is told through a door, as a producer would."""

    event: Mapping[str, Any]
    door: NativeDoor = "native in the inbox"


@dataclass(frozen=True, kw_only=True)
class AtSkyHub:
    """Somebody else changes the order at SkyHub."""

    change: OrderChange


@dataclass(frozen=True, kw_only=True)
class AtVtex:
    """Something happens in the store's VTEX account; who is told of it, the account says."""

    act: VtexAct


@dataclass(frozen=True, kw_only=True)
class AtPickAndPack:
    """The order gets a status in Pick and Pack, and its webhook says so."""

    status: str


@dataclass(frozen=True, kw_only=True)
class Wished:
    """An operator wishes something, and it must be granted."""

    wish: Wish


Deed = Told | AtSkyHub | AtVtex | AtPickAndPack | Wished


# ---- told by a producer


def invoiced(
    number: str,
    items: Mapping[str, int],
    *,
    of: Mapping[str, int],
    carrier: str | None = "direct",
    minute: int = 0,
    door: NativeDoor = "native in the inbox",
) -> Told:
    """Tell of an invoice: its units of SKUs, `of` those ordered."""
    invoice = {"number": number, "items": lines(items)}
    order = {"items": lines(of), "carrier": carrier}
    return Told(event={"occurred_at": _at(minute), "invoice": invoice, "order": order}, door=door)


def returned(number: str, items: Mapping[str, int], *, minute: int) -> Told:
    """Tell of an invoice for what the customer sends back."""
    return Told(
        event={"occurred_at": _at(minute), "invoice": {"number": number, "type": "Input", "items": lines(items)}}
    )


def canceled(*, minute: int) -> Told:
    """Tell that the customer canceled the order."""
    return Told(event={"event": "OrderCanceled", "occurred_at": _at(minute), "reason": "canceled by the customer"})


# ---- done at VTEX


def invoiced_at_vtex(number: str, items: Mapping[str, int], *, cents: int | None = None) -> AtVtex:
    """Register an invoice at the OMS: its units of SKUs, worth so much, or what they cost."""
    package = NewPackage(number=number, items=of_skus(dict(items)), value=cents)
    return AtVtex(act=lambda vtex, account, order_id: vtex.invoice(account, order_id, package))


def tracked_at_vtex(number: str, courier: str) -> AtVtex:
    """Fill in an invoice's tracking: the same invoice is pushed once more, with it."""
    tracking = Tracking(number=number, courier=courier)
    return AtVtex(act=lambda vtex, account, order_id: vtex.track(account, order_id, tracking))


def canceled_at_vtex(reason: str) -> AtVtex:
    """Cancel the order at the OMS."""
    return AtVtex(act=lambda vtex, account, order_id: vtex.cancel(account, order_id, reason))


def all_ways_lost() -> AtVtex:
    """Take connector, hook and feed away from the account: from now on nobody is told of anything."""

    def act(vtex: VtexControl, account: str, _order_id: str) -> None:
        vtex.configure_connector(account, None)
        vtex.configure_hook(account, None)
        vtex.configure_feed(account, configured=False)

    return AtVtex(act=act)


# ---- done by people at SkyHub


def label_printed() -> AtSkyHub:
    """Print its label: SkyHub lists the order from now on."""
    return AtSkyHub(change=OrderChange(collectable=True))


def labels_ungrouped() -> AtSkyHub:
    """Ungroup its label list: SkyHub forgets the request, and one more is right."""
    return AtSkyHub(change=OrderChange(requested=False, allowed=2))


# ---- wished by an operator


def released(reason: str) -> Wished:
    """Let the pickup be requested although an item is missing."""
    return Wished(wish=lambda operate, orders: operate.release(orders, reason))


def retried(reason: str) -> Wished:
    """Let a failed order be evaluated anew."""
    return Wished(wish=lambda operate, orders: operate.retry(orders, reason))


def requested_again(reason: str) -> Wished:
    """Let the pickup be requested once more."""
    return Wished(wish=lambda operate, orders: operate.request_again(orders, reason))


def carried_by_direct(reason: str) -> Wished:
    """Correct the carrier, whatever else was said."""
    return Wished(wish=lambda operate, orders: operate.set_carrier(orders, Carrier.DIRECT, reason))


def _at(minute: int) -> str:
    return f"2026-11-20T12:{minute:02}:00Z"
