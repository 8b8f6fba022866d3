"""Folding the inbox into the orders (design, "Group commit" and "One order, one document")."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from tests.unit.domain.builders import an_invoice, canceled
from tests.unit.usecases.situations import THREE, parts
from tests.unit.usecases.world import RacedLedger, TimedWorld, World, after, event, order_id
from worker.domain.facts import Carrier
from worker.domain.order import Status
from worker.ports import Change, Drain, Drop
from worker.usecases.record_invoices import Recorded, record_now


def version(world: World, code: str) -> int:
    """Return how often the order was saved."""
    return world.ledger.load([order_id(code)])[0][order_id(code)].version


def test_an_event_of_the_inbox_makes_its_order_due(world: World) -> None:
    """The run says what became due, so that a hint can follow; the inbox is empty."""
    world.ledger.append([event("1")])
    assert world.drain() == Recorded(events=1, due=1, drains={Drain.PICKUPS})
    assert world.statuses("1") == [Status.DUE]
    assert world.drain() == Recorded()


def test_an_orders_events_of_one_batch_are_one_save(world: World) -> None:
    """Hundreds of events cost two round trips; none is lost in the folding."""
    world.ledger.append([*parts("1"), *parts("2")])
    assert world.drain() == Recorded(events=8, due=2, drains={Drain.PICKUPS})
    assert (version(world, "1"), version(world, "2")) == (1, 1)
    assert world.order("1").invoiced == THREE
    assert world.counters()["events"] == 8


def test_a_long_inbox_is_folded_batch_by_batch(world: World) -> None:
    """A batch is saved together with the reading of the next."""
    world.ledger.append(parts("1"))
    assert world.drain(batch=1) == Recorded(events=4, due=1, drains={Drain.PICKUPS})
    assert version(world, "1") == 3
    assert world.statuses("1") == [Status.DUE]


def test_an_order_is_not_due_before_its_last_invoice(world: World) -> None:
    """Two of three: nothing became due; the third makes it due."""
    world.ledger.append(parts("1")[:2])
    assert world.drain() == Recorded(events=2)
    assert world.statuses("1") == [Status.WAITING]
    world.ledger.append(parts("1")[2:])
    assert world.drain() == Recorded(events=2, due=1, drains={Drain.PICKUPS})


def test_events_that_were_heard_before_are_dropped_and_counted(world: World) -> None:
    """A producer may repeat: no save, no hint, and the inbox is empty."""
    world.ledger.append(parts("1"))
    world.drain()
    before = version(world, "1")
    world.ledger.append(parts("1"))
    assert world.drain() == Recorded(events=4)
    assert version(world, "1") == before
    assert world.counters()["repeated"] == 4
    assert world.ledger.rejected(9) == []


def test_a_cancel_and_an_invoice_of_one_batch_are_taken_in_their_order(world: World) -> None:
    """A cancel before the last invoice ends the order, whatever follows it."""
    world.ledger.append([*parts("1")[:2], canceled(order_id=order_id("1")), *parts("1")[2:]])
    assert world.drain() == Recorded(events=5)
    assert world.statuses("1") == [Status.CANCELED]


def test_an_order_whose_carrier_is_not_known_wishes_to_be_learned(world: World) -> None:
    """The run counts the wishes, so that a hint can follow."""
    world.ledger.append([event("1", carrier=Carrier.UNKNOWN), event("2")])
    assert world.drain() == Recorded(events=2, due=1, drains={Drain.PICKUPS, Drain.LEARN})
    assert world.ledger.wishes(Drain.LEARN, world.now(), 9) == [order_id("1")]


def test_an_order_that_was_due_before_is_not_counted_again(world: World) -> None:
    """One more invoice of a due order is no reason for another hint."""
    world.due("1")
    world.ledger.append([event("1", an_invoice("2", {"z": 1}))])
    assert world.drain() == Recorded(events=1)


def test_a_drain_that_must_stop_saves_what_it_has_read_and_says_that_more_is_left(world: World) -> None:
    """Between two round trips: nothing is read for nothing."""
    world.ledger.append(parts("1")[:3])
    assert world.drain(batch=2, stop=after(1)) == Recorded(events=2, drains={Drain.INBOX})
    assert world.order("1").invoiced == {"a": 1, "b": 1, "c": 0}
    assert world.drain(stop=after(0)) == Recorded(drains={Drain.INBOX})
    assert world.drain() == Recorded(events=1, due=1, drains={Drain.PICKUPS})


def test_a_drain_that_must_stop_reads_no_batch_for_the_next_one(timed: TimedWorld) -> None:
    """Its last round trip saves only; one more looks whether anything is left."""
    asked: list[int] = []

    class Asked(RacedLedger):
        def exchange(self, changes: Sequence[Change], drops: Sequence[Drop], limit: int) -> Any:  # noqa: ANN401 - as the ledger's
            asked.append(limit)
            return super().exchange(changes, drops, limit)

    timed.ledger = Asked(timed.plain)
    timed.plain.append(parts("1"))
    assert timed.drain(batch=2, stop=after(1)) == Recorded(events=2, drains={Drain.INBOX})
    assert asked == [2, 0, 1]


def test_what_arrives_while_a_drain_runs_is_taken_by_it(world: World) -> None:
    """Group commit: the next round trip takes all that piled up meanwhile."""
    arriving = iter(parts("1"))
    world.ledger.append([next(arriving)])

    def more_arrives() -> bool:
        world.ledger.append([each for each in [next(arriving, None)] if each is not None])
        return False

    assert world.drain(stop=more_arrives) == Recorded(events=4, due=1, drains={Drain.PICKUPS})


def test_an_event_is_recorded_at_once_without_the_inbox(world: World) -> None:
    """Acknowledged means recorded: the tallies are those of a drain."""
    assert record_now(world.ledger, world.policy, event("1"), "") == Recorded(events=1, due=1, drains={Drain.PICKUPS})
    assert record_now(world.ledger, world.policy, event("1"), "") == Recorded(events=1)
    unknown = event("2", carrier=Carrier.UNKNOWN)
    assert record_now(world.ledger, world.policy, unknown, "") == Recorded(events=1, drains={Drain.LEARN})
    assert world.counters()["repeated"] == 1


def test_recording_at_once_leaves_the_inbox_alone(world: World) -> None:
    """Two doors, one ledger: what waits in the inbox is the drain's."""
    world.ledger.append([event("2")])
    record_now(world.ledger, world.policy, event("1"), "")
    assert world.drain() == Recorded(events=1, due=1, drains={Drain.PICKUPS})


@pytest.mark.parametrize("contracted", [True, False])
def test_a_store_without_coleta_requests_nothing(world: World, contracted: bool) -> None:  # noqa: FBT001 - a case's data
    """Its complete orders are skipped, with the reason."""
    world.policy = replace(world.policy, contracted=contracted)
    world.ledger.append([event("1")])
    assert world.drain().due == int(contracted)
    assert world.statuses("1") == [Status.DUE if contracted else Status.SKIPPED]
