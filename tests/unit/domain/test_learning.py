"""The wish to learn facts, and what SkyHub's answer does to it and to the order."""

from dataclasses import replace

import pytest

from tests.unit.domain.builders import (
    HOUR,
    MINUTE,
    NOW,
    POLICY,
    SKYHUB_CODE,
    TOKEN,
    an_invoice,
    at_skyhub,
    canceled,
    due,
    failed,
    invoiced,
    recorded,
    requesting,
    saved,
    skipped,
    uncertain,
    waiting,
    was_requested,
)
from worker.domain.confirmation import Cause, NoEffect
from worker.domain.events import OrderInvoiced
from worker.domain.facts import Carrier, SkyHubLine, SkyHubStatus
from worker.domain.learning import learn
from worker.domain.order import At, Attention, In, ItemList, Order, Status
from worker.domain.progress import record, release, settle
from worker.domain.wishes import learn_now, learns_from_list

UNKNOWN_CARRIER = invoiced(carrier=Carrier.UNKNOWN)


@pytest.mark.parametrize(
    "event",
    [UNKNOWN_CARRIER, invoiced(ordered={}), invoiced(an_invoice(items={}), ordered={})],
)
def test_an_order_that_lacks_facts_wishes_to_learn_them_at_once(event: OrderInvoiced) -> None:
    """Its carrier, where nothing else lacks; its items."""
    order = recorded(event)
    assert (order.status, order.learn_at, order.learn_tries) == (Status.WAITING, At(NOW), 0)


@pytest.mark.parametrize(
    "order",
    [
        waiting(),
        due(),
        skipped(),
        recorded(invoiced(ordered={"a": 2}, carrier=Carrier.UNKNOWN)),
        recorded(invoiced(an_invoice(items={}), ordered={"a": 2}), invoiced(an_invoice("2", {"a": 2}))),
        recorded(invoiced(ordered={"a": 2}), invoiced(an_invoice("9", {}, output=False), ordered={"a": 2})),
        recorded(invoiced(ordered={}, carrier=Carrier.CORREIOS)),
        recorded(canceled()),
    ],
)
def test_an_order_that_lacks_nothing_or_only_invoices_does_not_ask(order: Order) -> None:
    """SkyHub cannot tell what is invoiced; a return or a settled order needs no items."""
    assert order.learn_at is None


@pytest.mark.parametrize("carrier", [Carrier.DIRECT, Carrier.CORREIOS])
def test_a_fact_that_an_event_tells_is_no_longer_wished(carrier: Carrier) -> None:
    """SkyHub is not asked for what is known; the next wish starts at its first pace."""
    order = replace(recorded(UNKNOWN_CARRIER), learn_tries=4)
    told = record(order, invoiced(carrier=carrier), POLICY, NOW)
    assert (told.learn_at, told.learn_tries) == (None, 0)


@pytest.mark.parametrize("event", [UNKNOWN_CARRIER, invoiced(ordered={})], ids=["carrier", "items"])
def test_a_wish_is_renewed_at_a_slowing_pace_while_it_is_not_fulfilled(event: OrderInvoiced) -> None:
    """From a minute to thirty, whether SkyHub answers without the fact or does not know the order."""
    order = recorded(event)
    delays = []
    for tries, found in enumerate([None, at_skyhub(Carrier.UNKNOWN), None, None, None, None, None]):
        order = learn(order, found, POLICY, NOW)
        assert order.learn_tries == tries + 1
        delays.append(order.learn_at)
    assert delays == [In(n * MINUTE) for n in (1, 2, 4, 8, 16, 30, 30)]


def test_an_order_that_skyhub_does_not_know_says_so_until_it_does() -> None:
    """By the code that SkyHub was asked for; an error of another kind is not SkyHub's to take back."""
    order = learn(recorded(UNKNOWN_CARRIER), None, POLICY, NOW)
    assert order.last_error == f"SkyHub does not know the order {SKYHUB_CODE}; is it this account's?"
    assert learn(order, at_skyhub(), POLICY, NOW).last_error == ""
    assert learn(replace(order, last_error="timed out"), at_skyhub(), POLICY, NOW).last_error == "timed out"


@pytest.mark.parametrize("order", [due(), skipped(), was_requested()])
def test_whoever_wants_an_order_learned_has_skyhub_asked_at_once(order: Order) -> None:
    """Whatever is known of it; nothing else of the order changes."""
    assert learn_now(order) == replace(order, learn_at=In(0))


def test_whoever_wants_an_order_learned_does_not_hurry_a_wish_that_stands() -> None:
    """Its pace is SkyHub's protection: the same object comes back."""
    order = replace(recorded(UNKNOWN_CARRIER), learn_at=At(NOW + HOUR))
    assert learn_now(order) is order


def test_an_order_that_lacks_something_learns_in_passing_from_skyhubs_list() -> None:
    """Its carrier, wished or not yet, or what else it wishes to learn; one that lacks nothing is left alone."""
    part = recorded(invoiced(ordered={"a": 2}, carrier=Carrier.UNKNOWN))
    assert part.learn_at is None
    for order in (part, recorded(UNKNOWN_CARRIER), recorded(invoiced(ordered={})), learn_now(skipped())):
        assert learns_from_list(order)
    for order in (waiting(), due(), skipped()):
        assert not learns_from_list(order)


def test_news_does_not_hasten_a_wish() -> None:
    """The pace is kept until the fact is known."""
    order = saved(learn(recorded(UNKNOWN_CARRIER), None, POLICY, NOW))
    order = learn(order, at_skyhub(Carrier.OWN, SkyHubStatus.APPROVED), POLICY, NOW)
    assert (order.learn_at, order.learn_tries) == (In(2 * MINUTE), 2)


@pytest.mark.parametrize(
    ("carrier", "after"),
    [(Carrier.DIRECT, Status.DUE), (Carrier.CORREIOS, Status.SKIPPED), (Carrier.FULFILLMENT, Status.SKIPPED)],
)
def test_a_learned_carrier_settles_a_complete_order(carrier: Carrier, after: Status) -> None:
    """And the wish with it."""
    order = learn(recorded(UNKNOWN_CARRIER), at_skyhub(carrier), POLICY, NOW)
    assert (order.status, order.learn_at) == (after, None)


def test_the_pace_starts_anew_with_the_next_wish() -> None:
    """A fulfilled wish leaves no tries behind."""
    order = replace(recorded(UNKNOWN_CARRIER), learn_tries=4)
    assert learn(order, at_skyhub(Carrier.DIRECT), POLICY, NOW).learn_tries == 0
    assert learn(replace(due(), learn_at=At(NOW), learn_tries=4), None, POLICY, NOW).learn_at is None
    again = learn(replace(waiting(), learn_tries=4), None, POLICY, NOW)
    assert (again.learn_at, again.learn_tries) == (None, 0)


def test_learned_items_complete_an_order_whose_items_nobody_named() -> None:
    """The invoices that were heard before count at once."""
    order = recorded(invoiced(ordered={}))
    found = at_skyhub(lines=(SkyHubLine("a", "p", 1),))
    learned = learn(order, found, POLICY, NOW + HOUR)
    assert (learned.status, learned.newest_list) == (Status.DUE, ItemList(NOW + HOUR, {"a": 1}))


def test_what_is_learned_may_ask_for_more() -> None:
    """Items make it complete; its carrier is then the next wish."""
    order = recorded(invoiced(ordered={}, carrier=Carrier.UNKNOWN))
    found = at_skyhub(Carrier.UNKNOWN, lines=(SkyHubLine("a", "p", 1),))
    order = learn(order, found, POLICY, NOW)
    assert order.reason == "the carrier is not known yet"
    assert order.learn_at == In(MINUTE)


def test_a_skipped_order_is_asked_for_once_and_remembers_how_often() -> None:
    """The count slows the next time that SkyHub lists it."""
    order = replace(skipped(), learn_at=At(NOW), learn_tries=2)
    for found in (None, at_skyhub(Carrier.CORREIOS)):
        learned = learn(order, found, POLICY, NOW)
        assert (learned.status, learned.learn_at, learned.learn_tries) == (Status.SKIPPED, None, 3)
    back = learn(order, at_skyhub(Carrier.DIRECT), POLICY, NOW)
    assert (back.status, back.learn_at, back.learn_tries) == (Status.DUE, None, 0)


def test_skyhub_canceling_an_order_cancels_it_here() -> None:
    """An open order is canceled; a requested one is flagged; an uncertain one waits for the lists."""
    gone = at_skyhub(status=SkyHubStatus.CANCELED)
    order = learn(waiting(), gone, POLICY, NOW)
    assert (order.status, order.reason, order.canceled_at) == (Status.CANCELED, "SkyHub says it is canceled", NOW)
    assert learn(was_requested(), gone, POLICY, NOW).attention == {Attention.CANCELED_AFTER_REQUEST}
    order = learn(uncertain(), gone, POLICY, NOW)
    assert (order.status, order.canceled_at) == (Status.DUE, NOW)


@pytest.mark.parametrize("order", [requesting(), uncertain(), failed(), was_requested()])
def test_learning_moves_no_order_that_facts_may_not_move(order: Order) -> None:
    """A carrier learned during the request is applied when its outcome is known."""
    learned = learn(order, at_skyhub(Carrier.CORREIOS), POLICY, NOW)
    assert (learned.status, learned.carrier) == (order.status, Carrier.CORREIOS)
    if learned.status is Status.REQUESTING:
        settled = settle(learned, TOKEN, NoEffect(Cause.THROTTLED, "429"), POLICY, NOW, 0.0)
        assert settled.status is Status.SKIPPED


def test_a_released_order_asks_for_its_carrier() -> None:
    """Release lifts the rule about items, not the one about Direct."""
    order = recorded(invoiced(ordered={"a": 2}, carrier=Carrier.UNKNOWN))
    order = release(order, "the customer wants what is there", POLICY, NOW)
    assert (order.status, order.reason) == (Status.WAITING, "the carrier is not known yet")
    assert order.learn_at == In(0)
    assert learn(saved(order), at_skyhub(), POLICY, NOW + HOUR).status is Status.DUE
