"""What the tests of several use cases begin with, and what they look at afterwards."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from tests.unit.domain.builders import an_invoice
from tests.unit.usecases.world import TimedWorld, World, at_skyhub, event, order_id, skyhub_code
from worker.domain.events import Event
from worker.domain.facts import Carrier, SkyHubLine
from worker.domain.order import Order, Status
from worker.domain.progress import enter
from worker.ports import Change, Ledger, Reconciled, Saved
from worker.usecases.operate import Answer, Granted, Operate

MANY = tuple(str(number) for number in range(1, 31))
THREE = {"a": 1, "b": 1, "c": 1}
LINES = (SkyHubLine("a", "p", 1),)

Wish = Callable[[Operate, Iterable[str]], Iterator[Answer]]

WISHES: dict[str, Wish] = {
    "release": lambda operate, ids: operate.release(ids, "why"),
    "retry": lambda operate, ids: operate.retry(ids, "why"),
    "discard": lambda operate, ids: operate.discard(ids, "why"),
    "set_carrier": lambda operate, ids: operate.set_carrier(ids, Carrier.CORREIOS, "why"),
}


def parts(code: str) -> list[Event]:
    """Three invoices that make the order whole, and the last of them once more."""
    invoices = [an_invoice(sku, {sku: 1}) for sku in (*THREE, "c")]
    return [event(code, invoice, ordered=THREE) for invoice in invoices]


def waiting(world: World, *codes: str) -> None:
    """Record orders of which one unit of two is invoiced."""
    world.hear(*(event(code, ordered={"a": 2}) for code in codes))


def failed(world: World, *codes: str) -> None:
    """Give complete orders up."""
    world.due(*codes)
    stored = world.ledger.load(map(order_id, codes))[0].values()
    changes = [
        Change(order=enter(known.order, Status.FAILED, "refused: no", world.now()), version=known.version)
        for known in stored
    ]
    assert {type(result) for result in world.ledger.save(changes)} == {Saved}


def unknown(world: World, *codes: str) -> None:
    """Record complete orders whose carrier nobody named."""
    world.hear(*(event(code, carrier=Carrier.UNKNOWN) for code in codes))


def known_there(world: World, *codes: str, carrier: Carrier = Carrier.DIRECT) -> None:
    """Let SkyHub know orders as invoiced."""
    world.skyhub.orders |= {skyhub_code(code): at_skyhub(code, carrier) for code in codes}


def listed(world: World, *codes: str, carrier: Carrier = Carrier.DIRECT) -> None:
    """Let SkyHub list orders that it knows as invoiced."""
    world.skyhub.label(*codes)
    world.skyhub.orders |= {skyhub_code(code): at_skyhub(code, carrier, lines=LINES) for code in codes}


def opened_bare(world: World) -> None:
    """Know an order by its remote code alone, as a reconcile opens it that SkyHub cannot name."""
    bare = Order(order_id="1", skyhub_code="1", remote_code="1", guessed_codes=("1",), created_at=1)
    assert world.ledger.save([Change(order=bare, version=0)]) == [Saved(1)]


def requested(timed: TimedWorld, *codes: str) -> None:
    """Request pickups, and forget the reads that it took."""
    timed.ready(*codes)
    timed.pickups()
    assert set(timed.statuses(*codes)) == {Status.REQUESTED}
    timed.skyhub.read.clear()


def undone(timed: TimedWorld, *codes: str) -> None:
    """Request pickups that are undone at SkyHub, and let its lists settle."""
    requested(timed, *codes)
    for code in codes:
        timed.skyhub.undo(code)
    timed.advance(61)


def found(world: World) -> Reconciled:
    """Look once; returns what was found, without its date."""
    result = world.reconcile().found
    assert result is not None
    assert result.at <= world.now()
    return replace(result, at=0)


def ids(ledger: Ledger) -> list[str]:
    """Return every order that is known."""
    return [order_id for status in Status for order_id in ledger.order_ids(status, 0, 99)]


def singles(world: World) -> list[str]:
    """Return the orders that were asked for one by one."""
    return [what for what in world.skyhub.read if what.startswith("Lojas")]


def granted(answers: Iterable[Answer]) -> list[Order]:
    """Return the orders of answers that must all be grants."""
    orders = []
    for answer in answers:
        assert isinstance(answer, Granted), answer
        orders.append(answer.order)
    return orders


def heard(world: World, code: str) -> list[tuple[str, str]]:
    """Return an operator's lines in an order's history."""
    history = world.order(code).history
    return [(entry.event, entry.detail) for entry in history if entry.event.startswith("operator.")]
