"""The four promises, in a world that goes wrong: whatever happens, in whatever order."""

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.domain.builders import SECOND
from tests.unit.usecases.player import Player
from tests.unit.usecases.truth import CARRIERS, CODES
from tests.unit.usecases.world import STORE, at_skyhub, order_id, skyhub_code
from worker.domain.facts import Carrier
from worker.domain.order import Attention, Status
from worker.ports import Drain
from worker.usecases.sweep import Timed

STEPS = 200


def come_to_rest(player: Player) -> None:
    """Let the faults end, print every label, and go on until nothing is left to do."""
    world, skyhub = player.world, player.skyhub
    player.calm = True
    skyhub.script.clear()
    skyhub.during.clear()
    world.raced.faster.clear()
    for code in CODES:
        player.skyhub.orders[skyhub_code(code)] = at_skyhub(code, CARRIERS[code][0])
        if code not in skyhub.deliveries:
            skyhub.label(code)
    if world.paused.active and world.paused.by == "operator":
        world.resume()
    player.drain()
    world.raced.faster.clear()
    world.oms.during.clear()
    for code, truth in player.truths.items():
        truth.packed = True
        world.boxes.statuses[order_id(code)] = "INVOICED"
    world.timed = {Drain.RECONCILE: Timed([STORE], 900 * SECOND)}
    for _ in range(8):
        player.reread()
        world.oms.during.clear()
        world.sweeps(3600, every_ms=150_000)
        player.operate()


def check_the_end(player: Player, code: str) -> None:
    """Require that the order was requested if it may be, and else says why not; never by Correios."""
    truth = player.truths[code]
    delivery = player.skyhub.deliveries[code]
    known = player.world.plain.load([order_id(code)])[0]
    if order_id(code) not in known:
        assert not truth.invoices
        assert not truth.missed
        return
    order = known[order_id(code)].order
    assert not order.uncertain, order
    if truth.may_be_requested:
        assert (order.status, delivery.taken_at is not None) == (Status.REQUESTED, True), order
    elif delivery.taken_at is not None:
        assert order.status is Status.REQUESTED or truth.forgotten, order
        assert truth.forgotten or (Attention.CANCELED_AFTER_REQUEST in order.attention) is truth.canceled
    else:
        assert order.status in {Status.WAITING, Status.SKIPPED, Status.CANCELED, Status.REQUESTED}, order
        assert order.status is not Status.REQUESTED or Attention.LISTED_AFTER_REQUEST in order.attention
    if truth.carrier is Carrier.CORREIOS:
        assert not player.skyhub.accepted[code, 1]


@given(st.integers(0, 2**32))
def test_whatever_happens_the_promises_hold(seed: int) -> None:
    """Never early, never twice, never Correios at every moment; never lost once the world has come to rest."""
    player = Player(seed)
    player.play(STEPS)
    come_to_rest(player)
    for code in CODES:
        check_the_end(player, code)
    assert player.world.plain.kept.inbox == {}
