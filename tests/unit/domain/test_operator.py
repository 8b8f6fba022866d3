"""What an operator may do to an order, and what the law refuses, in an operator's words."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.unit.domain.builders import (
    IN_EVERY_STATUS,
    MINUTE,
    NOW,
    ORDER_ID,
    POLICY,
    TOKEN,
    canceled,
    due,
    failed,
    heard,
    invoiced,
    recorded,
    requesting,
    saved,
    skipped,
    uncertain,
    waiting,
    was_canceled,
    was_requested,
)
from worker.domain.confirmation import Accepted
from worker.domain.facts import Authority, Carrier, CarrierClaim
from worker.domain.order import Entry, In, NotYet, Order, Status
from worker.domain.progress import (
    IllegalTransitionError,
    claimable,
    discard,
    enter,
    expire,
    record,
    release,
    request_again,
    retry_anew,
    set_carrier,
    settle,
)


@pytest.mark.parametrize(
    ("wish", "allowed", "message"),
    [
        (lambda order: release(order, "why", POLICY, NOW), {"waiting"}, "only a waiting order can be released"),
        (
            lambda order: retry_anew(order, "why", POLICY, NOW),
            {"failed", "canceled"},
            "only a failed or canceled order can be retried",
        ),
        (lambda order: discard(order, "why", NOW), {"failed"}, "only a failed order can be discarded"),
        (
            lambda order: request_again(order, "why", NOW, listed_past_settling=True),
            {"requested"},
            "only a requested order can be requested again",
        ),
    ],
)
@pytest.mark.parametrize("status", list(Status))
def test_a_wish_is_granted_only_where_the_law_allows_it(
    wish: Callable[[Order], Order], allowed: set[str], message: str, status: Status
) -> None:
    """The refusal says which order it is and how it stands."""
    order = IN_EVERY_STATUS[status]()
    if status in allowed:
        assert wish(order) is not order
    else:
        with pytest.raises(IllegalTransitionError, match=f"^{message}; {ORDER_ID} is {status}$"):
            wish(order)


def test_a_released_order_is_due_although_items_lack() -> None:
    """If it is surely Direct; the operator's reason is in the history."""
    order = release(waiting(), "the rest is sold out", POLICY, NOW + 5)
    assert (order.status, order.released, order.complete) == (Status.DUE, True, False)
    assert Entry(NOW + 5, "operator.released", "the rest is sold out") in order.history
    unknown = release(recorded(invoiced(ordered={}, carrier=Carrier.UNKNOWN)), "why", POLICY, NOW)
    assert (unknown.status, unknown.reason) == (Status.WAITING, "the carrier is not known yet")
    itemless = release(recorded(invoiced(ordered={})), "why", POLICY, NOW)
    assert itemless.status is Status.DUE


def test_a_released_order_stays_released() -> None:
    """A partial invoice after it does not take it back; another carrier does."""
    order = release(waiting(), "why", POLICY, NOW)
    assert record(order, invoiced(ordered={"a": 3}), POLICY, NOW).status is Status.DUE
    assert record(order, invoiced(carrier=Carrier.OWN, at=NOW + 1), POLICY, NOW).status is Status.SKIPPED


def test_a_retried_order_is_evaluated_anew_with_nothing_assumed() -> None:
    """Its limits, pace and time start again; the history keeps what was."""
    messy = replace(
        failed(), not_yet=NotYet(NOW, 0, tries=9), failures=1, refusal="invalid", batch_limit=1, at=In(5), attempts=3
    )
    order = retry_anew(messy, "fixed", POLICY, NOW + 5)
    assert (order.status, order.reason, order.at, order.attempts) == (Status.DUE, "", In(0), 3)
    assert (order.not_yet, order.failures, order.refusal, order.batch_limit) == (None, 0, "", None)
    assert Entry(NOW + 5, "operator.retried", "fixed") in order.history
    assert claimable(order, POLICY)


@pytest.mark.parametrize(
    ("order", "after", "reason"),
    [
        (replace(failed(), ordered={"a": 2}), Status.WAITING, "1 of 2 units invoiced"),
        (replace(failed(), carriers={}), Status.WAITING, "the carrier is not known yet"),
        (
            replace(failed(), carriers={Authority.OPERATOR: CarrierClaim(Carrier.OWN, NOW)}),
            Status.SKIPPED,
            "own: ships by the seller's own logistics",
        ),
        (record(failed(), canceled(), POLICY, NOW), Status.CANCELED, "the customer changed their mind"),
        (was_canceled(), Status.WAITING, "1 of 2 units invoiced"),
        (recorded(canceled(), invoiced()), Status.DUE, ""),
    ],
)
def test_a_retried_order_goes_where_its_facts_put_it(order: Order, after: Status, reason: str) -> None:
    """A cancel that ended it is lifted; one heard after it failed counts."""
    order = retry_anew(order, "why", POLICY, NOW)
    assert (order.status, order.reason) == (after, reason)
    assert (order.learn_at is not None) is (reason == "the carrier is not known yet")
    assert order.history[-1] == Entry(NOW, f"order.{after}", reason)


def test_a_retried_orders_history_says_nothing_that_is_not_so() -> None:
    """On its way it waits for nothing."""
    order = retry_anew(failed(), "why", POLICY, NOW)
    details = [entry.detail for entry in order.history[-3:]]
    assert details == ["why", "evaluated anew", ""]


def test_a_cancel_that_an_operator_lifted_does_not_come_back() -> None:
    """Its repeats say nothing new, also after a later discard; a later cancel counts."""
    order = retry_anew(was_canceled(), "the customer stays", POLICY, NOW)
    for lifted in (order, retry_anew(discard(enter(order, Status.FAILED, "x", NOW), "y", NOW), "z", POLICY, NOW)):
        assert record(lifted, canceled(), POLICY, NOW) is lifted
        assert record(lifted, canceled(at=NOW - 1), POLICY, NOW) is lifted
        assert record(lifted, canceled(at=NOW + 1), POLICY, NOW).status is Status.CANCELED
    again = request_again(replace(was_requested(), canceled_at=NOW), "undone", NOW, listed_past_settling=True)
    assert record(again, canceled(), POLICY, NOW) is again
    third = request_again(replace(again, status=Status.REQUESTED), "undone", NOW, listed_past_settling=True)
    assert record(third, canceled(), POLICY, NOW) is third


def test_an_uncertain_order_that_is_retried_asks_the_lists_first() -> None:
    """However it got there, and whatever it lacks: it is due, and nothing may be claimed."""
    for status in (Status.FAILED, Status.CANCELED):
        order = replace(saved(enter(uncertain(), status, "x", NOW)), ordered={"a": 2}, not_yet=NotYet(NOW, 0))
        order = retry_anew(order, "why", POLICY, NOW)
        assert (order.status, order.uncertain, order.not_yet) == (Status.DUE, True, None)
        assert order.reason == "SkyHub's lists will tell whether it was requested"
        assert not claimable(order, POLICY)


def test_a_discarded_order_is_canceled_and_keeps_its_doubt() -> None:
    """A late acceptance still tells the truth about it."""
    expired = expire(requesting(), POLICY, NOW + MINUTE)
    order = discard(enter(expired, Status.FAILED, "not_collectable", NOW), "lost", NOW + 5)
    assert (order.status, order.reason, order.uncertain) == (Status.CANCELED, "discarded: lost", True)
    assert heard(order)[-2:] == ("operator.discarded", "order.canceled")
    assert order.history[-2] == Entry(NOW + 5, "operator.discarded", "lost")
    assert settle(order, TOKEN, Accepted(), POLICY, NOW, 0.0).status is Status.REQUESTED


def test_an_operators_carrier_outranks_every_source() -> None:
    """Direct brings a skipped order back; anything else takes a due one out; the reason is in the history."""
    order = set_carrier(skipped(), Carrier.DIRECT, "label says so", POLICY, NOW + 5)
    assert (order.status, order.carrier) == (Status.DUE, Carrier.DIRECT)
    assert order.carriers[Authority.OPERATOR] == CarrierClaim(Carrier.DIRECT, NOW + 5)
    assert Entry(NOW + 5, "operator.set_carrier", "direct: label says so") in order.history
    assert record(order, invoiced(carrier=Carrier.CORREIOS, at=NOW + 99), POLICY, NOW).status is Status.DUE
    assert set_carrier(due(), Carrier.CORREIOS, "label", POLICY, NOW).status is Status.SKIPPED


@pytest.mark.parametrize("order", [requesting(), uncertain(), was_requested(), was_canceled(), failed()])
def test_an_operators_carrier_is_only_a_fact_where_facts_move_nothing(order: Order) -> None:
    """It counts when the order moves again."""
    after = set_carrier(order, Carrier.OWN, "why", POLICY, NOW)
    assert (after.status, after.carrier) == (order.status, Carrier.OWN)


def test_an_undone_pickup_is_requested_again_in_a_new_round() -> None:
    """Only if SkyHub lists the order as not requested, past the settling delay; an old cancel is lifted."""
    order = request_again(
        replace(was_requested(), canceled_at=NOW), "label was ungrouped", NOW + 5, listed_past_settling=True
    )
    assert (order.status, order.round, order.reason, order.canceled_at) == (Status.DUE, 2, "", None)
    assert heard(order)[-2:] == ("operator.requested_again", "order.due")
    assert order.history[-2] == Entry(NOW + 5, "operator.requested_again", "label was ungrouped")
    assert claimable(order, POLICY)
    with pytest.raises(
        IllegalTransitionError, match=f"^SkyHub does not list {ORDER_ID} as not requested; nothing to request again$"
    ):
        request_again(was_requested(), "why", NOW, listed_past_settling=False)


def test_a_new_round_is_claimed_under_the_rules_of_now() -> None:
    """What changed since the first round counts: another carrier, a smaller invoice."""
    order = set_carrier(was_requested(), Carrier.CORREIOS, "why", POLICY, NOW)
    assert not claimable(request_again(order, "why", NOW, listed_past_settling=True), POLICY)
