"""What the use cases count of an hour: the pages draw it."""

from tests.unit.domain.builders import an_invoice
from tests.unit.usecases.situations import parts
from tests.unit.usecases.world import World, announcement, event, in_oms, order_id
from worker.domain.activity import Hour


def counted(world: World) -> Hour:
    """Return what all hours count."""
    hours = world.ledger.hours().values()
    return Hour(sum(hour.invoices for hour in hours), sum(hour.requested for hour in hours))


def test_invoices_are_counted_once_however_often_they_come(world: World) -> None:
    """Three invoices, one of them twice, in one batch or a batch each; a correction is none."""
    world.ledger.append(parts("1"))
    world.drain()
    world.ledger.append(parts("2"))
    world.drain(batch=1)
    world.hear(event("1", an_invoice("a", {"a": 0})), *parts("1"))
    assert counted(world) == Hour(invoices=6)


def test_invoices_that_the_oms_tells_of_are_counted(world: World) -> None:
    """Those that no event brought, once, however often it is read."""
    world.with_oms()
    world.hear(announcement("1"))
    world.oms.orders[order_id("1")] = in_oms("1", {"a": 1}, {"a": 1}, ordered={"a": 2})
    world.reread()
    world.hear(announcement("1", at=world.now() + 1))
    world.reread()
    assert counted(world) == Hour(invoices=2)


def test_pickups_are_counted_when_skyhub_has_them(world: World) -> None:
    """An order that is due, or was claimed, is none yet."""
    world.ready("1", "2")
    world.due("3")
    world.pickups()
    assert counted(world) == Hour(invoices=3, requested=2)
