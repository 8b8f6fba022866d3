"""Batches that SkyHub refuses, and codes that break it (design, 4)."""

from dataclasses import replace

import pytest

from tests.fakes.fake_skyhub import Step
from tests.unit.usecases.world import TimedWorld
from worker.domain.confirmation import Cause, NoEffect, Outcome, Refused, Unclear, WrongCall
from worker.domain.order import Status

CODES = tuple(str(number) for number in range(101, 109))
MANY = tuple(str(number) for number in range(201, 231))


def test_codes_that_a_refusal_names_go_alone_and_the_others_by_half(timed: TimedWorld) -> None:
    """Eight refused, one of them named: four, three, and the named one."""
    timed.ready(*CODES)
    timed.skyhub.script.append(Step(Refused("entrega 103 invalida")))
    timed.sweeps(120)
    assert [len(codes) for codes in timed.skyhub.sent] == [8, 4, 3, 1]
    assert timed.skyhub.sent[-1] == ("103",)
    assert timed.requests(*CODES) == [1] * 8


def test_every_document_keeps_its_own_largest_batch(timed: TimedWorld) -> None:
    """A newcomer does not make the refused ones' batch larger again, nor is it held down by them."""
    timed.tuning = replace(timed.tuning, batch=5)
    timed.ready(*CODES[:4])
    timed.skyhub.script.append(Step(Refused("invalido")))
    timed.pickups()
    timed.ready(*CODES[4:])
    timed.advance(60)
    timed.pickups()
    assert [len(codes) for codes in timed.skyhub.sent] == [4, 4, 2, 2]
    assert timed.skyhub.sent[1] == CODES[4:]


def test_what_a_refused_batch_took_all_the_same_is_found(timed: TimedWorld) -> None:
    """Which codes a refusal spared only the lists know: the rest is sent again, without those."""
    timed.ready(*CODES[:4])
    timed.skyhub.script.append(Step(Refused("uma entrega invalida")))
    timed.pickups()
    timed.skyhub.take("101", "102")
    timed.sweeps(120)
    assert timed.requests(*CODES[:4]) == [1] * 4
    assert timed.skyhub.sent[1:] == [("103", "104")]


def test_an_order_refused_alone_that_was_taken_is_requested(timed: TimedWorld) -> None:
    """A refusal is no proof: in `requested=true` it is requested."""
    timed.ready("101")
    timed.skyhub.script.append(Step(Refused("erro interno"), effect=True))
    timed.sweeps(120)
    assert timed.order("101").reason == "found among SkyHub's requested orders"


@pytest.mark.parametrize("message", ["Etiqueta não encontrada", "objetos nao localizados"])
def test_an_order_refused_alone_for_want_of_a_label_is_not_collectable_yet(timed: TimedWorld, message: str) -> None:
    """It is tried again at the pace of an order that no list shows, and goes out when it has its label."""
    timed.ready("101")
    timed.skyhub.poison["101"] = Refused(message)
    timed.sweeps(10 * 60)
    order = timed.order("101")
    assert order.status is Status.DUE
    assert order.reason.startswith("not collectable yet")
    assert 2 <= len(timed.skyhub.sent) <= 5
    timed.skyhub.poison.clear()
    timed.sweeps(3600)
    assert timed.requests("101") == [1]


def test_an_order_refused_alone_for_another_reason_fails(timed: TimedWorld) -> None:
    """With SkyHub's own words, after one more look at the lists; it is not sent again by itself."""
    timed.ready("101", "102")
    timed.skyhub.poison["101"] = Refused("pedido 101 cancelado pelo lojista")
    timed.sweeps(3600)
    order = timed.order("101")
    assert (order.status, order.uncertain) == (Status.FAILED, False)
    assert order.reason == "refused: pedido 101 cancelado pelo lojista"
    assert timed.requests("101", "102") == [0, 1]
    assert len(timed.skyhub.sent) == 3


@pytest.mark.parametrize(
    ("outcome", "hours"),
    [
        (Unclear("SkyHub answered 500"), 2),
        (WrongCall("SkyHub answered 404"), 6),
        (NoEffect(Cause.FORBIDDEN, "SkyHub answered 403"), 6),
        (Refused("erro interno"), 1),
    ],
)
def test_one_code_that_breaks_skyhub_starves_nobody(timed: TimedWorld, outcome: Outcome, hours: int) -> None:
    """Thirty orders, one of which spoils every batch it is in: the other twenty-nine are requested, once each."""
    timed.draw = 0.5
    timed.ready(*MANY)
    timed.skyhub.poison["213"] = outcome
    timed.sweeps(hours * 3600)
    others = [code for code in MANY if code != "213"]
    assert set(timed.statuses(*others)) == {Status.REQUESTED}
    assert timed.requests(*others) == [1] * 29
    assert timed.requests("213") == [0]
    assert ("213",) in timed.skyhub.sent


def test_orders_that_come_after_a_code_that_breaks_skyhub_go_out_before_it(timed: TimedWorld) -> None:
    """A poisoned code alone holds a newcomer up by no more than the drain's rest."""
    timed.draw = 0.5
    timed.ready("213")
    timed.skyhub.poison["213"] = Unclear("SkyHub answered 500")
    timed.sweeps(6 * 3600)
    timed.ready(*MANY[:5])
    timed.sweeps(11 * 60)
    assert timed.requests(*MANY[:5]) == [1] * 5


@pytest.mark.parametrize("outcome", [NoEffect(Cause.THROTTLED, "429"), NoEffect(Cause.UNREACHABLE, "refused")])
def test_a_network_that_fails_splits_no_batch(timed: TimedWorld, outcome: Outcome) -> None:
    """Throttled or unreachable is not the orders' fault: they go out together once SkyHub is back."""
    timed.ready(*CODES)
    timed.skyhub.script.extend([Step(outcome)] * 5)
    timed.sweeps(600)
    assert [len(codes) for codes in timed.skyhub.sent] == [8] * 6
