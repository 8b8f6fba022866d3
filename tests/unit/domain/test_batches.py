"""How orders to confirm are grouped into calls."""

from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.domain.builders import due
from worker.domain.pickups import Confirm, batches

limits = st.lists(st.none() | st.integers(1, 8), max_size=40)


def confirms(*own: int | None) -> list[Confirm]:
    """One order a limit, told apart by their codes."""
    return [Confirm(replace(due(), batch_limit=limit), f"code-{number}") for number, limit in enumerate(own)]


def sizes(groups: list[tuple[Confirm, ...]]) -> list[int]:
    """How many orders each call carries."""
    return [len(group) for group in groups]


def test_nothing_to_confirm_is_no_call() -> None:
    """Not an empty one."""
    assert batches([], 25) == []


def test_orders_without_a_limit_fill_the_calls() -> None:
    """As many a call as the deployment allows, in their order."""
    group = confirms(*[None] * 7)
    assert batches(group, 3) == [tuple(group[:3]), tuple(group[3:6]), tuple(group[6:])]


def test_an_order_that_must_go_alone_goes_alone() -> None:
    """It holds nobody else back."""
    assert sizes(batches(confirms(None, 1, None, 1), 25)) == [2, 1, 1]


def test_a_limit_holds_for_the_whole_call() -> None:
    """Whoever else is in it; the largest limits go first."""
    groups = batches(confirms(2, None, 2, 2, None, 4), 5)
    assert sizes(groups) == [3, 2, 1]
    assert [confirm.code for confirm in groups[0]] == ["code-1", "code-4", "code-5"]


def test_a_limit_above_the_deployments_changes_nothing() -> None:
    """The smaller of the two counts."""
    assert sizes(batches(confirms(9, None, 9), 2)) == [2, 1]


@given(own=limits, size=st.integers(1, 8))
def test_every_order_goes_once_and_no_call_is_too_large(own: list[int | None], size: int) -> None:
    """No call exceeds the deployment's size or any of its orders' limits, and none is empty."""
    asked = confirms(*own)
    groups = batches(asked, size)
    assert sorted(confirm.code for group in groups for confirm in group) == sorted(confirm.code for confirm in asked)
    for group in groups:
        least = min(confirm.order.batch_limit or size for confirm in group)
        assert 1 <= len(group) <= min(size, least)


@given(own=limits, size=st.integers(1, 8))
def test_no_two_calls_could_have_been_one(own: list[int | None], size: int) -> None:
    """Each call is full for the next call's largest limit."""
    groups = batches(confirms(*own), size)
    for group, following in pairwise(groups):
        assert len(group) >= min(size, following[0].order.batch_limit or size)
