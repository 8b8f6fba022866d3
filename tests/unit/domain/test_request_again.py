"""Requesting again by what SkyHub lists: never while its lists may lag, never under a code that may be another's."""

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
    invoiced,
    recorded,
    saved,
    was_requested,
)
from worker.domain.order import Attention, Entry, Order, Status
from worker.domain.pickups import Become, Confirm, Lists, decide, request_listed_again
from worker.domain.policy import Policy
from worker.domain.progress import IllegalTransitionError, claimable, requested

SETTLED = NOW + MINUTE + 1
LISTED = {"other", CODE}
NOT_LISTED = f"^SkyHub does not list {ORDER_ID} as not requested; nothing to request again$"


def again(order: Order, codes: set[str] = LISTED, read_at: int = SETTLED, policy: Policy = POLICY) -> Order:
    """Wish it, an hour after the list was read."""
    return request_listed_again(order, "undone there", codes, policy, read_at, read_at + 60 * MINUTE)


def refusal(order: Order, codes: set[str] = LISTED, read_at: int = SETTLED, policy: Policy = POLICY) -> str:
    """Return why the wish is not granted."""
    with pytest.raises(IllegalTransitionError) as error:
        again(order, codes, read_at, policy)
    return str(error.value)


def test_an_order_listed_past_the_settling_delay_gets_a_new_round() -> None:
    """It is due, as in its first round; the flag that brought the operator is gone, the reason in the history."""
    flagged = replace(was_requested(), flags=frozenset({Attention.LISTED_AFTER_REQUEST}))
    order = again(flagged)
    assert (order.status, order.round, order.flags) == (Status.DUE, 2, frozenset())
    assert order.history[-2:] == (
        Entry(SETTLED + 60 * MINUTE, "operator.requested_again", "undone there"),
        Entry(SETTLED + 60 * MINUTE, "order.due"),
    )
    assert claimable(order, POLICY)


def test_the_settling_delay_ends_after_its_last_millisecond() -> None:
    """Counted from the request to the beginning of the reading, whatever time has passed since."""
    assert "a moment ago" in refusal(was_requested(), read_at=NOW + MINUTE)
    assert again(was_requested(), read_at=NOW + MINUTE + 1).status is Status.DUE


def test_the_settling_delay_is_the_deployments() -> None:
    """A setting, not a constant."""
    slow = replace(POLICY, settling_ms=2 * MINUTE)
    assert "a moment ago" in refusal(was_requested(), read_at=NOW + 2 * MINUTE, policy=slow)
    assert again(was_requested(), read_at=NOW + 2 * MINUTE + 1, policy=slow).round == 2


@pytest.mark.parametrize(
    ("read_at", "seconds"),
    [
        (NOW, 61),
        (NOW + 1, 60),
        (NOW + SECOND, 60),
        (NOW + MINUTE - SECOND, 2),
        (NOW + MINUTE - SECOND + 1, 1),
        (NOW + MINUTE, 1),
        (NOW - SECOND, 62),
    ],
)
def test_who_comes_too_early_hears_how_long_to_wait(read_at: int, seconds: int) -> None:
    """In whole seconds, after which the wish is granted; also where the request came after the reading began."""
    expected = f"{ORDER_ID} was requested a moment ago; SkyHub's lists can tell in {seconds} s"
    assert refusal(was_requested(), read_at=read_at) == expected
    assert again(was_requested(), read_at=read_at + seconds * SECOND).round == 2


def test_an_order_that_is_not_listed_is_not_requested_again() -> None:
    """SkyHub has it: a second confirmation would be a second pickup."""
    for codes in (set(), {"other"}, {CODE + "1"}, {CODE[:-1]}):
        with pytest.raises(IllegalTransitionError, match=NOT_LISTED):
            again(was_requested(), codes)


def test_an_order_whose_request_has_no_date_is_judged_by_the_list() -> None:
    """The list alone decides: it cannot be fresh."""
    undated = replace(was_requested(), requested_at=None)
    assert again(undated).round == 2
    with pytest.raises(IllegalTransitionError, match=NOT_LISTED):
        again(undated, set())


def test_a_code_that_may_be_a_siblings_does_not_count_as_listed() -> None:
    """Without its delivery suffix the code names another delivery of the same sale just as well."""
    order = recorded(invoiced(order_id="BWW-Lojas_Americanas-1517940500554-02"))
    bare, full = "1517940500554", "1517940500554-02"
    taken = saved(requested(order, "SkyHub says it is shipped", NOW))
    assert taken.remote_code == ""
    assert refusal(taken, {bare}).startswith("SkyHub does not list ")
    assert again(taken, {full}).round == 2
    assert again(replace(taken, remote_code=bare), {bare}).round == 2
    assert refusal(replace(taken, remote_code=full), {bare}).startswith("SkyHub does not list ")


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.REQUESTED])
def test_an_order_that_is_not_requested_is_refused_as_such(status: Status) -> None:
    """However fresh, listed or not: that SkyHub lists it is no reason."""
    order = replace(IN_EVERY_STATUS[status](), requested_at=NOW)
    for codes, read_at in ((LISTED, SETTLED), (LISTED, NOW), (set[str](), SETTLED)):
        said = refusal(order, codes, read_at)
        assert said == f"only a requested order can be requested again; {ORDER_ID} is {status}"


def test_a_reading_of_the_round_before_finds_nothing() -> None:
    """It began before the operator opened this round: what it shows as requested may be the pickup that was undone."""
    order = saved(again(was_requested()))
    assert order.round_at > 0
    for begun_at, found in ((order.round_at - 1, False), (order.round_at, True)):
        verdict = decide(order, Lists({CODE}, {CODE}, begun_at=begun_at), POLICY, SETTLED)
        assert isinstance(verdict, Become if found else Confirm)


def test_a_new_round_is_decided_by_the_lists_like_the_first() -> None:
    """It is confirmed; where the list of requested ones names it, it is found instead."""
    order = saved(again(was_requested()))
    assert decide(order, Lists({CODE}, taken_since=0), POLICY, SETTLED) == Confirm(order, CODE)
    found = decide(order, Lists({CODE}, {CODE}, SETTLED), POLICY, SETTLED)
    assert isinstance(found, Become)
    assert (found.order.status, found.order.round) == (Status.REQUESTED, 2)
