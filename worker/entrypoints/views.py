"""Orders as they are shown, on the command line and on the pages: as JSON, and in sentences."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from worker.domain.invoices import Invoice
from worker.domain.order import At, Order, Status, When
from worker.entrypoints.at_rest import moved_by
from worker.entrypoints.words import of_store
from worker.ports import AUTOMATIC, STORES_FILE, Drain, Pause, Standing

# The times that a calendar can hold; an event may state any.
FIRST_SECOND, LAST_SECOND = -62_135_596_800, 253_402_300_799


def order_document(store: str, order: Order) -> dict[str, Any]:
    """Return the JSON of an order (design, "Interfaces"): times in ISO 8601, what is not known is null.

    A remote code that nobody stated is the likeliest reading of the order's own code. `fulfilment` is there for an
    order that Pick and Pack told of.
    """
    invoiced, told = order.invoiced, order.fulfilment
    return {
        "store": store,
        "order_id": order.order_id,
        "skyhub_code": order.skyhub_code or None,
        "remote_code": next(iter(order.codes), None),
        "carrier": order.carrier,
        "status": order.status,
        "reason": order.reason,
        "uncertain": order.uncertain,
        "attention": sorted(order.attention),
        "items": [{"sku": sku, "ordered": most, "invoiced": invoiced[sku]} for sku, most in order.ordered.items()],
        "invoices": [_invoice(invoice) for invoice in order.invoices],
        "attempts": order.attempts,
        "next_attempt_at": iso(next_attempt(order)),
        "requested_at": iso(order.requested_at),
        "last_error": order.last_error or None,
        "history": [{"at": iso(entry.at), "event": entry.event, "detail": entry.detail} for entry in order.history],
        **({"fulfilment": {"status": told.status or None, "at": iso(told.at)}} if told is not None else {}),
    }


def next_attempt(order: Order) -> int | None:
    """Return when SkyHub is looked at for the order again (epoch milliseconds); None unless it is due."""
    return order.at.ms if order.status is Status.DUE and isinstance(order.at, At) else None


@dataclass(frozen=True, slots=True)
class Stand:
    """How an order's store stands, by the drain that acts on the order next; `served`: it is in the stores file.

    `quarantine_ms` is how long nothing is requested after a restart of Redis or a step of its clock.
    """

    store: str
    standing: Standing
    quarantine_ms: int
    served: bool = True


@dataclass(frozen=True, slots=True)
class Halt:
    """Why nothing is done for an order at its own time: until when (server milliseconds), None: until `why` is so."""

    until: int | None
    why: str

    @property
    def said(self) -> str:
        """The sentence, as it goes on after a colon."""
        return f"nothing until {self.why}" if self.until is None else f"not before {iso(self.until)}: {self.why}"


def next_drain(order: Order) -> Drain | None:
    """Return the drain that acts on the order next, None where none does before something is heard of it."""
    if order.status is Status.WAITING:
        return Drain.REREAD if order.reread_at is not None else Drain.LEARN if order.learn_at is not None else None
    return Drain.PICKUPS if order.status in {Status.DUE, Status.REQUESTING} else None


def halt(order: Order, stand: Stand) -> Halt | None:
    """Return what holds the order up beyond its own time; `stand` is by its `next_drain`."""
    if (drain := next_drain(order)) is None:
        return None
    standing = stand.standing
    pause = standing.pause if drain is not Drain.REREAD else Pause()  # it stops SkyHub calls only
    if not stand.served:
        return Halt(None, f"store {stand.store} is back in the stores file")
    if pause.by_person:
        back = "the store goes on, within seconds: it is back in the stores file"
        return Halt(None, back if pause.by == STORES_FILE else f"the store goes on: coleta stores resume {stand.store}")
    held = [(standing.backoff.until, standing.backoff.reason)]
    if pause.active:
        held.append((pause.probe_at, f"the service paused the store: {pause.reason}"))
    if drain is Drain.PICKUPS:
        held += [(standing.held_until(stand.quarantine_ms), "the Redis server was restarted or its clock set forward")]
    until, why = max(held)
    own = _own(order)
    is_later = until > max(standing.now, own.ms if isinstance(own, At) else 0)
    return Halt(until, of_store(stand.store, why)) if is_later else None


def next_look(order: Order, stand: Stand) -> str:
    """Say in a few words when SkyHub is looked at for the order again, as its store lets it; "": it is not due."""
    held = halt(order, stand) if order.status is Status.DUE else None
    if held is None:
        return iso(next_attempt(order)) or ""
    return "when the store goes on" if held.until is None else f"not before {iso(held.until)}"


def next_step(order: Order, stand: Stand | None = None) -> str:
    """Say what happens next to the order, and when: by the order alone, or as its store lets it."""
    held = halt(order, stand) if stand is not None else None
    if held is not None and held.until is None:
        return ("SkyHub's answer is awaited; after that " if order.status is Status.REQUESTING else "") + held.said
    at = held.said if held is not None else _said(order)
    match order.status:
        case Status.WAITING:
            return _next_of_waiting(order, at)
        case Status.DUE:
            return _next_of_due(order, at)
        case Status.REQUESTING:
            return f"SkyHub's answer is awaited; should none come, its lists are read {at}"
        case _:
            return moved_by(order)


def _own(order: Order) -> When:
    """Return when the order's next drain is to act on it, by the order alone."""
    return order.reread_at or order.learn_at or order.at if order.status is Status.WAITING else order.at


def _next_of_waiting(order: Order, at: str) -> str:
    if order.reread_at is not None:
        return f"it is read again from the VTEX OMS, next {at}"
    if order.learn_at is not None:
        return f"SkyHub is asked for what is not known, next {at}"
    missing = {sku: ordered - order.invoiced[sku] for sku, ordered in order.ordered.items()}
    named = ", ".join(f"{sku} x{units}" for sku, units in missing.items() if units)
    return f"it waits for the invoice of what is missing: {named or 'not known'}"


def _next_of_due(order: Order, at: str) -> str:
    if order.uncertain:
        return f"SkyHub's lists are read to see whether it was requested, next {at}"
    if order.hold is not None:
        return f"Pick and Pack is asked whether it is packed, next {at}"
    return f"its pickup is requested once SkyHub lists it as collectable, next look {at}"


def hindrances(standing: Standing, quarantine_ms: int) -> Iterator[str]:
    """Say why a store's pickups do not move at all, whatever its orders look like.

    `quarantine_ms` is how long nothing is requested after a restart of Redis or a step of its clock.
    """
    if standing.pause.active:
        yield f"its SkyHub calls are {paused(standing.pause)}"
    if standing.backoff.until > standing.now:
        yield f"SkyHub is in trouble, next try at {iso(standing.backoff.until)}"
    if (until := standing.held_until(quarantine_ms)) > standing.now:
        yield (
            f"the Redis server was restarted or its clock set forward at {iso(standing.changed_at)};"
            f" nothing is requested until {iso(until)}, events are recorded meanwhile"
        )


def paused(pause: Pause) -> str:
    """Say who paused a store, why, and what ends it."""
    if pause.by == AUTOMATIC:
        return f"paused by the service, next try at {iso(pause.probe_at)}: {pause.reason}"
    return f"paused by {pause.by} since {iso(pause.since)}: {pause.reason}"


def iso(ms: int | None) -> str | None:
    """Return epoch milliseconds as `2026-11-20T12:00:00Z`."""
    if ms is None:
        return None
    moment = datetime.fromtimestamp(min(max(ms // 1000, FIRST_SECOND), LAST_SECOND), UTC)
    return moment.isoformat().replace("+00:00", "Z")


def _said(order: Order) -> str:
    if not isinstance(when := _own(order), At):
        return "as soon as it is saved"
    # Once a claim is over, its effect at SkyHub has the time to settle first.
    return f"not before {iso(when.ms)}" if order.status is Status.REQUESTING else f"at {iso(when.ms)}"


def _invoice(invoice: Invoice) -> dict[str, Any]:
    return {
        "number": invoice.number,
        "key": invoice.key,
        "type": "Output" if invoice.output else "Input",
        "issued_at": iso(invoice.issued_at),
        "occurred_at": iso(invoice.dated_at),
        "items": [{"sku": sku, "quantity": quantity} for sku, quantity in invoice.items.items()],
    }
