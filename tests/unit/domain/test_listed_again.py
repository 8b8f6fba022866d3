"""SkyHub lists an order as collectable that no round is about: what that means, status by status."""

from dataclasses import replace

import pytest

from tests.unit.domain.builders import (
    CODE,
    IN_EVERY_STATUS,
    MINUTE,
    NOW,
    POLICY,
    canceled,
    due,
    failed,
    invoiced,
    recorded,
    saved,
    skipped,
    was_requested,
)
from worker.domain.facts import Authority, Carrier, CarrierClaim
from worker.domain.learning import learn
from worker.domain.order import At, Attention, Entry, In, NotYet, Status
from worker.domain.policy import Policy
from worker.domain.progress import listed, not_collectable_yet, request_again, same_pickup, unlisted
from worker.domain.retry import Schedule

NOT_CONTRACTED = Policy(affiliate="BWW", contracted=False)


def test_a_requested_order_that_stays_listed_asks_for_attention() -> None:
    """Past the settling delay, not before: its pickup may have been undone; it is flagged once."""
    order = was_requested()
    assert listed(order, POLICY, NOW + MINUTE) is order
    flagged = listed(order, POLICY, NOW + MINUTE + 1)
    assert flagged.status is Status.REQUESTED
    assert flagged.attention == {Attention.LISTED_AFTER_REQUEST}
    assert flagged.history[-1] == Entry(NOW + MINUTE + 1, "order.listed_again", "SkyHub lists it as not requested")
    assert listed(flagged, POLICY, NOW + 9 * MINUTE) is flagged
    undated = replace(order, requested_at=None)
    assert listed(undated, POLICY, NOW + 9 * MINUTE) is undated


def test_the_flag_goes_when_the_order_is_no_longer_listed() -> None:
    """Under any of its codes; other flags stay, and an order without the flag is the same object."""
    order = replace(was_requested(), flags=frozenset({Attention.ITEMS_REMOVED, Attention.LISTED_AFTER_REQUEST}))
    cleared = unlisted(order, {"other"}, NOW + 5)
    assert cleared.status is Status.REQUESTED
    assert cleared.flags == {Attention.ITEMS_REMOVED}
    assert cleared.history[-1] == Entry(NOW + 5, "order.no_longer_listed", "")
    assert unlisted(order, {"other", CODE}, NOW + 5) is order
    assert unlisted(cleared, (), NOW + 5) is cleared


def test_flagging_keeps_other_flags() -> None:
    """Attention adds up."""
    order = replace(was_requested(), flags=frozenset({Attention.ITEMS_REMOVED}))
    flags = listed(order, POLICY, NOW + 9 * MINUTE).flags
    assert flags == {Attention.ITEMS_REMOVED, Attention.LISTED_AFTER_REQUEST}
    again = request_again(replace(order, flags=flags), "undone", NOW, listed_past_settling=True)
    assert again.flags == {Attention.ITEMS_REMOVED}


def test_an_order_given_up_as_not_collectable_is_due_again() -> None:
    """With a new time limit."""
    order = saved(not_collectable_yet(replace(due(), not_yet=NotYet(0, 0)), POLICY, NOW, listed=False))
    assert order.status is Status.FAILED
    back = listed(order, POLICY, NOW + 5)
    assert (back.status, back.reason, back.not_yet, back.at) == (Status.DUE, "", None, In(0))
    assert back.history[-1] == Entry(NOW + 5, "order.due", "")
    assert listed(replace(order, uncertain=True), POLICY, NOW).uncertain


def test_an_order_that_failed_otherwise_stays_failed() -> None:
    """SkyHub refused it while it was listed: an operator must look."""
    order = failed()
    assert listed(order, POLICY, NOW) is order


def test_a_skipped_order_asks_for_its_carrier_at_once_then_at_a_slowing_pace() -> None:
    """A Correios order that stays listed costs little; a wish that stands is not renewed."""
    order, pace = skipped(), []
    for _ in range(4):
        order = saved(listed(order, POLICY, NOW))
        assert listed(order, POLICY, NOW + 1) is order
        assert isinstance(order.learn_at, At)
        pace.append(order.learn_at.ms - NOW)
        order = learn(order, None, POLICY, NOW)
    assert pace == [0, MINUTE, 2 * MINUTE, 4 * MINUTE]
    slow = Policy(schedule=Schedule(not_yet=7))
    assert listed(replace(skipped(), learn_tries=1), slow, NOW).learn_at == In(7)


def test_a_skipped_order_whose_reason_is_gone_is_evaluated_anew() -> None:
    """The store contracted Coleta meanwhile, or the carrier was corrected: no question is needed."""
    order = recorded(invoiced(), policy=NOT_CONTRACTED)
    assert order.status is Status.SKIPPED
    back = listed(order, POLICY, NOW)
    assert (back.status, back.learn_at) == (Status.DUE, None)
    corrected = replace(skipped(), carriers={Authority.OPERATOR: CarrierClaim(Carrier.DIRECT, NOW)})
    assert listed(corrected, POLICY, NOW).status is Status.DUE
    waits = replace(corrected, ordered={"a": 2})
    assert listed(waits, POLICY, NOW).status is Status.WAITING


def test_an_order_whose_pickup_another_one_holds_is_left_alone() -> None:
    """It is the other one that SkyHub lists."""
    order = same_pickup(due(), "other", NOW)
    assert listed(order, POLICY, NOW) is order


@pytest.mark.parametrize("status", [Status.WAITING, Status.DUE, Status.REQUESTING, Status.CANCELED])
def test_any_other_order_is_left_alone(status: Status) -> None:
    """It has its own way on; a canceled one is not brought back."""
    order = IN_EVERY_STATUS[status]()
    assert listed(order, POLICY, NOW + 9 * MINUTE) is order


def test_a_canceled_order_is_not_brought_back_by_being_skipped_before() -> None:
    """The cancel counts when the reason to skip it is gone."""
    order = recorded(invoiced(), canceled(), policy=NOT_CONTRACTED)
    assert order.status is Status.SKIPPED
    assert listed(order, POLICY, NOW).status is Status.CANCELED
