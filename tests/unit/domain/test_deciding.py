"""What SkyHub's lists decide for a due order: one test a row of the table at the top of `pickups`, and its edges."""

from dataclasses import replace

import pytest

from tests.unit.domain.builders import (
    CODE,
    DAY,
    MINUTE,
    NOW,
    POLICY,
    an_invoice,
    canceled,
    due,
    invoiced,
    lists,
    recorded,
    uncertain,
    waiting,
)
from worker.domain.doubt import doubtful
from worker.domain.events import Event
from worker.domain.facts import Carrier
from worker.domain.order import At, In, NotYet, Order, Status
from worker.domain.pickups import AskStatus, Become, Confirm, Lists, Wait, decide, needs_taken
from worker.domain.policy import Policy
from worker.domain.progress import record, release

SETTLED = NOW + 10 * MINUTE
MISSED_ONCE = NotYet(NOW, 0, tries=1, rounds=1, absent_since=NOW)


def become(order: Order, seen: Lists, policy: Policy = POLICY) -> Order:
    """Return what the order becomes, where the lists let it become anything."""
    verdict = decide(order, seen, policy, SETTLED)
    assert isinstance(verdict, Become)
    return verdict.order


@pytest.mark.parametrize("order", [due(), uncertain(), replace(due(), not_yet=MISSED_ONCE)])
@pytest.mark.parametrize("seen", [lists(taken=(CODE,)), lists(CODE, taken=(CODE,)), Lists((), {CODE})])
def test_an_order_among_the_requested_is_found(order: Order, seen: Lists) -> None:
    """Whatever the other list says, and however little of this one was read."""
    found = become(order, seen)
    assert (found.status, found.uncertain, found.remote_code) == (Status.REQUESTED, False, CODE)
    assert (found.reason, found.requested_at) == ("found among SkyHub's requested orders", SETTLED)


def test_a_certain_order_that_skyhub_awaits_is_confirmed() -> None:
    """Whether or not the requested ones were read."""
    for seen in (lists(CODE, "other"), lists(CODE, taken=("other",))):
        assert decide(due(), seen, POLICY, SETTLED) == Confirm(due(), CODE)


def test_an_uncertain_order_is_confirmed_only_once_the_requested_ones_were_read_whole() -> None:
    """From a reading that began after its outcome had time to show."""
    order = uncertain()
    assert isinstance(order.at, At)
    assert decide(order, lists(CODE), POLICY, SETTLED) == Wait()
    assert decide(order, Lists((CODE,), {"other"}), POLICY, SETTLED) == Wait()
    assert decide(order, lists(CODE, taken=(), since=order.at.ms - 1), POLICY, SETTLED) == Wait()
    verdict = decide(order, lists(CODE, taken=(), since=order.at.ms), POLICY, SETTLED)
    assert verdict == Confirm(replace(order, uncertain=False, vouched_at=SETTLED), CODE)


@pytest.mark.parametrize(
    ("known_after", "vouched_after", "held_against_it"),
    [
        (-30 * DAY, None, True),
        (-1, None, True),
        (0, None, True),
        (POLICY.doubt_ms - 1, None, True),
        (POLICY.doubt_ms, None, False),
        (-1, -1, True),
        (-1, 0, False),
        (-1, 1, False),
    ],
)
def test_an_order_known_before_a_change_of_server_may_have_been_requested_before_it(
    known_after: int, vouched_after: int | None, *, held_against_it: bool
) -> None:
    """So may one known while what was forgotten comes back; until the lists have vouched for it, however late."""
    changed = NOW + DAY
    late = changed + 9 * DAY
    vouched_at = 0 if vouched_after is None else changed + vouched_after
    order = replace(due(), created_at=changed + known_after, vouched_at=vouched_at, history=())
    policy = replace(POLICY, changed_at=changed)
    assert doubtful(order, policy) is held_against_it
    assert needs_taken(order, {CODE}, policy) is held_against_it
    vouched = replace(order, vouched_at=late) if held_against_it else order
    assert decide(order, lists(CODE, taken=()), policy, late) == Confirm(vouched, CODE)
    assert isinstance(decide(order, Lists((CODE,)), policy, late), Wait if held_against_it else Confirm)
    assert not doubtful(order, POLICY)


def test_an_order_whose_moment_is_not_fixed_yet_waits() -> None:
    """Nobody can say whether the reading began late enough."""
    assert decide(replace(uncertain(), at=In(0)), lists(CODE, taken=()), POLICY, SETTLED) == Wait()


def test_an_order_in_neither_list_is_not_collectable_yet() -> None:
    """Missed once, the requested ones need not be read; missed again, they must be."""
    once = become(due(), lists())
    assert (once.status, once.not_yet) == (Status.DUE, NotYet(SETTLED, 0, 1, 1, SETTLED))
    missed = replace(due(), not_yet=MISSED_ONCE)
    assert decide(missed, lists(), POLICY, SETTLED) == Wait()
    assert decide(missed, lists(taken=("other",), since=NOW - 1), POLICY, SETTLED) == Wait()
    again = become(missed, lists(taken=("other",), since=NOW))
    assert again.not_yet == NotYet(NOW, 0, 2, 2, NOW)


def test_an_order_in_neither_list_keeps_its_uncertainty() -> None:
    """Not being listed proves nothing."""
    order = become(uncertain(), lists(taken=()))
    assert (order.status, order.uncertain) == (Status.DUE, True)
    assert order.reason == (
        "not collectable yet: SkyHub waits for the label (invoice processed, label grouped and printed)"
    )


@pytest.mark.parametrize(
    ("order", "needs"),
    [
        (due(), False),
        (uncertain(), True),
        (replace(due(), not_yet=replace(MISSED_ONCE, rounds=0)), False),
        (replace(due(), not_yet=MISSED_ONCE), True),
    ],
)
def test_the_requested_ones_are_read_for_the_uncertain_and_the_missing(order: Order, *, needs: bool) -> None:
    """Not for orders that are missed for the first time, nor for those that SkyHub awaits."""
    assert needs_taken(order, frozenset(), POLICY) is needs
    assert needs_taken(order, {CODE}, POLICY) is order.uncertain


def test_any_spelling_of_the_code_is_found_in_the_lists() -> None:
    """With the delivery suffix, or by the code that SkyHub stated."""
    order_id = "BWW-Lojas_Americanas-1517940500554-01"
    order = recorded(invoiced(order_id=order_id))
    full, bare = "1517940500554-01", "1517940500554"
    for opened in ((full,), (bare, full)):
        assert decide(order, lists(*opened), POLICY, SETTLED) == Confirm(order, full)
    assert become(order, lists(taken=(full,))).remote_code == full
    known = replace(order, remote_code="X")
    assert decide(known, lists("X", full), POLICY, SETTLED) == Confirm(known, "X")
    assert become(known, lists(full, bare)).status is Status.DUE


def test_a_code_without_its_delivery_suffix_may_be_a_siblings_and_skyhub_is_asked() -> None:
    """Neither requested nor found by a guess: the listed code may name another delivery of the same sale."""
    order = recorded(invoiced(order_id="BWW-Lojas_Americanas-1517940500554-02"))
    bare = "1517940500554"
    assert decide(order, lists(bare), POLICY, SETTLED) == AskStatus(order)
    assert decide(order, lists(taken=(bare,)), POLICY, SETTLED) == AskStatus(order)
    told = replace(order, remote_code=bare)
    assert decide(told, lists(bare), POLICY, SETTLED) == Confirm(told, bare)


@pytest.mark.parametrize(
    ("event", "after"),
    [
        (canceled(), Status.CANCELED),
        (invoiced(an_invoice("1", {"b": 1}, dated_at=NOW + 1)), Status.WAITING),
        (invoiced(carrier=Carrier.CORREIOS, at=NOW + 1), Status.SKIPPED),
    ],
)
@pytest.mark.parametrize("refusal", ["", "pedido invalido", "etiqueta nao encontrada"])
def test_news_heard_in_doubt_is_applied_once_the_lists_clear_it(event: Event, after: Status, refusal: str) -> None:
    """SkyHub does not have the order: it goes where its facts put it, whatever was refused before."""
    order = record(replace(uncertain(), refusal=refusal), event, POLICY, NOW)
    order = become(order, lists(CODE, taken=()))
    assert (order.status, order.uncertain, order.refusal, order.claim) == (after, False, "", None)


def test_news_heard_in_doubt_is_kept_if_skyhub_has_the_order() -> None:
    """Requested, and an operator sees the cancel."""
    order = become(record(uncertain(), canceled(), POLICY, NOW), lists(taken=(CODE,)))
    assert (order.status, order.canceled_at) == (Status.REQUESTED, NOW)


def test_a_released_order_is_confirmed_like_a_complete_one() -> None:
    """Release lifts the rule about items."""
    order = release(waiting(), "sold out", POLICY, NOW)
    assert decide(order, lists(CODE), POLICY, SETTLED) == Confirm(order, CODE)


@pytest.mark.parametrize(
    "message",
    [
        "Etiqueta não encontrada",
        "ETIQUETA NAO ENCONTRADA",
        "pedidos nao  localizados",
        "Pedido(s) não\nlocalizado(s)",
        "não encontrado",
    ],
)
def test_an_order_refused_for_want_of_a_label_waits_for_it(message: str) -> None:
    """However SkyHub spells it; the order is listed, so it is not missing."""
    order = become(replace(uncertain(), refusal=message), lists(CODE, taken=()))
    assert (order.status, order.uncertain, order.refusal) == (Status.DUE, False, "")
    assert order.not_yet == NotYet(SETTLED, 0, tries=1)
    assert order.at == In(MINUTE)


@pytest.mark.parametrize("message", ["pedido invalido", "encontrada", "nao", "localizado", "não autorizado"])
def test_an_order_refused_alone_for_another_reason_has_failed(message: str) -> None:
    """It needs an operator, and says what SkyHub said."""
    order = become(replace(uncertain(), refusal=message), lists(CODE, taken=()))
    assert (order.status, order.reason, order.refusal) == (Status.FAILED, f"refused: {message}", "")
    assert not order.uncertain


def test_an_order_refused_alone_that_skyhub_has_is_requested() -> None:
    """The list outranks the answer."""
    assert become(replace(uncertain(), refusal="invalid"), lists(CODE, taken=(CODE,))).status is Status.REQUESTED


def test_a_refusal_is_forgotten_when_the_lists_do_not_show_the_order() -> None:
    """It proves nothing about the next time that SkyHub lists it."""
    order = become(replace(uncertain(), refusal="invalid"), lists(taken=()))
    assert (order.status, order.refusal, order.uncertain) == (Status.DUE, "", True)


def test_what_the_store_no_longer_contracts_is_not_confirmed() -> None:
    """The lists are read under the rules of now."""
    order = become(due(), lists(CODE), Policy(contracted=False))
    assert order.status is Status.SKIPPED
