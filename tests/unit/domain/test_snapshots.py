"""A snapshot of the OMS is one more source: dated before its read, and outranked by what was pushed."""

from dataclasses import replace

import pytest

from tests.unit.domain.builders import (
    IN_EVERY_STATUS,
    MINUTE,
    NOW,
    OMS,
    ORDER_ID,
    TOKEN,
    an_invoice,
    canceled,
    due,
    heard,
    invoiced,
    package,
    recorded,
    requesting,
    saved,
    snapshot,
    uncertain,
    waiting,
    was_canceled,
    was_requested,
)
from worker.domain.confirmation import Accepted, Cause, NoEffect
from worker.domain.facts import OmsOrder
from worker.domain.invoices import Items
from worker.domain.knowledge import CANCELED_IN_OMS, created, with_oms
from worker.domain.learning import reread
from worker.domain.order import Attention, Order, Status
from worker.domain.progress import record, release, retry_anew, settle

LATER = NOW + MINUTE
NEW = created(ORDER_ID, "BWW", NOW)
THREE = {"a": 2, "b": 1}


def read(order: Order, found: OmsOrder | None, at: int = LATER) -> Order:
    """Take a snapshot begun at this moment, and save the order."""
    return saved(reread(order, found, at, OMS, at), at)


def test_one_snapshot_completes_an_order_whose_events_were_all_missed() -> None:
    """Items and invoices come from it; the carrier, which it cannot tell, from SkyHub."""
    order = read(NEW, snapshot(package("1", {"a": 1})))
    assert (order.status, order.complete, order.reason) == (Status.WAITING, True, "the carrier is not known yet")
    assert (order.reread_at, order.learn_at is not None, order.oms_status) == (None, True, "handling")
    assert heard(order)[-1] == "invoice.recorded"


def test_an_order_in_three_packages_seen_only_by_snapshots_is_due_after_the_third() -> None:
    """And not before, although the OMS calls it invoiced by its value already."""
    order = recorded(invoiced(an_invoice("0", {}, output=False), ordered={"a": 2, "b": 2}))
    one, two, three = package("1", {"a": 1}), package("2", {"a": 1, "b": 1}), package("3", {"b": 1})
    statuses = []
    for packages, status in (((one,), "handling"), ((one, two), "invoiced"), ((one, two, three), "invoiced")):
        for _ in range(2):
            order = read(order, snapshot(*packages, items={"a": 2, "b": 2}, status=status))
        statuses.append((order.status, Attention.OMS_INVOICED_ITEMS_MISSING in order.attention))
    assert statuses == [(Status.WAITING, False), (Status.WAITING, True), (Status.DUE, False)]


def test_a_pushed_invoice_that_names_items_outranks_every_snapshot_of_it() -> None:
    """Before it or after it, larger or smaller: packages are fallible, and nothing is requested early by them."""
    pushed = invoiced(an_invoice("1", {"a": 1}), ordered=THREE)
    larger = snapshot(package("1", {"a": 2, "b": 1}), items=THREE)
    for at in (NOW - MINUTE, NOW, LATER):
        order = read(recorded(pushed), larger, at)
        assert (order.status, order.invoiced) == (Status.WAITING, {"a": 1, "b": 0})
    first = record(read(recorded(invoiced(an_invoice("0", {}, output=False), ordered=THREE)), larger), pushed, OMS, NOW)
    assert (first.status, first.invoiced) == (Status.WAITING, {"a": 1, "b": 0})


def test_a_snapshot_does_not_take_a_pushed_invoice_back() -> None:
    """One that was begun before the push does not hold it: what is not in a snapshot is not denied by it."""
    order = recorded(invoiced(an_invoice("1", {"a": 1}), ordered={"a": 2}), invoiced(an_invoice("2", {"a": 1})))
    assert read(order, snapshot(package("1", {"a": 1}), items={"a": 2}), NOW - MINUTE).status is Status.DUE
    assert read(order, snapshot(items={"a": 2})).status is Status.DUE


def test_a_newer_snapshot_replaces_the_copy_of_an_older_one() -> None:
    """Also with fewer units: the order waits again; a package that was corrected counts as it is now."""
    order = read(due(), snapshot(package("2", {"b": 1}), items={"a": 1, "b": 1}))
    assert order.status is Status.DUE
    order = read(order, snapshot(package("2", {"b": 0}), items={"a": 1, "b": 1}), LATER + 1)
    assert (order.status, order.reason) == (Status.WAITING, "1 of 2 units invoiced")
    late = read(order, snapshot(package("2", {"b": 1}), items={"a": 1, "b": 1}), LATER)
    assert late.status is Status.WAITING


def test_a_package_without_readable_items_is_read_again_until_it_names_some() -> None:
    """It completes nothing; a later snapshot or push that names items does, and one without never takes them back."""
    bare, readable = package("1", {}), package("1", {"a": 1})
    order = read(recorded(invoiced(an_invoice("0", {}, output=False))), snapshot(bare))
    assert (order.status, order.reread_at is not None) == (Status.WAITING, True)
    order = read(order, snapshot(readable))
    assert (order.status, order.reread_at) == (Status.DUE, None)
    assert read(order, snapshot(bare), LATER + 1).status is Status.DUE
    assert record(order, invoiced(an_invoice("1", {})), OMS, LATER).status is Status.DUE


def test_a_return_among_the_packages_counts_nothing() -> None:
    """Only `Output` does."""
    assert read(waiting(), snapshot(package("9", {"a": 5}, output=False), items={"a": 2})).status is Status.WAITING


@pytest.mark.parametrize(
    ("items", "removed", "ordered"),
    [
        ({"a": 2, "b": 1}, {"b": 1}, {"a": 2, "b": 1}),
        ({"a": 2}, {"b": 1}, {"a": 2, "b": 1}),
        ({"a": 2}, {"a": 1}, {"a": 2}),
        ({"a": 2}, {"a": 3}, {"a": 3}),
    ],
    ids=["still listed", "not listed", "fewer", "more than there is"],
)
def test_a_removal_is_shown_and_lowers_nothing(items: Items, removed: Items, ordered: Items) -> None:
    """Whether or not the OMS still lists what was removed, and whether or not it was known before: a person decides."""
    told = snapshot(package("1", {"a": 1}), items=items, removed=removed)
    known = recorded(invoiced(an_invoice("0", {}, output=False), ordered=ordered))
    for before in (NEW, known):
        order = read(before, told)
        assert (order.ordered, order.status) == (ordered, Status.WAITING)
        assert Attention.ITEMS_REMOVED in order.attention
    assert release(read(known, told), "the customer knows", OMS, LATER).status is Status.DUE


def test_a_line_of_no_units_orders_none() -> None:
    """Neither one that the OMS lists nor one that it removed keeps an order from its pickup."""
    order = read(waiting(), snapshot(package("2", {"a": 1}), items={"a": 2, "b": 0}, removed={"c": 0}))
    assert (order.ordered, order.status) == ({"a": 2, "b": 0, "c": 0}, Status.DUE)


def test_a_snapshot_without_readable_items_says_nothing_of_what_was_ordered() -> None:
    """Removals alone do not make an order: it stays unknown, and is read again."""
    order = read(NEW, snapshot(package("1", {"a": 1}), items={}, removed={"b": 1}))
    assert (order.ordered, order.status, order.reread_at is not None) == ({}, Status.WAITING, True)


def test_what_the_oms_calls_invoiced_is_shown_while_items_are_missing() -> None:
    """Cleared by the missing invoice, by another word of the OMS, and by whatever ends the waiting."""
    order = read(waiting(), snapshot(package("1", {"a": 1}), items={"a": 2}, status="invoiced"))
    assert (order.status, set(order.attention)) == (Status.WAITING, {Attention.OMS_INVOICED_ITEMS_MISSING})
    assert not record(order, invoiced(an_invoice("2", {"a": 1})), OMS, LATER).attention
    assert not read(order, snapshot(items={"a": 2}, status="payment-approved"), LATER + 1).attention
    assert not record(order, canceled(), OMS, LATER).attention
    assert not release(order, "sold out", OMS, LATER).attention


def test_no_item_is_missing_where_none_is_known() -> None:
    """The flag says that items lack their invoice; of an order without items nobody knows that."""
    assert not read(NEW, snapshot(items={}, status="invoiced")).attention


def test_a_cancel_in_the_oms_cancels_an_open_order() -> None:
    """Dated as the OMS says, else by the reading; the reason that it gives is free text, and is not kept."""
    order = read(waiting(), snapshot(canceled=True, canceled_at=NOW + 5))
    assert (order.status, order.reason, order.canceled_at) == (Status.CANCELED, CANCELED_IN_OMS, NOW + 5)
    order = read(due(), snapshot(canceled=True))
    assert (order.status, order.reason, order.canceled_at) == (Status.CANCELED, CANCELED_IN_OMS, LATER)


def test_a_cancel_in_the_oms_does_not_undo_a_request() -> None:
    """It is shown; while a request is on its way or its outcome unknown, it waits for the outcome."""
    gone = snapshot(canceled=True)
    assert read(was_requested(), gone).attention == {Attention.CANCELED_AFTER_REQUEST}
    order = read(requesting(), gone)
    assert order.status is Status.REQUESTING
    assert settle(order, TOKEN, Accepted(), OMS, LATER, 0.0).attention == {Attention.CANCELED_AFTER_REQUEST}
    assert settle(order, TOKEN, NoEffect(Cause.THROTTLED, "429"), OMS, LATER, 0.0).status is Status.CANCELED
    order = read(uncertain(), gone)
    assert (order.status, order.uncertain, order.canceled_at) == (Status.DUE, True, LATER)


@pytest.mark.parametrize("dated", [True, False], ids=["dated", "undated"])
def test_the_old_cancel_of_a_retried_order_does_not_come_back(dated: bool) -> None:  # noqa: FBT001 - a parameter
    """However often the OMS is read again: an operator undid it. With a date, a later cancel is another one."""
    gone = snapshot(items={"a": 2}, canceled=True, status="canceled", canceled_at=NOW if dated else None)
    order = read(waiting(), gone)
    order = saved(retry_anew(order, "back in stock", OMS, LATER))
    for minutes in (1, 2, 3):
        order = read(order, gone, LATER + minutes * MINUTE)
        assert (order.status, order.canceled_at) == (Status.WAITING, None)
    again = replace(gone, canceled_at=LATER + HALF)
    assert read(order, again, LATER + 4 * MINUTE).status is Status.CANCELED


HALF = MINUTE // 2


def test_a_cancel_that_was_pushed_and_undone_does_not_come_back_undated() -> None:
    """The OMS was never read before: its undated cancel is the one that was pushed."""
    order = saved(retry_anew(was_canceled(), "back in stock", OMS, NOW))
    assert read(order, snapshot(canceled=True, status="canceled", items={"a": 2})).status is Status.WAITING


def test_a_second_undated_cancel_is_heard_once_the_oms_called_the_order_open() -> None:
    """Between two cancels it was something else: the second is news."""
    gone = snapshot(canceled=True, status="canceled", items={"a": 2})
    order = saved(retry_anew(read(waiting(), gone), "back in stock", OMS, LATER))
    order = read(order, snapshot(status="handling", items={"a": 2}))
    assert read(order, gone, LATER + MINUTE).status is Status.CANCELED


@pytest.mark.parametrize("status", Status)
def test_a_snapshot_moves_no_order_that_facts_may_not_move(status: Status) -> None:
    """Whatever it says: an order in `requesting`, requested, failed or canceled stays where it is."""
    order = read(IN_EVERY_STATUS[status](), snapshot(items={"a": 3}))
    moves = {Status.DUE: Status.WAITING}
    assert order.status is moves.get(status, status)
    assert order.ordered == {"a": 3}


def test_a_snapshot_that_says_nothing_new_changes_nothing() -> None:
    """The very same object comes back, so that a requested order that is read every day stays small."""
    found = snapshot(package("1", {"a": 1}))
    order = with_oms(due(), found, LATER, LATER)
    again = with_oms(order, found, LATER, LATER + MINUTE)
    assert again is order
    for day in range(100):
        order = with_oms(order, found, LATER + day, LATER)
    assert len(order.invoices) == 1
    assert len(order.invoices[0].replaced) <= 1
