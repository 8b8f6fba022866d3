"""What is said of an order's next step, against what the service does next: some moves, a look, then time."""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.fake_skyhub import TAKEN_BUT_UNCLEAR, UNCLEAR_WITHOUT_EFFECT, During, Step
from tests.unit.domain.builders import MINUTE
from tests.unit.usecases.world import (
    STORE,
    KilledError,
    TimedWorld,
    announcement,
    at_skyhub,
    die,
    event,
    in_oms,
    order_id,
    skyhub_code,
)
from worker.domain.confirmation import Refused
from worker.domain.events import OrderCanceled
from worker.domain.facts import Carrier
from worker.domain.order import Order, Status
from worker.entrypoints.views import Stand, next_drain, next_step
from worker.ports import OPERATOR, Drain, PermanentError, TransientError
from worker.usecases.sweep import Timed

_CODE = "1"
_A_SWEEP = 10.0
_MOMENT = re.compile(r"(?:at|before) (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)")

Move = Callable[[TimedWorld], object]


def _pass(seconds: float) -> Move:
    def let_pass(world: TimedWorld) -> None:
        with suppress(KilledError):
            world.sweeps(seconds)

    return let_pass


def _trouble(error: Exception) -> Move:
    return lambda world: (world.skyhub.faults.update({"": error}), world.oms.faults.update({"": error}))


def _all_well(world: TimedWorld) -> None:
    world.skyhub.faults.clear()
    world.oms.faults.clear()


def _wish(what: str) -> Move:
    return lambda world: list(getattr(world.operate(), what)([order_id(_CODE)], "because"))


def _has_oms(world: TimedWorld) -> None:
    world.with_oms()
    world.oms.orders[order_id(_CODE)] = in_oms(_CODE, {"a": 1})


def _direct_there(world: TimedWorld) -> None:
    world.skyhub.orders[skyhub_code(_CODE)] = at_skyhub(_CODE, Carrier.DIRECT)


_HEARD: Mapping[str, Move] = {
    "invoiced": lambda world: world.hear(event(_CODE)),
    "half invoiced": lambda world: world.hear(event(_CODE, ordered={"a": 2})),
    "carrier unknown": lambda world: world.hear(event(_CODE, carrier=Carrier.UNKNOWN)),
    "correios": lambda world: world.hear(event(_CODE, carrier=Carrier.CORREIOS)),
    "announced": lambda world: world.hear(announcement(_CODE)),
}
_OUTSIDE: Mapping[str, Move] = {
    "listed": lambda world: world.skyhub.label(_CODE),
    "direct there": _direct_there,
    "in the OMS": _has_oms,
    "boxes": TimedWorld.with_boxes,
    "down": _trouble(TransientError("down", None)),
    "refused": _trouble(PermanentError("401")),
    "unclear": lambda world: world.skyhub.script.append(UNCLEAR_WITHOUT_EFFECT),
    "taken": lambda world: world.skyhub.script.append(TAKEN_BUT_UNCLEAR),
    "refused alone": lambda world: world.skyhub.script.append(Step(Refused("no"))),
    "killed": lambda world: world.skyhub.during[During.SENT].append(die),
}
_THEN: Mapping[str, Move] = {
    "a sweep": _pass(_A_SWEEP),
    "a minute": _pass(60),
    "an hour": _pass(3600),
    "well": _all_well,
    "canceled": lambda world: world.hear(OrderCanceled(order_id=order_id(_CODE), occurred_at=world.now(), reason="x")),
    "paused": lambda world: world.ledger.pause(world.paused, OPERATOR, "because", 0, 0),
    "resumed": lambda world: world.ledger.resume(world.paused, growth=0),
    "restarted": lambda world: setattr(world.fleet, "server_id", f"{world.fleet.server_id}+"),
    "retry": _wish("retry"),
    "release": _wish("release"),
    "discard": _wish("discard"),
}
_MOVES = {**_HEARD, **_OUTSIDE, **_THEN}


def _known(world: TimedWorld) -> Order:
    return world.plain.load([order_id(_CODE)])[0][order_id(_CODE)].order


def _looks(world: TimedWorld) -> int:
    return len(world.skyhub.read) + len(world.oms.read) + len(world.boxes.asked)


@settings(max_examples=60)
@given(
    st.lists(st.sampled_from(sorted(_OUTSIDE)), max_size=3, unique=True),
    st.sampled_from(sorted(_HEARD)),
    st.lists(st.sampled_from(sorted(_THEN)), max_size=2),
    st.lists(st.sampled_from(sorted(_MOVES)), max_size=3),
    st.sampled_from([0.0, 0.5, 0.9]),
)
def test_what_is_said_to_come_next_comes_next(
    outside: list[str], heard: str, then: list[str], more: list[str], draw: float
) -> None:
    """Nothing moves an order before the moment that is named, and somebody looks then; else nothing ever does."""
    world = TimedWorld()
    world.draw = draw
    world.timed = {Drain.RECONCILE: Timed([STORE], 15 * MINUTE)}
    for move in (*outside, heard, *then, *more):
        _MOVES[move](world)
    world.skyhub.during.clear()
    if not world.plain.load([order_id(_CODE)])[0]:
        return  # An announcement alone opens no order where nobody can be asked.
    order = _known(world)
    standing = world.ledger.standing(next_drain(order) or Drain.PICKUPS)
    said = next_step(order, Stand(STORE, standing, world.policy.quarantine_ms))

    named = _MOMENT.search(said)
    if named is None:
        _expect_rest(world, order, said)
        return
    moment = int(datetime.fromisoformat(named[1]).timestamp() * 1000)
    while world.now() + _A_SWEEP * 1000 < moment:
        world.sweeps(_A_SWEEP)
        assert _known(world).status is order.status, said
    looks = _looks(world)
    settling = world.policy.settling_ms / 1000 if order.status is Status.REQUESTING else 0
    world.sweeps(settling + 3 * _A_SWEEP)
    paused_meanwhile = world.paused.active and not standing.pause.active  # by another drain
    assert paused_meanwhile or _looks(world) > looks, said


def _expect_rest(world: TimedWorld, order: Order, said: str) -> None:
    """Let SkyHub list it, unless that is said to change something, and expect that nothing moves it for an hour."""
    if order.status is Status.REQUESTING:
        return
    if "lists it" not in said:
        world.skyhub.label(_CODE)
        _direct_there(world)
    elif _CODE in world.skyhub.deliveries:
        return
    world.sweeps(3600, every_ms=MINUTE)
    assert _known(world).status is order.status, said
