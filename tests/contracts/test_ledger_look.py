"""One store in detail, on every engine."""

from tests.contracts.samples import canceled, keep, order, unreadable
from tests.contracts.worlds import World
from worker.domain.order import At, Attention, Status
from worker.ports import Change, Drain, Look, Pause, Saved, Spot

LONG, LISTED = Attention.WAITING_LONG, Attention.LISTED_AFTER_REQUEST


def test_a_look_says_how_a_store_stands_in_detail(world: World) -> None:
    """What waits longest, since when, why attention is needed, what happened in the last hours."""
    fleet = world.fleet()
    ledger = fleet.ledger("acme")
    now = ledger.now()
    keep(ledger, order("late", at=At(now - 5)), order("early", at=At(now - 9), flags=frozenset({LONG})))
    keep(ledger, order("due", Status.DUE, at=At(now - 7)), order("later", Status.DUE, at=At(now + 60_000)))
    keep(ledger, order("again", Status.REQUESTED, flags=frozenset({LONG, LISTED})))
    assert ledger.save([Change(order=order("new"), version=0, invoices=3)]) == [Saved(1)]
    ledger.append([canceled("1")])
    ledger.reject([unreadable()])
    ledger.back_off(Drain.PICKUPS, "token", 1, 60_000, "SkyHub is down")
    ledger.pause(Pause(), "an operator", "holidays", 0, 0)
    look = fleet.look("acme")
    assert (look.oldest_waiting, look.oldest_due) == (Spot(now - 9, "early"), Spot(now - 7, "due"))
    assert look.attention == {LONG: 2, LISTED: 1}
    assert look.oldest_event is not None
    assert now <= look.oldest_event <= ledger.now()
    assert sum(hour.invoices for hour in look.hours.values()) == 3
    assert look.hours == ledger.hours()
    assert look.overview.backlog.rests(Drain.PICKUPS, look.overview.now)
    assert look.overview.backlog.pause.reason == "holidays"


def test_a_look_has_the_overview_of_its_store(world: World) -> None:
    """The same that all stores are listed by."""
    fleet = world.fleet()
    for status in Status:
        keep(fleet.ledger("acme"), order(status, status, at=At(5)))
    keep(fleet.ledger("beta"), order("other"))
    [listed] = fleet.overview(["acme"])
    look = fleet.look("acme")
    assert look.overview.backlog == listed.backlog
    assert (look.overview.counts, look.overview.oldest_due) == (listed.counts, 5)
    assert sum(hour.requested for hour in look.hours.values()) == 1


def test_a_store_without_anything_has_nothing_that_is_oldest(world: World) -> None:
    """What is not there is None, not a zero that looks like a time."""
    look = world.fleet().look("acme")
    assert look == Look(overview=look.overview)
    assert not look.overview.holds_anything
