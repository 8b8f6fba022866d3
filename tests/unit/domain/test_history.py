"""Every line of an order's history carries the moment of its change, as the caller's clock said."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.unit.domain.builders import (
    CODE,
    DAY,
    NOW,
    OMS,
    POLICY,
    TOKEN,
    an_invoice,
    announcement,
    at_skyhub,
    canceled,
    due,
    failed,
    invoiced,
    lists,
    package,
    recorded,
    requesting,
    skipped,
    snapshot,
    uncertain,
    waiting,
    was_requested,
)
from worker.domain.confirmation import Accepted, Cause, NoEffect, Refused, Unclear, WrongCall
from worker.domain.events import Announcer
from worker.domain.facts import Carrier, SkyHubStatus
from worker.domain.learning import learn, reread, unasked
from worker.domain.order import NotYet, Order, Status
from worker.domain.packing import packing_told, packing_untold
from worker.domain.pickups import Become, by_status, decide
from worker.domain.progress import (
    discard,
    enter,
    evaluated,
    listed,
    not_collectable_yet,
    record,
    release,
    request_again,
    retry_anew,
    set_carrier,
    settle,
)
from worker.domain.reconciling import awaited, followed, waiting_long

LATER = NOW + 12 * DAY
MISSED = NotYet(NOW, 0, tries=1, rounds=1, absent_since=NOW)
CANCELED_THERE = at_skyhub(status=SkyHubStatus.CANCELED)
CORRECTED = replace(skipped(), carriers=due().carriers)


def decided(order: Order) -> Order:
    """Decide about the order, which SkyHub lists and does not call requested."""
    verdict = decide(order, lists(CODE, taken=(), since=LATER), POLICY, LATER)
    assert isinstance(verdict, Become)
    return verdict.order


@pytest.mark.parametrize(
    ("before", "change"),
    [
        (waiting(), lambda order: record(order, invoiced(an_invoice("2")), POLICY, LATER)),
        (waiting(), lambda order: record(order, canceled(), POLICY, LATER)),
        (waiting(), lambda order: learn(order, CANCELED_THERE, POLICY, LATER)),
        (waiting(), lambda order: learn(order, at_skyhub(Carrier.CORREIOS), POLICY, LATER)),
        (requesting(), lambda order: settle(order, TOKEN, Accepted(), POLICY, LATER, 0.0)),
        (requesting(), lambda order: settle(order, TOKEN, NoEffect(Cause.THROTTLED, "429"), POLICY, LATER, 0.0)),
        (requesting(), lambda order: settle(order, TOKEN, Refused("no"), POLICY, LATER, 0.0)),
        (requesting(), lambda order: settle(order, TOKEN, WrongCall("404"), POLICY, LATER, 0.0)),
        (requesting(), lambda order: settle(order, TOKEN, Unclear("500"), POLICY, LATER, 0.0)),
        (
            replace(requesting(), canceled_at=NOW),
            lambda order: settle(order, TOKEN, NoEffect(Cause.THROTTLED, "429"), POLICY, LATER, 0.0),
        ),
        (due(), lambda order: not_collectable_yet(order, POLICY, LATER, listed=False)),
        (replace(due(), not_yet=MISSED), lambda order: not_collectable_yet(order, POLICY, LATER, listed=False)),
        (uncertain(), lambda order: by_status(order, CANCELED_THERE, POLICY, LATER)),
        (due(), lambda order: by_status(order, CANCELED_THERE, POLICY, LATER)),
        (due(), lambda order: by_status(order, at_skyhub(Carrier.CORREIOS), POLICY, LATER)),
        (replace(uncertain(), canceled_at=NOW), decided),
        (replace(uncertain(), refusal="no"), decided),
        (CORRECTED, lambda order: listed(order, POLICY, LATER)),
        (waiting(), lambda order: release(order, "why", POLICY, LATER)),
        (failed(), lambda order: retry_anew(order, "why", POLICY, LATER)),
        (enter(uncertain(), Status.FAILED, "x", NOW), lambda order: retry_anew(order, "why", POLICY, LATER)),
        (failed(), lambda order: discard(order, "why", LATER)),
        (due(), lambda order: set_carrier(order, Carrier.OWN, "why", POLICY, LATER)),
        (was_requested(), lambda order: request_again(order, "why", LATER, listed_past_settling=True)),
        (waiting(), lambda order: record(order, announcement(), OMS, LATER)),
        (waiting(), lambda order: record(order, announcement(Announcer.PICK_AND_PACK, "PACKING"), OMS, LATER)),
        (waiting(), lambda order: reread(order, snapshot(package("2", {"a": 1})), LATER, OMS, LATER)),
        (waiting(), lambda order: reread(order, snapshot(canceled=True), LATER, OMS, LATER)),
        (due(), lambda order: packing_told(order, "PACKING", POLICY, LATER)),
        (due(), lambda order: packing_told(order, "INVOICED", POLICY, LATER)),
        (due(), lambda order: packing_untold(order, "503", POLICY, LATER)),
        (CORRECTED, lambda order: unasked(order, POLICY, LATER)),
        (waiting(), lambda order: awaited(order, POLICY, LATER)),
        (waiting(), lambda order: followed(order, at_skyhub(Carrier.CORREIOS), POLICY, LATER)),
        (waiting(), lambda order: waiting_long(order, POLICY, LATER)),
    ],
)
def test_every_line_carries_the_moment_of_its_change(before: Order, change: Callable[[Order], Order]) -> None:
    """What was written before stays as it is."""
    after = change(before)
    lines = after.history[len(before.history) :]
    assert after.history[: len(before.history)] == before.history
    assert [line.at for line in lines] == [LATER] * len(lines)
    assert lines


def test_what_says_nothing_new_leaves_no_line() -> None:
    """The very same object comes back, also when the store's contract has changed since."""
    order = recorded(invoiced(), invoiced(an_invoice("2")))
    for policy in (POLICY, replace(POLICY, contracted=False)):
        assert record(order, invoiced(), policy, LATER) is order
    for order in (waiting(), due(), skipped()):
        assert evaluated(order, POLICY, LATER) is order
