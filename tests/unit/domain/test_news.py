"""What news does to an order, status by status (the table at the top of `progress`)."""

from dataclasses import replace

import pytest

from tests.unit.domain.builders import (
    CODE,
    IN_EVERY_STATUS,
    NOW,
    ORDER_ID,
    POLICY,
    SKYHUB_CODE,
    TOKEN,
    an_invoice,
    canceled,
    due,
    heard,
    invoiced,
    recorded,
    requesting,
    skipped,
    uncertain,
    waiting,
    was_canceled,
)
from worker.domain.confirmation import Accepted, Cause, NoEffect
from worker.domain.events import Event, OrderInvoiced
from worker.domain.facts import Carrier
from worker.domain.order import Attention, Entry, In, NotYet, Status
from worker.domain.policy import Policy
from worker.domain.progress import record, same_pickup, settle

CORRECTION = invoiced(an_invoice("1", {}, dated_at=NOW + 1))
SMALLER = invoiced(an_invoice("1", {"b": 1}, dated_at=NOW + 1))
LAST = invoiced(an_invoice("2"), ordered={"a": 2})
BY_CORREIOS = invoiced(carrier=Carrier.CORREIOS, at=NOW + 1)
BY_DIRECT = invoiced(carrier=Carrier.DIRECT, at=NOW + 2)


@pytest.mark.parametrize(
    ("status", "event", "after"),
    [
        (Status.WAITING, LAST, Status.DUE),
        (Status.WAITING, SMALLER, Status.WAITING),
        (Status.WAITING, canceled(), Status.CANCELED),
        (Status.WAITING, BY_CORREIOS, Status.SKIPPED),
        (Status.DUE, SMALLER, Status.WAITING),
        (Status.DUE, CORRECTION, Status.DUE),
        (Status.DUE, canceled(), Status.CANCELED),
        (Status.DUE, BY_CORREIOS, Status.SKIPPED),
        (Status.REQUESTING, SMALLER, Status.REQUESTING),
        (Status.REQUESTING, canceled(), Status.REQUESTING),
        (Status.REQUESTING, BY_CORREIOS, Status.REQUESTING),
        (Status.REQUESTED, SMALLER, Status.REQUESTED),
        (Status.REQUESTED, canceled(), Status.REQUESTED),
        (Status.REQUESTED, BY_CORREIOS, Status.REQUESTED),
        (Status.SKIPPED, LAST, Status.SKIPPED),
        (Status.SKIPPED, canceled(), Status.SKIPPED),
        (Status.SKIPPED, BY_DIRECT, Status.DUE),
        (Status.CANCELED, LAST, Status.CANCELED),
        (Status.CANCELED, BY_CORREIOS, Status.CANCELED),
        (Status.FAILED, SMALLER, Status.FAILED),
        (Status.FAILED, canceled(), Status.FAILED),
        (Status.FAILED, BY_CORREIOS, Status.FAILED),
    ],
)
def test_news_moves_an_order_as_the_table_says(status: Status, event: Event, after: Status) -> None:
    """And is kept as a fact wherever it moves nothing; heard again, it is no news."""
    before = IN_EVERY_STATUS[status]()
    order = record(before, event, POLICY, NOW)
    assert before.status is status
    assert order.status is after
    assert record(order, event, POLICY, NOW + 1) is order


def test_the_last_invoice_makes_an_order_due() -> None:
    """At once, and with a line in the history."""
    order = record(waiting(), LAST, POLICY, NOW + 5)
    assert (order.status, order.reason, order.at) == (Status.DUE, "", In(0))
    assert heard(order) == ("order.opened", "invoice.recorded", "invoice.recorded", "order.due")
    assert order.history[-1] == Entry(NOW + 5, "order.due", "")


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (invoiced(ordered={}), "the order's items are not known yet"),
        (invoiced(ordered={"a": 2, "b": 1}), "1 of 3 units invoiced"),
        (invoiced(ordered={"a": 2}, carrier=Carrier.UNKNOWN), "1 of 2 units invoiced"),
        (invoiced(ordered={"b": 2}), "0 of 2 units invoiced"),
        (invoiced(an_invoice("1", {"a": 9}), ordered={"a": 1, "b": 2}), "1 of 3 units invoiced"),
        (invoiced(carrier=Carrier.UNKNOWN), "the carrier is not known yet"),
    ],
)
def test_a_waiting_order_says_what_it_waits_for(event: Event, reason: str) -> None:
    """Items, units or carrier, in this order."""
    order = recorded(event)
    assert (order.status, order.reason) == (Status.WAITING, reason)


def test_a_partial_invoice_updates_what_it_waits_for() -> None:
    """The reason counts up without a move."""
    order = recorded(invoiced(ordered={"a": 3}), invoiced(an_invoice("2"), ordered={"a": 3}))
    assert order.reason == "2 of 3 units invoiced"
    assert heard(order) == ("order.opened", "invoice.recorded", "invoice.recorded")


def test_an_invoice_replaced_by_a_smaller_one_takes_the_order_back() -> None:
    """It waits again, and SkyHub's time to list it starts anew when it is complete again."""
    order = replace(due(), not_yet=NotYet(NOW - 5, 0, tries=3))
    order = record(order, SMALLER, POLICY, NOW)
    assert (order.status, order.reason, order.not_yet) == (Status.WAITING, "0 of 1 units invoiced", None)
    assert order.history[-1] == Entry(NOW, "order.waiting", "0 of 1 units invoiced")


@pytest.mark.parametrize(
    ("carrier", "reason"),
    [
        (Carrier.CORREIOS, "correios: ships by Correios, never requested"),
        (Carrier.OWN, "own: ships by the seller's own logistics"),
        (Carrier.FULFILLMENT, "fulfillment: ships from B2W's own warehouse"),
    ],
)
def test_what_does_not_ship_by_direct_is_skipped_with_its_reason(carrier: Carrier, reason: str) -> None:
    """Complete or not; a corrected carrier corrects the reason too."""
    for items in ({"a": 1}, {"a": 2}, {}):
        order = recorded(invoiced(ordered=items, carrier=carrier))
        assert (order.status, order.reason) == (Status.SKIPPED, reason)
    order = record(recorded(BY_CORREIOS), invoiced(carrier=carrier, at=NOW + 2), POLICY, NOW)
    assert (order.status, order.reason) == (Status.SKIPPED, reason)


def test_a_store_without_the_contract_skips_everything() -> None:
    """Whatever the carrier; the word of a carrier does not bring it back."""
    policy = Policy(affiliate="BWW", contracted=False)
    for event in (invoiced(), invoiced(carrier=Carrier.CORREIOS), invoiced(carrier=Carrier.UNKNOWN)):
        order = recorded(event, policy=policy)
        assert order.status is Status.SKIPPED
        assert order.reason == "not_contracted: the store has not contracted B2W Coleta (coleta = false)"
        assert record(order, BY_DIRECT, policy, NOW).status is Status.SKIPPED


def test_an_order_whose_pickup_another_one_holds_stays_skipped() -> None:
    """No news about items, carrier or cancel brings it back."""
    order = same_pickup(due(), "BWW-Submarino-1", NOW)
    assert (order.status, order.reason) == (Status.SKIPPED, "same_pickup: same pickup as BWW-Submarino-1")
    for event in (BY_DIRECT, BY_CORREIOS, canceled(), LAST):
        after = record(order, event, POLICY, NOW)
        assert (after.status, after.reason) == (Status.SKIPPED, order.reason)


def test_a_cancel_before_anything_else_opens_a_canceled_order() -> None:
    """Invoices that follow are kept and request nothing."""
    order = recorded(canceled(reason=""), invoiced())
    assert (order.status, order.reason) == (Status.CANCELED, "canceled at its source")
    assert order.complete
    assert was_canceled().reason == "the customer changed their mind"


def test_a_cancel_wins_over_completeness_and_carrier() -> None:
    """A skipped order that was canceled meanwhile does not become due by its carrier."""
    assert record(due(), canceled(), POLICY, NOW).status is Status.CANCELED
    order = record(skipped(), canceled(), POLICY, NOW)
    assert record(order, BY_DIRECT, POLICY, NOW).status is Status.CANCELED


def test_a_cancel_during_the_request_is_applied_when_the_outcome_is_known() -> None:
    """Accepted: requested, and an operator sees it. No effect: canceled."""
    order = record(requesting(), canceled(), POLICY, NOW)
    accepted = settle(order, TOKEN, Accepted(), POLICY, NOW, 0.0)
    assert accepted.status is Status.REQUESTED
    assert accepted.attention == {Attention.CANCELED_AFTER_REQUEST}
    assert settle(order, TOKEN, NoEffect(Cause.THROTTLED, "429"), POLICY, NOW, 0.0).status is Status.CANCELED


@pytest.mark.parametrize(
    ("event", "after"), [(SMALLER, Status.WAITING), (BY_CORREIOS, Status.SKIPPED), (canceled(), Status.CANCELED)]
)
def test_news_during_the_request_is_applied_when_it_had_no_effect(event: Event, after: Status) -> None:
    """The order goes where its facts put it."""
    order = record(requesting(), event, POLICY, NOW)
    assert settle(order, TOKEN, NoEffect(Cause.UNREACHABLE, "refused"), POLICY, NOW, 0.0).status is after


@pytest.mark.parametrize("event", [SMALLER, BY_CORREIOS, canceled(), LAST])
def test_news_about_an_uncertain_order_is_kept_as_facts(event: Event) -> None:
    """Its status moves when the lists have spoken."""
    before = uncertain()
    order = record(before, event, POLICY, NOW)
    assert order is not before
    assert (order.status, order.uncertain, order.reason, order.at) == (Status.DUE, True, before.reason, before.at)


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("event", [SMALLER, LAST, BY_CORREIOS, BY_DIRECT])
def test_facts_are_kept_in_every_status(status: Status, event: OrderInvoiced) -> None:
    """Counting never stops."""
    order = record(IN_EVERY_STATUS[status](), event, POLICY, NOW)
    assert (event.invoice.number, event.invoice.items) in [(known.number, known.items) for known in order.invoices]
    assert order.ordered == {"a": max(IN_EVERY_STATUS[status]().ordered["a"], (event.items or {})["a"])}


def test_the_first_event_opens_the_order() -> None:
    """Under the event's id, with the codes that the id tells for this store's affiliate."""
    order = record(None, invoiced(), POLICY, NOW + 7)
    assert (order.order_id, order.skyhub_code, order.codes) == (ORDER_ID, SKYHUB_CODE, (CODE,))
    assert (order.created_at, order.history[0]) == (NOW + 7, Entry(NOW + 7, "order.opened"))
    empty = replace(invoiced(an_invoice(items={})), items=None, carrier=Carrier.UNKNOWN)
    assert record(None, empty, POLICY, NOW).reason == "the order's items are not known yet"
