from dataclasses import replace

import pytest

from tests.unit.domain.builders import (
    HOUR,
    IN_EVERY_STATUS,
    NOW,
    POLICY,
    due,
    invoiced,
    recorded,
    skipped,
    was_requested,
)
from worker.domain.actions import ALLOWED, Action, open_to
from worker.domain.order import Status
from worker.domain.progress import IllegalTransitionError, discard, listed, release, retry_anew, same_pickup

_LAWS = {
    Action.RELEASE: lambda order: release(order, "why", POLICY, NOW),
    Action.RETRY: lambda order: retry_anew(order, "why", POLICY, NOW),
    Action.DISCARD: lambda order: discard(order, "why", NOW),
}


@pytest.mark.parametrize("action", _LAWS)
@pytest.mark.parametrize("status", Status)
def test_an_action_does_something_where_it_is_allowed(action: Action, status: Status) -> None:
    """And nowhere else: there it is refused, or holds already."""
    order = IN_EVERY_STATUS[status]()
    try:
        granted = _LAWS[action](order) is not order
    except IllegalTransitionError:
        granted = False

    assert granted is (status in ALLOWED[action])


@pytest.mark.parametrize(
    ("status", "actions"),
    [
        (Status.WAITING, ["release", "set-carrier"]),
        (Status.DUE, ["set-carrier"]),
        (Status.REQUESTING, []),
        (Status.REQUESTED, []),
        (Status.SKIPPED, ["set-carrier"]),
        (Status.CANCELED, ["retry"]),
        (Status.FAILED, ["retry", "discard"]),
    ],
)
def test_an_operator_is_shown_what_may_help_an_order(status: Status, actions: list[str]) -> None:
    """And nothing that the law refuses."""
    assert list(open_to(IN_EVERY_STATUS[status]())) == actions


def test_a_skipped_order_may_be_corrected_where_its_carrier_is_why() -> None:
    """Another carrier changes nothing where another order holds the pickup, or the store has not contracted Coleta."""
    twin = same_pickup(due(), "BWW-Lojas_Americanas-2", NOW)
    uncontracted = recorded(invoiced(), policy=replace(POLICY, contracted=False))

    assert [each.status for each in (twin, uncontracted)] == [Status.SKIPPED, Status.SKIPPED]
    assert [open_to(each) for each in (twin, uncontracted, skipped())] == [(), (), ("set-carrier",)]


def test_a_requested_order_that_skyhub_lists_again_may_be_requested_again() -> None:
    """The flag says so."""
    assert open_to(listed(was_requested(), POLICY, NOW + HOUR)) == ("request-again",)
