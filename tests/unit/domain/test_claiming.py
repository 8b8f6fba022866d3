"""The right to request an order: who gets it, how it is held, how it ends when its holder dies."""

from dataclasses import replace

import pytest

from tests.unit.domain.builders import (
    CODE,
    IN_EVERY_STATUS,
    MINUTE,
    NOW,
    ORDER_ID,
    POLICY,
    SECOND,
    TOKEN,
    due,
    failed,
    heard,
    invoiced,
    recorded,
    requesting,
    saved,
    uncertain,
    waiting,
    was_canceled,
    was_requested,
)
from worker.domain.confirmation import Accepted, Cause, NoEffect, Refused
from worker.domain.doubt import unknown_after_restart
from worker.domain.facts import Authority, Carrier, CarrierClaim
from worker.domain.order import At, Claim, Entry, In, Order, Status
from worker.domain.policy import Policy
from worker.domain.progress import (
    IllegalTransitionError,
    claim,
    claimable,
    expire,
    release,
    requested,
    same_pickup,
    settle,
)

BY_CORREIOS = {Authority.SKYHUB: CarrierClaim(Carrier.CORREIOS, NOW)}


def test_a_complete_direct_order_may_be_requested() -> None:
    """And so may a released one that lacks items."""
    assert claimable(due(), POLICY)
    assert claimable(release(waiting(), "the rest is sold out", POLICY, NOW), POLICY)


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.DUE])
def test_no_order_is_requested_from_another_status(status: Status) -> None:
    """Also not a second time while it is being requested."""
    assert not claimable(IN_EVERY_STATUS[status](), POLICY)
    assert not claimable(replace(due(), status=status), POLICY)


@pytest.mark.parametrize(
    "order",
    [
        replace(due(), uncertain=True),
        replace(due(), canceled_at=NOW),
        replace(due(), carriers=BY_CORREIOS),
        replace(due(), carriers={}),
        replace(due(), ordered={"a": 2}),
        replace(due(), ordered={}),
        replace(due(), ordered={"a": 0}, invoices=()),
        replace(due(), released=True, carriers=BY_CORREIOS),
        uncertain(),
    ],
)
def test_a_due_order_that_breaks_a_promise_is_not_claimed(order: Order) -> None:
    """Not while uncertain, canceled, not surely Direct or incomplete, however it became due."""
    assert not claimable(order, POLICY)
    with pytest.raises(IllegalTransitionError, match=f"^{ORDER_ID} may not be requested: due, {order.carrier}$"):
        claim(order, CODE, TOKEN, 1, POLICY, NOW)


def test_a_claim_holds_the_order_for_its_time() -> None:
    """With its token and the size of the call, under the code that the lists spell; the code freezes."""
    order = claim(due(), "285264647201-01", TOKEN, 7, Policy(claim_ms=12 * SECOND), NOW + 3)
    assert (order.status, order.reason, order.at) == (Status.REQUESTING, "", In(12 * SECOND))
    assert order.claim == Claim(TOKEN, 7)
    assert (order.remote_code, order.code_frozen, order.codes) == ("285264647201-01", True, ("285264647201-01",))
    assert order.history[-1] == Entry(NOW + 3, "order.requesting", "")
    assert claim(due(), CODE, TOKEN, 1, POLICY, NOW).at == In(45 * SECOND)


def test_a_claim_is_taken_back_once_its_lease_is_over() -> None:
    """Its outcome is not known: uncertain, and looked for when the lists have had time to show it."""
    order = expire(requesting(), POLICY, NOW + 45 * SECOND)
    assert (order.status, order.uncertain, order.attempts) == (Status.DUE, True, 1)
    assert order.at == At(NOW + 45 * SECOND + MINUTE)
    assert order.reason == "the request's outcome is not known; SkyHub's lists will tell"
    assert order.last_error == "the process that requested it died"
    late = expire(requesting(), Policy(settling_ms=7), NOW + 9 * MINUTE)
    assert late.at == At(NOW + 45 * SECOND + 7)
    assert late.history[-1] == Entry(NOW + 9 * MINUTE, "order.due", order.reason)


def test_a_claim_is_not_taken_back_before() -> None:
    """Nor is anything else than a claim: the same object comes back."""
    order = requesting()
    assert expire(order, POLICY, NOW + 45 * SECOND - 1) is order
    unsaved = claim(due(), CODE, TOKEN, 1, POLICY, NOW)
    assert expire(unsaved, POLICY, NOW + 9 * MINUTE) is unsaved
    for status in Status:
        if status is not Status.REQUESTING:
            other = replace(IN_EVERY_STATUS[status](), at=At(NOW))
            assert expire(other, POLICY, NOW + 9 * MINUTE) is other


def test_a_late_acceptance_still_counts_after_the_claim_was_taken_back() -> None:
    """Whatever became of the order meanwhile, unless the lists have spoken or another claim holds it."""
    expired = expire(requesting(), POLICY, NOW + MINUTE)
    for order in (expired, replace(expired, status=Status.FAILED), replace(expired, status=Status.CANCELED)):
        accepted = settle(order, TOKEN, Accepted(), POLICY, NOW + 2 * MINUTE, 0.0)
        assert (accepted.status, accepted.uncertain, accepted.attempts) == (Status.REQUESTED, False, 2)
        assert accepted.reason == "accepted by SkyHub"


def test_other_late_answers_change_nothing_after_the_claim_was_taken_back() -> None:
    """Only the lists clear the uncertainty: the same object comes back."""
    expired = expire(requesting(), POLICY, NOW + MINUTE)
    for outcome in (NoEffect(Cause.THROTTLED, "429"), Refused("invalid")):
        assert settle(expired, TOKEN, outcome, POLICY, NOW + 2 * MINUTE, 0.0) is expired


def test_an_answer_to_another_claim_changes_nothing() -> None:
    """Its token is not the order's any more: the same object comes back."""
    taken_again = claim(replace(uncertain(), uncertain=False), CODE, "token-2", 1, POLICY, NOW)
    for order in (taken_again, uncertain(), requesting()):
        assert settle(order, "stale", Accepted(), POLICY, NOW, 0.0) is order
    assert settle(taken_again, TOKEN, Accepted(), POLICY, NOW, 0.0) is taken_again
    assert settle(taken_again, TOKEN, NoEffect(Cause.THROTTLED, "429"), POLICY, NOW, 0.0) is taken_again
    assert settle(due(), TOKEN, Accepted(), POLICY, NOW, 0.0) == due()


def test_an_outcome_is_applied_once() -> None:
    """A settled order holds no claim: a repeated outcome finds nothing to do."""
    for outcome in (Accepted(), NoEffect(Cause.THROTTLED, "429")):
        order = settle(requesting(), TOKEN, outcome, POLICY, NOW, 0.0)
        assert order.claim is None
        assert settle(order, TOKEN, outcome, POLICY, NOW, 0.0) is order
    unclear = uncertain()
    assert unclear.claim == Claim(TOKEN, 1)


def test_requested_is_certain_and_clean() -> None:
    """What the requesting left behind is cleared; a found order takes the code it was found under."""
    messy = replace(uncertain(), failures=1, batch_limit=2, refusal="no", last_error="timed out", learn_tries=2)
    order = requested(messy, "found", NOW + 5, "285264647201-01")
    assert (order.status, order.reason, order.requested_at, order.at) == (Status.REQUESTED, "found", NOW + 5, In(0))
    assert (order.uncertain, order.claim, order.failures, order.batch_limit) == (False, None, 0, None)
    assert (order.refusal, order.last_error, order.learn_at, order.learn_tries) == ("", "", None, 0)
    assert (order.remote_code, order.code_frozen, order.codes) == ("285264647201-01", True, ("285264647201-01",))
    assert order.history[-1] == Entry(NOW + 5, "order.requested", "found")
    found = requested(due(), "found", NOW, "X")
    assert (found.remote_code, found.code_frozen, found.codes) == ("X", True, ("X",))
    unnamed = requested(due(), "found", NOW)
    assert (unnamed.remote_code, unnamed.code_frozen, unnamed.guessed_codes) == ("", False, (CODE,))


def test_a_changed_server_puts_every_due_order_in_doubt() -> None:
    """It may have forgotten that the order was requested: only lists that are read from now on tell."""
    before = replace(due(), at=At(NOW))
    order = unknown_after_restart(before, NOW + 5)
    assert (order.status, order.uncertain, order.at) == (Status.DUE, True, At(NOW + 5))
    later = replace(due(), at=At(NOW + 9))
    assert unknown_after_restart(later, NOW + 5).at == At(NOW + 9)
    assert unknown_after_restart(replace(due(), at=In(7)), NOW + 5).at == In(7)
    assert (
        order.reason
        == "the Redis server was restarted or its clock set forward; SkyHub's lists will tell whether it was requested"
    )
    assert order.history[-1] == Entry(NOW + 5, "order.doubted", order.reason)
    assert unknown_after_restart(order, NOW) is order


@pytest.mark.parametrize("order", [waiting(), requesting(), was_requested(), was_canceled(), failed()])
def test_a_changed_server_doubts_no_other_order(order: Order) -> None:
    """A claim expires by itself, and the rest is not to be requested: the same object comes back."""
    assert unknown_after_restart(order, NOW) is order


def test_two_orders_with_one_pickup_request_it_once() -> None:
    """The one that does not hold the idempotency key is skipped, and says whose it is."""
    order = same_pickup(requesting(), "BWW-Submarino-1", NOW + 1)
    assert (order.status, order.claim) == (Status.SKIPPED, None)
    assert order.history[-1] == Entry(NOW + 1, "order.skipped", "same_pickup: same pickup as BWW-Submarino-1")


def test_every_change_leaves_a_line_in_the_history() -> None:
    """The whole life of an order can be read."""
    order = requested(saved(requesting()), "accepted by SkyHub", NOW)
    assert heard(order) == ("order.opened", "invoice.recorded", "order.due", "order.requesting", "order.requested")
    assert recorded(invoiced()).history[-1].event == "order.due"
