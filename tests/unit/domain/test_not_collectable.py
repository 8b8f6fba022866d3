"""An order that SkyHub does not take yet: how long it is looked for, and what decides in the end."""

from dataclasses import replace

import pytest

from tests.unit.domain.builders import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    POLICY,
    at_skyhub,
    canceled,
    due,
    heard,
    lists,
    saved,
    uncertain,
)
from worker.domain.facts import Authority, Carrier, SkyHubStatus
from worker.domain.order import Attention, Entry, In, NotYet, Order, Status
from worker.domain.pickups import AskStatus, Become, by_status, decide
from worker.domain.progress import not_collectable_yet, record
from worker.domain.retry import Schedule

GIVEN_UP = "not_collectable: SkyHub did not list it for 10 days; check that its label was printed"


def missed(order: Order, *moments: int, listed: bool = False) -> Order:
    """Look for the order at each moment, in vain."""
    for now in moments:
        order = saved(not_collectable_yet(order, POLICY, now, listed=listed), now)
    return order


def test_it_is_looked_for_at_a_slowing_pace() -> None:
    """One minute growing to thirty, with one line of history for all of it."""
    order, delays = due(), []
    for tries in range(7):
        order = not_collectable_yet(order, POLICY, NOW + tries, listed=False)
        delays.append(order.at)
    assert delays == [In(n * MINUTE) for n in (1, 2, 4, 8, 16, 30, 30)]
    assert order.not_yet == NotYet(since=NOW, paused_before=0, tries=7, rounds=7, absent_since=NOW)
    assert heard(order)[-2:] == ("order.due", "order.not_yet")
    assert order.history[-1] == Entry(NOW, "order.not_yet", order.reason)
    assert "label" in order.reason


def test_an_order_that_is_listed_is_not_absent() -> None:
    """Refused for want of a label, it starts a new row of looks, not a new time limit."""
    order = missed(missed(due(), NOW, NOW + 5), NOW + 9, listed=True)
    assert order.not_yet == NotYet(since=NOW, paused_before=0, tries=3)
    order = missed(order, NOW + 20)
    assert order.not_yet == NotYet(since=NOW, paused_before=0, tries=4, rounds=1, absent_since=NOW + 20)


def test_after_ten_days_it_has_failed() -> None:
    """Counted from the first look in vain, to the millisecond; listed or not, in doubt or not."""
    for order in (due(), uncertain()):
        first = missed(order, NOW)
        assert missed(first, NOW + 10 * DAY - 1).status is Status.DUE
        for listed in (False, True):
            last = missed(replace(first, refusal="x"), NOW + 10 * DAY, listed=listed)
            assert (last.status, last.reason, last.refusal) == (Status.FAILED, GIVEN_UP, "")
            assert last.uncertain is order.uncertain


def test_the_stores_pauses_do_not_count() -> None:
    """Only pauses since the first look in vain."""
    first = not_collectable_yet(due(), replace(POLICY, paused_ms=3 * DAY), NOW, listed=False)
    assert first.not_yet == NotYet(since=NOW, paused_before=3 * DAY, tries=1, rounds=1, absent_since=NOW)
    paused = replace(POLICY, paused_ms=5 * DAY)
    assert not_collectable_yet(first, paused, NOW + 12 * DAY - 1, listed=False).status is Status.DUE
    assert not_collectable_yet(first, paused, NOW + 12 * DAY, listed=False).status is Status.FAILED


def test_the_limit_is_the_deployments() -> None:
    """And so is the pace."""
    policy = replace(POLICY, schedule=Schedule(not_yet=7, not_yet_limit=HOUR))
    first = not_collectable_yet(due(), policy, NOW, listed=False)
    assert first.at == In(7)
    assert not_collectable_yet(first, policy, NOW + HOUR, listed=False).status is Status.FAILED


def test_half_an_hour_absent_from_both_lists_asks_for_skyhubs_status() -> None:
    """Only once the requested ones were read whole; a limit that is reached comes first."""
    order = missed(due(), NOW)
    seen = lists(taken=())
    soon = decide(order, seen, POLICY, NOW + 30 * MINUTE - 1)
    assert isinstance(soon, Become)
    assert decide(order, seen, POLICY, NOW + 30 * MINUTE) == AskStatus(order)
    over = decide(order, lists(taken=(), since=NOW + 20 * DAY), POLICY, NOW + 10 * DAY)
    assert isinstance(over, Become)
    assert over.order.status is Status.FAILED
    first = decide(due(), lists(), replace(POLICY, absent_ms=0), NOW)
    assert isinstance(first, Become)


def test_an_uncertain_order_asks_at_once_where_nothing_need_be_waited_for() -> None:
    """The time of absence is the deployment's."""
    assert decide(uncertain(), lists(taken=()), replace(POLICY, absent_ms=0), NOW) == AskStatus(uncertain())


@pytest.mark.parametrize("status", [SkyHubStatus.SHIPPED, SkyHubStatus.DELIVERED])
def test_what_skyhub_calls_shipped_was_requested(status: SkyHubStatus) -> None:
    """Found, and certain."""
    order = by_status(missed(uncertain(), NOW), at_skyhub(status=status), POLICY, NOW + HOUR)
    assert (order.status, order.reason) == (Status.REQUESTED, f"SkyHub says it is {status.lower()}")
    assert (order.uncertain, order.requested_at) == (False, NOW + HOUR)


def test_what_skyhub_calls_canceled_is_canceled() -> None:
    """Its uncertainty stays on record, so that a retry asks the lists first."""
    order = by_status(missed(uncertain(), NOW), at_skyhub(status=SkyHubStatus.CANCELED), POLICY, NOW + HOUR)
    assert (order.status, order.reason) == (Status.CANCELED, "SkyHub says it is canceled")
    assert (order.canceled_at, order.uncertain, order.not_yet) == (NOW + HOUR, True, None)
    assert order.cancel_reason == "SkyHub says it is canceled"
    heard_before = record(uncertain(), canceled(), POLICY, NOW)
    order = by_status(heard_before, at_skyhub(status=SkyHubStatus.CANCELED), POLICY, NOW + HOUR)
    assert (order.canceled_at, order.cancel_reason) == (NOW, "the customer changed their mind")


@pytest.mark.parametrize(
    "status", [status for status in SkyHubStatus if status not in ("SHIPPED", "DELIVERED", "CANCELED")]
)
def test_any_other_status_leaves_it_not_collectable_yet(status: SkyHubStatus) -> None:
    """What SkyHub told is learned, its spelling of the code among it."""
    order = by_status(missed(due(), NOW), at_skyhub(status=status, remote_code="X"), POLICY, NOW + HOUR)
    assert (order.status, order.remote_code) == (Status.DUE, "X")
    assert order.not_yet == NotYet(NOW, 0, 2, 2, NOW)


def test_an_order_that_skyhub_does_not_know_is_looked_for_on() -> None:
    """Until the limit."""
    order = by_status(missed(uncertain(), NOW), None, POLICY, NOW + HOUR)
    assert (order.status, order.uncertain, order.at) == (Status.DUE, True, In(2 * MINUTE))


def test_a_carrier_learned_on_the_way_moves_it() -> None:
    """A certain order leaves at once; an uncertain one waits for the lists."""
    found = at_skyhub(Carrier.CORREIOS)
    skipped = by_status(missed(due(), NOW), found, POLICY, NOW + HOUR)
    assert (skipped.status, skipped.not_yet) == (Status.SKIPPED, None)
    assert skipped.reason == "correios: ships by Correios, never requested"
    assert skipped.carriers[Authority.SKYHUB].at == NOW + HOUR
    order = by_status(missed(uncertain(), NOW), found, POLICY, NOW + HOUR)
    assert (order.status, order.carrier) == (Status.DUE, Carrier.CORREIOS)
    assert order.attention == {Attention.CARRIER_CONFLICT}
