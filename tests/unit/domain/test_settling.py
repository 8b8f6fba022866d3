"""What each answer to a confirmation means for the orders in it."""

from dataclasses import replace

import pytest

from tests.unit.domain.builders import MINUTE, NOW, POLICY, SECOND, TOKEN, due, requesting, saved
from worker.domain.confirmation import Accepted, Cause, NoEffect, Outcome, Refused, Unclear, WrongCall
from worker.domain.order import Entry, In, Order, Status
from worker.domain.policy import Policy
from worker.domain.progress import claim, settle
from worker.domain.retry import Schedule


def settled(order: Order, *outcomes: Outcome, draw: float = 0.0, policy: Policy = POLICY) -> Order:
    """Settle the claim; for each further outcome, claim again (as if the lists had cleared it) and settle that."""
    held = order.claim
    assert held is not None
    for outcome in outcomes:
        if order.status is not Status.REQUESTING:
            order = claim(replace(order, uncertain=False), order.remote_code, TOKEN, held.batch_size, policy, NOW)
        order = settle(saved(order), TOKEN, outcome, policy, NOW, draw)
    return order


def test_accepted_is_requested() -> None:
    """With the attempt counted."""
    order = settled(requesting(), Accepted())
    assert (order.status, order.reason, order.requested_at) == (Status.REQUESTED, "accepted by SkyHub", NOW)
    assert (order.attempts, order.uncertain, order.claim) == (1, False, None)


@pytest.mark.parametrize("cause", list(Cause))
def test_no_effect_makes_the_order_due_again_without_doubt(cause: Cause) -> None:
    """Tried again after a second or when SkyHub says; no attempt is burnt."""
    order = settled(requesting(), NoEffect(cause, "because"), draw=0.999)
    assert (order.status, order.reason, order.at) == (Status.DUE, "because", In(SECOND))
    assert (order.uncertain, order.attempts, order.claim, order.last_error) == (False, 0, None, "because")
    assert settled(requesting(), NoEffect(cause, "because", 90.0)).at == In(90 * SECOND)


def test_a_wrong_call_burns_nobodys_attempt_and_leaves_doubt() -> None:
    """A byte may have left: the lists decide, after they have settled."""
    order = settled(requesting(), WrongCall("404"))
    assert (order.status, order.reason, order.uncertain) == (Status.DUE, "outcome not known: 404", True)
    assert (order.attempts, order.at, order.last_error) == (0, In(MINUTE), "404")


def test_an_unclear_answer_leaves_doubt_and_backs_off() -> None:
    """The lists settle first; then the pace slows with every attempt, or is SkyHub's."""
    order = settled(requesting(), Unclear("timed out"), draw=0.5)
    assert (order.status, order.reason, order.uncertain) == (Status.DUE, "outcome not known: timed out", True)
    assert (order.attempts, order.last_error, order.at) == (1, "timed out", In(MINUTE + SECOND))
    assert order.history[-1] == Entry(NOW, "order.due", order.reason)
    again = settled(requesting(), *[Unclear("500")] * 4, draw=0.5)
    assert (again.attempts, again.at) == (4, In(MINUTE + 4 * SECOND))
    asked = settled(requesting(), Unclear("503", 30.0), policy=Policy(settling_ms=5))
    assert asked.at == In(30 * SECOND + 5)


def test_a_refusal_leaves_doubt_until_the_lists_have_settled() -> None:
    """It counts as an attempt; which orders were not taken, only the lists know."""
    for size in (1, 4):
        order = settled(requesting(size), Refused("invalid order"))
        assert (order.status, order.reason, order.uncertain) == (Status.DUE, "outcome not known: invalid order", True)
        assert (order.attempts, order.at, order.last_error) == (1, In(MINUTE), "invalid order")


def test_an_order_refused_alone_remembers_why() -> None:
    """The lists decide what it means; an empty message is still a refusal."""
    assert settled(requesting(1), Refused("invalid order")).refusal == "invalid order"
    assert settled(requesting(1), Refused("")).refusal == "refused without a message"
    assert settled(requesting(2), Refused("invalid order")).refusal == ""


@pytest.mark.parametrize(("size", "limit"), [(25, 12), (5, 2), (3, 1), (2, 1)])
def test_a_refused_batch_is_halved(size: int, limit: int) -> None:
    """Nobody knows which code was bad: each order goes in a smaller call."""
    assert settled(requesting(size), Refused("some order is invalid")).batch_limit == limit


def test_a_code_named_in_a_refusal_goes_alone() -> None:
    """The others of its batch are halved."""
    order = requesting(24)
    assert settled(order, Refused("pedido 285264647201 invalido")).batch_limit == 1
    assert settled(order, Refused("pedido 285264647202 invalido")).batch_limit == 12


@pytest.mark.parametrize("message", ["2852646472011", "1285264647201", "285264647201-01", "07-285264647201", ""])
def test_a_longer_number_does_not_name_the_code_that_it_holds(message: str) -> None:
    """Nor does another delivery of the same sale."""
    assert settled(requesting(24), Refused(f"pedido {message} invalido")).batch_limit == 12
    assert settled(requesting(24), Refused("[285264647201]: invalido")).batch_limit == 1


def test_a_long_answer_is_cut_to_what_a_person_reads() -> None:
    """Two hundred characters, the last of them a sign that more was said."""
    exact, longer = "x" * 200, "x" * 201
    assert settled(requesting(), Unclear(exact)).last_error == exact
    assert settled(requesting(), Refused(longer)).refusal == "x" * 199 + "…"
    assert settled(requesting(), NoEffect(Cause.THROTTLED, longer)).reason == "x" * 199 + "…"
    assert settled(requesting(), WrongCall(longer)).last_error == "x" * 199 + "…"


@pytest.mark.parametrize("outcome", [Unclear("500"), WrongCall("404"), NoEffect(Cause.FORBIDDEN, "403")])
def test_a_batch_that_fails_twice_is_split(outcome: Outcome) -> None:
    """One code that breaks SkyHub starves nobody; the count starts anew for the halves."""
    once = settled(requesting(8), outcome)
    assert (once.failures, once.batch_limit) == (1, None)
    twice = settled(requesting(8), outcome, outcome)
    assert (twice.failures, twice.batch_limit) == (0, 4)
    thrice = settled(requesting(8), outcome, outcome, outcome)
    assert (thrice.failures, thrice.batch_limit) == (1, 4)
    assert settled(requesting(2), outcome, outcome).batch_limit == 1
    assert settled(requesting(3), outcome, outcome).batch_limit == 1


@pytest.mark.parametrize("outcome", [Unclear("500"), WrongCall("404"), NoEffect(Cause.FORBIDDEN, "403")])
def test_an_order_that_fails_alone_cannot_be_split(outcome: Outcome) -> None:
    """It is tried again at its pace."""
    order = settled(requesting(1), outcome, outcome, outcome)
    assert (order.failures, order.batch_limit) == (3, None)


@pytest.mark.parametrize("cause", [cause for cause in Cause if cause is not Cause.FORBIDDEN])
def test_what_is_the_networks_or_the_accounts_fault_splits_nothing(cause: Cause) -> None:
    """A smaller call would fare no better."""
    order = settled(requesting(8), *[NoEffect(cause, "because")] * 3)
    assert (order.failures, order.batch_limit) == (0, None)


def test_the_deployments_times_are_the_ones_that_count() -> None:
    """Back-off and settling come from the policy."""
    policy = Policy(settling_ms=7, schedule=Schedule(backoff=100, backoff_max=150))
    assert settled(requesting(), NoEffect(Cause.THROTTLED, "429"), policy=policy, draw=1.0).at == In(100)
    assert settled(requesting(), Refused("x"), policy=policy).at == In(7)
    assert settled(requesting(), WrongCall("x"), policy=policy).at == In(7)
    assert settled(requesting(), *[Unclear("x")] * 3, policy=policy, draw=1.0).at == In(157)


def test_an_order_without_a_claim_has_nothing_to_settle() -> None:
    """The same object comes back, whatever the token."""
    order = due()
    for outcome in (Accepted(), Unclear("x")):
        assert settle(order, "", outcome, POLICY, NOW, 0.0) is order
