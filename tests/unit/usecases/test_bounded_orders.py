"""An order that would outgrow its bound takes nothing more, and every other one goes on."""

from tests.unit.domain.builders import an_invoice, canceled
from tests.unit.usecases.world import World, announcement, at_skyhub, event, in_oms, order_id, skyhub_code
from worker.domain.bounds import MOST_ROWS, OUTGROWN
from worker.domain.events import Event
from worker.domain.order import Status

_A_BODY = 1_000  # lines, as a body's bound is
_FIT = MOST_ROWS // _A_BODY - 1


def _growing(code: str, number: int) -> Event:
    items = {f"sku-{number}-{index}": 1 for index in range(_A_BODY - 2)}
    return event(code, an_invoice(f"invoice-{number}", items))


def test_an_invoice_too_many_is_kept_as_rejected(world: World) -> None:
    """With the reason and its text, for an operator; the order keeps what it has, and those behind it are recorded."""
    world.ledger.append([*(_growing("1", number) for number in range(_FIT + 3)), event("2")])

    world.drain()

    kept = world.ledger.rejected(9)
    assert [each.reason for each in kept] == [OUTGROWN] * 2
    assert "invoice-11" in kept[-1].body or "invoice-11" in kept[0].body
    assert len(world.order("1").invoices) == _FIT + 1
    assert world.statuses("2") == [Status.DUE]


def test_an_order_at_its_bound_can_still_be_corrected_and_canceled(world: World) -> None:
    """What makes it no larger is heard."""
    world.ledger.append([_growing("1", number) for number in range(_FIT + 3)])
    world.drain()

    world.ledger.append([event("1", an_invoice("invoice-0", {"sku-0-0": 1}, dated_at=world.now() + 1))])
    world.drain()
    assert world.order("1").invoices[0].items == {"sku-0-0": 1}

    world.ledger.append([canceled(order_id=order_id("1"))])
    world.drain()
    assert world.statuses("1") == [Status.CANCELED]


def test_what_the_oms_says_has_the_same_bound(world: World) -> None:
    """The order is put off with the reason, and its neighbour is read all the same."""
    world.with_oms()
    world.hear(announcement("1"), announcement("2"))
    world.skyhub.orders |= {skyhub_code(code): at_skyhub(code) for code in "12"}
    world.oms.orders[order_id("1")] = in_oms("1", ordered={f"sku-{index}": 1 for index in range(MOST_ROWS)})
    world.oms.orders[order_id("2")] = in_oms("2", {"a": 1})

    world.reread()

    assert world.order("1").last_error.endswith(OUTGROWN)
    assert (world.order("1").ordered, world.order("2").ordered) == ({}, {"a": 1})
