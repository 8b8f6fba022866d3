"""What it means that SkyHub lists an order which the ledger does not know, or still awaits."""

from dataclasses import replace

import pytest

from tests.unit.domain.builders import (
    CODE,
    DAY,
    HOUR,
    IN_EVERY_STATUS,
    MINUTE,
    NOW,
    OMS,
    ORDER_ID,
    POLICY,
    SKYHUB_CODE,
    an_invoice,
    at_skyhub,
    canceled,
    failed,
    heard,
    invoiced,
    recorded,
    saved,
    skipped,
    waiting,
    was_requested,
)
from worker.domain.facts import Authority, Carrier, CarrierClaim, SkyHubLine
from worker.domain.order import At, Attention, Entry, In, ItemList, Order, Status
from worker.domain.policy import Policy
from worker.domain.progress import evaluated, record, unlisted
from worker.domain.reconciling import awaited, followed, opened, waiting_long

LATER = NOW + 2 * MINUTE
RIDDLE = Attention.COLLECTABLE_BUT_UNKNOWN
LINES = (SkyHubLine("a", "p", 1),)
UNKNOWN_THERE = replace(waiting(), oms_status="")


def test_a_listed_order_that_waits_is_read_again_from_the_oms() -> None:
    """Every time it is seen there, at once: an invoice must have been missed."""
    order = replace(waiting(), reread_tries=4, reread_at=At(NOW + HOUR))
    order = awaited(order, OMS, LATER)
    assert (order.status, order.news_at, order.reread_at, order.reread_tries) == (Status.WAITING, LATER, In(0), 0)
    assert not order.attention
    assert awaited(saved(order), OMS, LATER + 1).news_at == LATER + 1


def test_a_listed_order_that_no_oms_can_tell_about_is_shown() -> None:
    """Once, without an OMS; with one that does not know the order, which is asked all the same."""
    order = awaited(waiting(), POLICY, LATER)
    assert (order.status, set(order.attention), order.reread_at) == (Status.WAITING, {RIDDLE}, None)
    why = "SkyHub lists it, and nobody told all of its invoices"
    assert order.history[-1] == Entry(LATER, "order.collectable_but_unknown", why)
    assert awaited(order, POLICY, LATER + 1) is order
    order = awaited(UNKNOWN_THERE, OMS, LATER)
    assert (set(order.attention), order.reread_at) == ({RIDDLE}, In(0))
    assert heard(awaited(order, OMS, LATER + 1)) == heard(order)


@pytest.mark.parametrize("status", Status)
def test_being_listed_requests_nothing(status: Status) -> None:
    """Only invoices complete an order: none becomes due that has no complete invoice."""
    for policy in (POLICY, OMS):
        order = awaited(IN_EVERY_STATUS[status](), policy, LATER)
        assert order.status is status


def test_a_listed_order_that_does_not_wait_is_looked_at_as_a_round_does() -> None:
    """Requested: shown past the settling delay; not collectable: due again; skipped: asked for at SkyHub."""
    assert awaited(was_requested(), OMS, NOW + MINUTE) == was_requested()
    assert awaited(was_requested(), OMS, LATER).attention == {Attention.LISTED_AFTER_REQUEST}
    assert awaited(failed("not_collectable: no label"), OMS, LATER).status is Status.DUE
    assert awaited(skipped(), OMS, LATER).learn_at == In(0)


def test_the_riddle_is_over_when_its_cause_is() -> None:
    """The order is not listed any more, its invoices came, or it was canceled; not by a part of its invoices."""
    order = saved(awaited(recorded(invoiced(ordered={"a": 3})), POLICY, LATER))
    assert unlisted(order, {CODE}, LATER) is order
    assert not unlisted(order, set(), LATER).attention
    part = record(order, invoiced(an_invoice("2", {"a": 1})), POLICY, LATER)
    assert part.attention == {RIDDLE}
    assert not record(part, invoiced(an_invoice("3", {"a": 1})), POLICY, LATER).attention
    assert not record(order, canceled(), POLICY, LATER).attention


def test_an_order_that_only_the_list_told_of_is_opened_under_its_name() -> None:
    """With SkyHub's carrier and code; its items are the OMS's, or SkyHub's where there is no OMS."""
    order = opened(ORDER_ID, CODE, at_skyhub(lines=LINES), OMS, NOW)
    assert (order.order_id, order.status, order.codes, order.created_at) == (ORDER_ID, Status.WAITING, (CODE,), NOW)
    assert (order.carrier, order.ordered, order.news_at, order.reread_at) == (Carrier.DIRECT, {}, NOW, In(0))
    assert (order.learn_at, order.attention) == (None, frozenset())
    order = opened(ORDER_ID, CODE, at_skyhub(lines=LINES), POLICY, NOW)
    assert (order.ordered, set(order.attention), order.reason) == ({"a": 1}, {RIDDLE}, "0 of 1 units invoiced")
    assert (order.learn_at, order.reread_at) == (None, None)


def test_an_order_is_opened_under_the_code_that_the_list_shows() -> None:
    """Also where SkyHub itself tells none; without SkyHub's answer it is asked for as its id spells it."""
    assert opened(ORDER_ID, "77", at_skyhub(remote_code=""), POLICY, NOW).codes == ("77",)
    unread = opened(ORDER_ID, "77", None, POLICY, NOW)
    assert (unread.codes, unread.skyhub_code) == (("77",), SKYHUB_CODE)


def test_a_code_that_skyhub_cannot_name_is_opened_bare_and_shown() -> None:
    """It is asked for at SkyHub, whose list may tell its name later."""
    for policy in (OMS, POLICY, Policy(oms=True)):
        order = opened(CODE, CODE, None, policy, NOW)
        assert (order.order_id, order.status, set(order.attention)) == (CODE, Status.WAITING, {RIDDLE})
        assert (order.learn_at, order.reread_at, order.codes) == (In(0), None, (CODE,))


def test_a_correios_order_that_is_listed_is_opened_as_skipped() -> None:
    """Never requested; asked for again at a growing pace, should SkyHub think better of it."""
    order = opened(ORDER_ID, CODE, at_skyhub(Carrier.CORREIOS), OMS, NOW)
    assert (order.status, order.learn_at, order.reread_at) == (Status.SKIPPED, In(0), None)
    assert {entry.at for entry in order.history} == {NOW}


def test_the_codes_of_a_known_order_are_taken_as_the_list_spells_them() -> None:
    """So that the next look finds it by its code."""
    order = followed(waiting(), at_skyhub(remote_code="77"), OMS, LATER)
    assert (order.codes, order.carrier) == (("77",), Carrier.DIRECT)
    assert followed(skipped(), at_skyhub(), OMS, LATER).status is Status.DUE


def test_what_skyhub_says_of_a_listed_order_is_dated_by_the_look() -> None:
    """So that a later word outranks it: its carrier, and its items where nobody named any."""
    found = at_skyhub(lines=LINES)
    known = recorded(invoiced(ordered={}))
    for order in (followed(known, found, POLICY, LATER), opened(ORDER_ID, CODE, found, POLICY, LATER)):
        assert order.carriers[Authority.SKYHUB] == CarrierClaim(Carrier.DIRECT, LATER)
        assert order.newest_list == ItemList(LATER, {"a": 1})


def test_an_order_that_waits_too_long_is_shown_once() -> None:
    """After three days, to the millisecond; an OMS is read once more, where there is one."""
    order = waiting()
    assert waiting_long(order, OMS, NOW + 3 * DAY - 1) is order
    for policy, wish in ((OMS, In(0)), (POLICY, None)):
        shown = waiting_long(replace(order, reread_tries=4 * policy.oms), policy, NOW + 3 * DAY)
        assert shown.reread_tries == 0
        assert (set(shown.attention), shown.reread_at) == ({Attention.WAITING_LONG}, wish)
        assert shown.news_at == (NOW + 3 * DAY if policy.oms else None)
        assert (shown.history[-1].event, shown.history[-1].detail) == ("order.waiting_long", order.reason)
        assert waiting_long(shown, policy, NOW + 4 * DAY) is shown
    short = replace(OMS, waiting_long_ms=HOUR)
    assert waiting_long(order, short, NOW + HOUR).attention == {Attention.WAITING_LONG}


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.WAITING])
def test_only_waiting_orders_wait(status: Status) -> None:
    """Whatever else takes long is shown otherwise."""
    order = IN_EVERY_STATUS[status]()
    assert waiting_long(order, OMS, NOW + 9 * DAY) is order


@pytest.mark.parametrize("flag", [Attention.WAITING_LONG, RIDDLE])
def test_a_flag_of_waiting_ends_with_the_waiting(flag: Attention) -> None:
    """However it ends; an order that waits again begins without it."""
    order: Order = replace(waiting(), flags=frozenset({flag}))
    assert not record(order, invoiced(an_invoice("2", {"a": 1})), OMS, LATER).attention
    assert not record(order, canceled(), OMS, LATER).attention
    assert not followed(order, at_skyhub(Carrier.CORREIOS), OMS, LATER).flags
    assert evaluated(order, OMS, LATER).flags == {flag}


def test_a_listed_order_that_lacks_only_its_carrier_is_no_riddle() -> None:
    """All of its invoices were told; SkyHub is asked for the carrier anyway."""
    complete = recorded(invoiced(carrier=Carrier.UNKNOWN))
    for policy in (POLICY, OMS):
        assert awaited(complete, policy, LATER) is complete
