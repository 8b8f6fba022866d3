"""Recording against writers that are faster: every event is folded into what the others wrote."""

from dataclasses import replace

import pytest

from tests.unit.domain.builders import an_invoice
from tests.unit.usecases.world import TimedWorld, event, order_id
from worker.domain.events import Event, OrderInvoiced
from worker.ports import Drain
from worker.usecases.record_invoices import Recorded, record_now

TWO = {"a": 1, "b": 1}


def second(name: str, remote_code: str = "", skyhub_code: str = "") -> Event:
    """Report the second item of an order, under any name of it."""
    told = event("1", an_invoice("2", {"b": 1}), ordered=TWO)
    assert isinstance(told, OrderInvoiced)
    return replace(told, order_id=name, remote_code=remote_code, skyhub_code=skyhub_code)


def test_an_event_whose_order_another_writer_saved_comes_again(timed: TimedWorld) -> None:
    """It stays in the inbox and is folded into what the other wrote: both stand, and it is counted once."""
    timed.hear(event("1", ordered=TWO))
    timed.plain.append([second(order_id("1"))])
    timed.raced.faster.extend([lambda: timed.touch("1")] * 3)
    assert timed.drain() == Recorded(events=1, due=1, drains={Drain.PICKUPS})
    history = [entry.event for entry in timed.order("1").history]
    assert history.count("somebody.looked") == 3
    assert timed.plain.kept.inbox == {}
    assert timed.counters()["events"] == 2  # with the one that was heard before


def test_a_lost_race_holds_no_other_order_up(timed: TimedWorld) -> None:
    """Each order of a batch is saved on its own."""
    timed.hear(event("1", ordered=TWO))
    timed.plain.append([second(order_id("1")), event("2")])
    timed.raced.faster.append(lambda: timed.touch("1"))
    assert timed.drain() == Recorded(events=2, due=2, drains={Drain.PICKUPS})


def test_a_new_order_that_another_writer_opened_first_is_not_lost(timed: TimedWorld) -> None:
    """Two doors hear of one order at once: both its items count."""
    timed.plain.append([second(order_id("1"))])
    timed.raced.faster.append(lambda: timed.hear(event("1", ordered=TWO)))
    assert timed.drain() == Recorded(events=1, due=1, drains={Drain.PICKUPS})


def test_an_event_recorded_at_once_tries_again_when_it_lost_a_race(timed: TimedWorld) -> None:
    """Acknowledged means recorded, also on the tenth attempt."""
    timed.hear(event("1", ordered=TWO))
    timed.raced.faster.extend([lambda: timed.touch("1")] * 10)
    assert record_now(timed.ledger, timed.policy, second(order_id("1")), "") == Recorded(
        events=1, due=1, drains={Drain.PICKUPS}
    )


def test_an_event_that_always_loses_is_not_acknowledged(timed: TimedWorld) -> None:
    """A hundred lost races in a row are a bug: the caller hears of it instead of a silence."""
    timed.hear(event("1", ordered=TWO))
    timed.raced.faster.extend([lambda: timed.touch("1")] * 100)
    with pytest.raises(RuntimeError, match="changed by others 100 times"):
        record_now(timed.ledger, timed.policy, second(order_id("1")), "")
