"""Somebody wishes that one order is learned, by any form of its code."""

import pytest

from tests.unit.usecases.world import TimedWorld, World, event, order_id
from worker.domain.facts import Carrier
from worker.domain.order import Status
from worker.ports import Drain, Stored
from worker.usecases.wish_to_learn import wish_to_learn


def known(world: World, code: str) -> Stored | None:
    """Find an order."""
    return world.ledger.load([order_id(code)])[0].get(order_id(code))


@pytest.mark.parametrize(("oms", "drain"), [(False, Drain.LEARN), (True, Drain.REREAD)])
def test_an_order_that_nobody_knows_is_opened(world: World, oms: bool, drain: Drain) -> None:  # noqa: FBT001 - a case
    """And learned from its OMS if the store has one."""
    if oms:
        world.with_oms()
    assert wish_to_learn(world.ledger, world.policy, None, order_id("1")) is drain
    assert world.ledger.wishes(drain, world.now(), 9) == [order_id("1")]


def test_a_known_order_is_read_again_from_its_oms(world: World) -> None:
    """Whatever is known of it: the caller has a reason."""
    world.with_oms()
    world.due("1")
    assert wish_to_learn(world.ledger, world.policy, known(world, "1"), "1") is Drain.REREAD
    assert world.ledger.wishes(Drain.REREAD, world.now(), 9) == [order_id("1")]


def test_what_only_skyhub_knows_is_asked_there(world: World) -> None:
    """Carriers, for a skipped order, also where there is an OMS."""
    world.with_oms()
    world.hear(event("1", carrier=Carrier.CORREIOS))
    assert world.statuses("1") == [Status.SKIPPED]
    assert wish_to_learn(world.ledger, world.policy, known(world, "1"), "1") is Drain.LEARN
    assert world.ledger.wishes(Drain.LEARN, world.now(), 9) == [order_id("1")]


def test_an_order_that_is_to_be_learned_anyway_is_left_alone(timed: TimedWorld) -> None:
    """Its pace stays: a caller who repeats himself does not hurry SkyHub."""
    timed.hear(event("1", carrier=Carrier.UNKNOWN))
    before = known(timed, "1")
    assert wish_to_learn(timed.ledger, timed.policy, before, "1") is Drain.LEARN
    assert known(timed, "1") == before
