"""A store may require that boxes are packed: no order is claimed before Pick and Pack, asked for it, has said so."""

from dataclasses import replace

import pytest

from tests.unit.domain.builders import (
    CODE,
    DAY,
    IN_EVERY_STATUS,
    MINUTE,
    NOW,
    ORDER_ID,
    POLICY,
    TOKEN,
    an_invoice,
    due,
    heard,
    invoiced,
    lists,
    saved,
    uncertain,
    waiting,
)
from worker.domain.doubt import unknown_after_restart
from worker.domain.events import Announcer, OrderAnnounced
from worker.domain.order import At, Attention, Entry, Fulfilment, Hold, In, Order, Status
from worker.domain.packing import (
    PACKED,
    choked,
    is_held,
    let_go,
    must_be_packed,
    packing_told,
    packing_unasked,
    packing_untold,
)
from worker.domain.pickups import Become, Confirm, decide
from worker.domain.progress import (
    IllegalTransitionError,
    claim,
    claimable,
    record,
    release,
    requested,
)
from worker.domain.retry import Schedule, packing

BOXED = replace(POLICY, require_packed=True)
LATER = NOW + MINUTE
# Every word of the contract, in its order, and two that are not among them.
STATUSES = {
    "READY_FOR_HANDLING": False,
    "IDLE": False,
    "READY_FOR_PICKING": False,
    "PICKING": False,
    "READY_FOR_PACKING": False,
    "PACKING": False,
    "READY_FOR_INVOICING": True,
    "INVOICING": True,
    "INVOICED": True,
    "PREPARING_SHIPPING": True,
    "READY_FOR_SHIPPING": True,
    "WAITING_FOR_DELIVERY_COMPANY": True,
    "ON_ROUTE": True,
    "DELIVERED": True,
    "RETURNED": False,
    "WAITING_FOR_PICKUP": True,
    "CANCELED": False,
    "PENDING": False,
    "SOMETHING_NEW": False,
}


def held(since: int = NOW) -> Order:
    """Hold a due order since then, once asked for."""
    return saved(packing_told(due(), "PACKING", BOXED, since), since)


def webhook(order: Order, state: str, now: int = LATER) -> Order:
    """Hear Pick and Pack's webhook."""
    event = OrderAnnounced(order_id=ORDER_ID, occurred_at=now, by=Announcer.PICK_AND_PACK, state=state)
    return record(order, event, BOXED, now)


@pytest.mark.parametrize(("status", "packed"), STATUSES.items())
def test_an_order_is_packed_from_ready_for_invoicing_on(status: str, packed: bool) -> None:  # noqa: FBT001 - a parameter
    """Except returned and canceled; a word that is not known says nothing."""
    order = packing_told(due(), status, BOXED, LATER)
    assert (order.packed, claimable(order, BOXED)) == (packed, packed)
    assert order.status is Status.DUE
    assert order.fulfilment == Fulfilment(status, LATER)
    assert {status for status, ready in STATUSES.items() if ready} == PACKED


def test_nothing_is_claimed_before_its_box_is_packed() -> None:
    """Not even an order that an operator released; where the store does not ask for it, at once."""
    released = release(waiting(), "sold out", BOXED, NOW)
    for order in (due(), released, held()):
        assert must_be_packed(order, BOXED)
        assert not claimable(order, BOXED)
        with pytest.raises(IllegalTransitionError):
            claim(order, CODE, TOKEN, 1, BOXED, NOW)
        assert not must_be_packed(order, POLICY)
        assert claimable(order, POLICY)


def test_what_a_webhook_says_is_never_enough() -> None:
    """It may be anybody's word, and late: Pick and Pack itself is asked."""
    for before in (due(), held()):
        order = webhook(before, "READY_FOR_INVOICING")
        assert (order.packed, claimable(order, BOXED)) == (False, False)
        assert order.fulfilment == Fulfilment("READY_FOR_INVOICING", LATER)


def test_a_webhook_lets_a_held_order_be_asked_for_at_once() -> None:
    """Its news only, and only an order that is held; one that is due is asked for anyway."""
    order = held()
    assert order.at == At(NOW + MINUTE)
    assert webhook(order, "READY_FOR_INVOICING").at == In(0)
    assert webhook(order, "PACKING").at == In(0)  # the same word again: it may be back after trouble
    assert webhook(due(), "PACKED").at == due().at
    for status in set(Status) - {Status.DUE}:
        before = IN_EVERY_STATUS[status]()
        assert webhook(before, "PACKING").at == before.at


def test_a_held_order_is_asked_for_again_at_a_slowing_pace() -> None:
    """A minute, growing to ten, whatever keeps Pick and Pack from the word; never given up."""
    order = due()
    delays = []
    for status in ("PACKING", None, "PACKING", "", "PACKING", "PACKING"):
        order = packing_untold(order, "503", BOXED, NOW) if status == "" else packing_told(order, status, BOXED, NOW)
        delays.append(order.at)
    assert delays == [In(n * MINUTE) for n in (1, 2, 4, 8, 10, 10)]
    assert order.hold == Hold(NOW, 6)
    assert packing(Schedule(packed=7, packed_max=20), 1) == 14
    assert packing(Schedule(packed=7, packed_max=20), 2) == 20


def test_a_held_order_says_why() -> None:
    """What Pick and Pack says, that it does not know the order, or that it cannot tell; a line of history each."""
    order = held()
    assert order.reason == "held until it is packed: Pick and Pack says PACKING"
    assert heard(packing_told(order, "PACKING", BOXED, LATER)) == heard(order)
    order = packing_told(order, None, BOXED, LATER)
    assert order.reason == "held until it is packed: Pick and Pack does not know this order"
    assert order.fulfilment == Fulfilment("", LATER)
    assert order.history[-2:] == (
        Entry(LATER, "fulfilment.changed", "no order of Pick and Pack"),
        Entry(LATER, "order.held", order.reason),
    )
    order = packing_untold(order, "Pick and Pack answered 503", BOXED, LATER)
    assert order.reason == "held until it is packed: Pick and Pack cannot tell"
    assert order.last_error == "Pick and Pack answered 503"
    assert order.fulfilment == Fulfilment("", LATER)
    assert heard(order)[-3:] == ("fulfilment.changed", "order.held", "order.held")
    packed = packing_told(order, "INVOICED", BOXED, LATER + 1)
    assert (packed.reason, packed.hold, heard(packed)[-2:]) == ("", None, ("fulfilment.changed", "order.packed"))
    assert packed.history[-1].detail == "INVOICED"


def test_an_order_that_pick_and_pack_chokes_on_is_told_from_those_behind_it() -> None:
    """Counted for itself in a row; who was merely not asked is held as long, and says the same."""
    behind, itself = held(), held()
    for times in (1, 2):
        behind, itself = packing_unasked(behind, BOXED, LATER), packing_untold(itself, "500", BOXED, LATER)
        assert (choked(behind), choked(itself)) == (0, times)
    assert (behind.reason, behind.at, behind.last_error) == (itself.reason, itself.at, "")
    assert heard(behind) == heard(itself)
    assert choked(packing_unasked(itself, BOXED, LATER)) == 2
    assert choked(packing_told(itself, "PACKING", BOXED, LATER)) == 0
    assert (choked(due()), choked(packing_untold(due(), "500", BOXED, LATER))) == (0, 1)


@pytest.mark.parametrize("told", [True, False], ids=["not packed", "cannot tell"])
def test_an_order_that_is_held_for_a_day_is_shown(told: bool) -> None:  # noqa: FBT001 - a parameter
    """From the first hold on, to the millisecond; until it is packed."""
    order = held()
    for at, shown in ((NOW + DAY - 1, False), (NOW + DAY, True), (NOW + DAY + 1, True)):
        order = packing_told(order, "PACKING", BOXED, at) if told else packing_untold(order, "503", BOXED, at)
        assert (Attention.PACKED_HOLD in order.attention) is shown
    packed = packing_told(order, "INVOICED", BOXED, NOW + 2 * DAY)
    assert (packed.attention, packed.status) == (frozenset(), Status.DUE)


def test_a_hold_ends_with_whatever_moves_the_order_on() -> None:
    """It waits again, is canceled, or was requested by somebody else: no flag stays, the next hold begins anew."""
    order = packing_told(held(), "PACKING", BOXED, NOW + DAY)
    assert order.attention == {Attention.PACKED_HOLD}
    smaller = record(order, invoiced(an_invoice("1", {"b": 1}, dated_at=NOW + 1)), BOXED, NOW + DAY)
    for moved in (smaller, requested(order, "found", NOW + DAY)):
        assert (moved.hold, Attention.PACKED_HOLD in moved.attention) == (None, False)
    assert smaller.status is Status.WAITING


def test_a_store_that_asks_for_no_box_any_more_holds_nothing() -> None:
    """The flag and the hold go with the setting, also where SkyHub does not list the order yet."""
    order = packing_told(held(), "PACKING", BOXED, NOW + DAY)
    assert let_go(order, BOXED) is order
    free = let_go(order, POLICY)
    assert (free.hold, free.attention, free.packed) == (None, frozenset(), False)
    assert let_go(free, POLICY) is free
    missed = decide(order, lists(), POLICY, NOW + DAY)
    assert isinstance(missed, Become)
    assert (missed.order.hold, missed.order.attention) == (None, frozenset())
    assert isinstance(decide(order, lists(CODE), POLICY, NOW + DAY), Confirm)


def test_an_uncertain_order_asks_the_lists_before_its_box() -> None:
    """Found, it is requested, packed or not; settled as not requested, it is held like any other."""
    order = saved(unknown_after_restart(held(), NOW), NOW)
    found = decide(order, lists(taken=(CODE,)), BOXED, NOW + DAY)
    assert isinstance(found, Become)
    assert found.order.status is Status.REQUESTED
    for before in (order, uncertain()):
        settled = decide(before, lists(CODE, taken=()), BOXED, NOW + DAY)
        assert isinstance(settled, Become)
        assert (settled.order.status, settled.order.uncertain) == (Status.DUE, False)
        assert must_be_packed(settled.order, BOXED)
        assert settled.order.at == before.at


def test_pick_and_pack_is_asked_about_an_order_only_while_its_box_alone_is_waited_for() -> None:
    """Not once it is packed, not where the store asks for no box, and not while SkyHub's lists are to be asked."""
    for order in (due(), held()):
        assert is_held(order, BOXED)
        assert not is_held(order, POLICY)
    assert not is_held(packing_told(held(), "INVOICED", BOXED, LATER), BOXED)
    for policy in (BOXED, POLICY):
        assert not is_held(uncertain(), policy)


def test_the_decision_holds_an_order_that_nobody_asked_about() -> None:
    """Whoever forgets to ask Pick and Pack is held by the rules."""
    verdict = decide(due(), lists(CODE), BOXED, NOW)
    assert isinstance(verdict, Become)
    assert verdict.order.status is Status.DUE


@pytest.mark.parametrize(("said", "delay_ms"), [(None, MINUTE), (5.0, MINUTE), (1800.0, 1_800_000)])
def test_the_time_that_pick_and_pack_asks_for_is_given(said: float | None, delay_ms: int) -> None:
    """Where it is longer than the pace, for the order that was asked about and for those that were to be."""
    assert packing_untold(due(), "429", BOXED, NOW, said).at == In(delay_ms)
    assert packing_unasked(due(), BOXED, NOW, said).at == In(delay_ms)


def test_a_pace_that_is_short_is_kept_where_pick_and_pack_asks_for_no_time() -> None:
    """It is the deployment's."""
    hasty = replace(BOXED, schedule=Schedule(packed=7))
    assert packing_untold(due(), "503", hasty, NOW).at == In(7)
