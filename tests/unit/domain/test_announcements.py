"""Announcements: each is a wish to read the OMS, and never more than that."""

from dataclasses import replace

import pytest

from tests.unit.domain.builders import (
    HOUR,
    IN_EVERY_STATUS,
    NOW,
    OMS,
    ORDER_ID,
    POLICY,
    an_invoice,
    announcement,
    canceled,
    heard,
    invoiced,
    recorded,
    saved,
    snapshot,
    waiting,
)
from worker.domain.events import Announcer, Event, OrderCanceled
from worker.domain.learning import reread
from worker.domain.order import Entry, In, Status
from worker.domain.progress import record, retry_anew
from worker.domain.wishes import is_skyhubs_to_tell, opens

LATER = NOW + 5
FOLLOWED = {Status.WAITING, Status.DUE, Status.REQUESTING, Status.REQUESTED, Status.FAILED}


@pytest.mark.parametrize("by", [Announcer.HOOK, Announcer.FEED, Announcer.CALLER])
@pytest.mark.parametrize("state", ["invoiced", "something-new", ""])
def test_every_announcement_of_the_oms_is_a_wish_to_read_it(by: Announcer, state: str) -> None:
    """Whatever its state, also none; dated by our own clock, since announcements come in any order."""
    order = record(waiting(), announcement(by, state), OMS, LATER)
    assert (order.news_at, order.reread_at, order.reread_tries) == (LATER, In(0), 0)
    assert order.history[-1].event == "order.announced"
    assert order.history[-1].detail == (f"{by}: {state}" if state else by)


@pytest.mark.parametrize("state", ["INVOICED", "CANCELED"])
def test_pick_and_pack_announces_what_happened_in_the_oms(state: str) -> None:
    """It neither invoices nor cancels: the OMS is asked."""
    order = record(waiting(), announcement(Announcer.PICK_AND_PACK, state), OMS, LATER)
    assert (order.status, order.news_at, order.reread_at) == (Status.WAITING, LATER, In(0))
    assert order.fulfilment is not None
    assert order.fulfilment.status == state


@pytest.mark.parametrize("state", ["PACKING", "READY_FOR_INVOICING", "PENDING"])
def test_what_else_happens_to_a_box_is_noted_only(state: str) -> None:
    """In the history, once; the OMS is not read for it."""
    order = record(waiting(), announcement(Announcer.PICK_AND_PACK, state), OMS, LATER)
    assert (order.news_at, order.reread_at) == (None, None)
    assert (order.history[-1].event, order.history[-1].detail) == ("fulfilment.changed", state)
    assert record(order, announcement(Announcer.PICK_AND_PACK, state), OMS, LATER + 1) is order


@pytest.mark.parametrize("status", Status)
def test_an_order_that_ended_without_a_pickup_is_not_followed(status: Status) -> None:
    """A cancel after the request still is news; of a skipped or canceled order nothing is."""
    before = IN_EVERY_STATUS[status]()
    order = record(before, announcement(), OMS, LATER)
    assert (order.reread_at is not None) is (status in FOLLOWED)
    assert (order is before) is (status not in FOLLOWED)
    assert order.status is status


def test_many_announcements_make_one_line() -> None:
    """Each one counts, the history stays readable; the next one after a reading is a line again."""
    order = record(waiting(), announcement(), OMS, LATER)
    again = record(replace(order, reread_tries=4), announcement(state="handling"), OMS, LATER + 9)
    assert (again.history, again.news_at, again.reread_tries) == (order.history, LATER + 9, 0)
    order = record(
        saved(reread(again, snapshot(items={"a": 2}), LATER + 10, OMS, LATER + 10)), announcement(), OMS, NOW
    )
    assert heard(order).count("order.announced") == 2


def test_without_an_oms_an_announcement_wishes_nothing() -> None:
    """Nobody could be asked: the same object comes back."""
    order = waiting()
    assert record(order, announcement(), POLICY, LATER) is order


def test_an_announced_order_that_nobody_knew_is_opened() -> None:
    """Its items are asked of the OMS; of SkyHub where there is none."""
    order = record(None, announcement(), OMS, NOW)
    assert (order.order_id, order.status, order.reread_at, order.learn_at) == (ORDER_ID, Status.WAITING, In(0), None)
    order = record(None, announcement(), POLICY, NOW)
    assert (order.reread_at, order.learn_at) == (None, In(0))


@pytest.mark.parametrize(
    ("event", "worth"),
    [
        (invoiced(), True),
        (canceled(), True),
        (announcement(), True),
        (announcement(Announcer.FEED, ""), True),
        (announcement(Announcer.PICK_AND_PACK, "INVOICED"), True),
        (announcement(Announcer.PICK_AND_PACK, "CANCELED"), True),
        (announcement(Announcer.PICK_AND_PACK, "PICKING"), False),
    ],
)
def test_a_box_of_an_order_that_nobody_knows_opens_none(event: Event, worth: bool) -> None:  # noqa: FBT001 - a parameter
    """Until the OMS has news of it."""
    assert opens(event) is worth


def test_a_push_of_a_cancel_that_an_operator_undid_asks_the_oms_instead() -> None:
    """It says no date, and pushes repeat themselves: only the OMS knows whether it is the one that was undone."""
    pushed = OrderCanceled(order_id=ORDER_ID, occurred_at=NOW + HOUR, reason="no stock", dated=False)
    order = recorded(invoiced(an_invoice("1", {"a": 1}), ordered={"a": 1, "b": 1}), pushed, policy=OMS)
    retried = retry_anew(order, "it is in stock again", OMS, NOW + HOUR)
    again = record(retried, replace(pushed, occurred_at=NOW + 2 * HOUR), OMS, NOW + 2 * HOUR)
    assert (again.status, again.canceled_at, again.news_at) == (Status.WAITING, None, NOW + 2 * HOUR)
    assert again.history[-1] == Entry(NOW + 2 * HOUR, "order.announced", "connector push: canceled")
    without = record(retried, replace(pushed, occurred_at=NOW + 2 * HOUR), POLICY, NOW + 2 * HOUR)
    assert (without.status, without.canceled_at) == (Status.WAITING, None)
    stated = replace(pushed, occurred_at=NOW + 2 * HOUR, dated=True)
    assert record(retried, stated, OMS, NOW + 2 * HOUR).status is Status.CANCELED


def test_a_caller_who_wants_an_order_learned_has_the_oms_asked_or_skyhub() -> None:
    """The OMS where there is one, but SkyHub for a skipped order: only it knows the carrier."""
    for status, made in IN_EVERY_STATUS.items():
        assert is_skyhubs_to_tell(made(), OMS) is (status is Status.SKIPPED)
        assert is_skyhubs_to_tell(made(), POLICY)
