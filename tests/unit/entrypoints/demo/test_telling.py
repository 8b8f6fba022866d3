from dataclasses import replace

from tests.unit.domain.builders import due, waiting, was_requested
from worker.domain.order import Attention, Hold, Status
from worker.entrypoints.demo.deeds import label_printed, labels_ungrouped, released, requested_again
from worker.entrypoints.demo.stories import Step, Story, held, invoices, status
from worker.entrypoints.demo.telling import Telling


def _telling(*steps: Step) -> Telling:
    return Telling(Story(title="an order", code="Submarino-1", steps=steps), list(steps))


def test_a_step_waits_for_its_moment() -> None:
    """Also for one that comes from outside, as the ledger's first word of the order."""
    step = Step(released("sold out"), moment=invoices(1))
    telling = _telling(step)

    assert list(telling.due(None, 0.0)) == []
    assert list(telling.due(waiting(), 1.0)) == [step]
    assert list(telling.due(waiting(), 2.0)) == []


def test_steps_come_in_their_order() -> None:
    """One whose moment is there does not pass one whose moment is not; several may come at once."""
    steps = (Step(label_printed(), moment=status(Status.DUE)), Step(released("sold out")))
    telling = _telling(*steps)

    assert list(telling.due(waiting(), 0.0)) == []
    assert list(telling.due(due(), 1.0)) == list(steps)


def test_a_delay_counts_from_the_moment() -> None:
    """Not from the start, and not from when it was first looked at."""
    again = Step(requested_again("ungrouped"), seconds_later=2.0)
    telling = _telling(Step(labels_ungrouped(), moment=status(Status.REQUESTED)), again)

    assert len(list(telling.due(due(), 0.0))) == 0
    assert len(list(telling.due(was_requested(), 10.0))) == 1
    assert list(telling.due(was_requested(), 11.9)) == []
    assert list(telling.due(was_requested(), 12.0)) == [again]


def test_a_story_has_ended_when_all_was_told_and_its_order_is_there() -> None:
    """An order that is there already must still go through what is left."""
    telling = _telling(Step(labels_ungrouped()))

    assert not telling.has_ended(was_requested())
    assert len(list(telling.due(was_requested(), 0.0))) == 1
    assert telling.has_ended(was_requested())
    assert not telling.has_ended(due())
    assert not telling.has_ended(None)


def test_a_story_has_not_ended_before_it_is_shown_to_an_operator() -> None:
    """An order that waits has the right status long before somebody sees why it should not."""
    shown = frozenset({Attention.OMS_INVOICED_ITEMS_MISSING})
    telling = Telling(Story(title="an order", code="Submarino-1", steps=(), status=Status.WAITING, attention=shown), [])

    assert not telling.has_ended(waiting())
    assert telling.has_ended(replace(waiting(), oms_status="invoiced"))


def test_a_step_may_wait_until_its_order_is_held() -> None:
    """A due order that Pick and Pack was not asked about yet is not held."""
    step = Step(label_printed(), moment=held)
    telling = _telling(step)

    assert list(telling.due(due(), 0.0)) == []
    assert list(telling.due(replace(due(), hold=Hold(since=1)), 1.0)) == [step]
