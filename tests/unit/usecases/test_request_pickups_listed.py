"""Orders that SkyHub lists as collectable although the round was not about them (design, the table and 2)."""

from tests.unit.domain.builders import SECOND, canceled
from tests.unit.usecases.world import TimedWorld, at_skyhub, event, order_id, skyhub_code
from worker.domain.confirmation import Refused
from worker.domain.facts import Carrier
from worker.domain.order import Attention, Status
from worker.ports import Drain

DAY = 86_400


def look(timed: TimedWorld) -> None:
    """Let a round read the lists for an order of its own."""
    code = f"77{timed.now()}"
    timed.due(code)
    timed.pickups()
    timed.hear(canceled(order_id=order_id(code)))


def test_a_failed_order_that_is_collectable_after_all_is_requested(timed: TimedWorld) -> None:
    """`not_collectable` returns to due when SkyHub lists it; nobody needs to retry it."""
    timed.due("1")
    timed.sweeps(11 * DAY, every_ms=600 * SECOND)
    assert timed.statuses("1") == [Status.FAILED]
    timed.skyhub.label("1")
    look(timed)
    assert timed.statuses("1") == [Status.REQUESTED]
    assert timed.requests("1") == [1]


def test_an_order_that_failed_for_another_reason_stays_failed(timed: TimedWorld) -> None:
    """A refusal needs an operator, although the order stays listed."""
    timed.ready("1")
    timed.skyhub.poison["1"] = Refused("pedido invalido")
    timed.sweeps(600)
    assert timed.statuses("1") == [Status.FAILED]
    look(timed)
    assert timed.statuses("1") == [Status.FAILED]


def test_a_requested_order_that_is_listed_again_is_shown(timed: TimedWorld) -> None:
    """Its pickup was undone at SkyHub: attention after the settling delay, and never a second request by itself."""
    timed.ready("1")
    timed.pickups()
    timed.skyhub.undo("1")
    timed.advance(59)
    look(timed)
    assert timed.order("1").attention == frozenset()
    timed.advance(2)
    look(timed)
    assert timed.order("1").attention == {Attention.LISTED_AFTER_REQUEST}
    assert timed.plain.attention_ids(0, 9) == [order_id("1")]
    timed.sweeps(3600)
    assert timed.statuses("1") == [Status.REQUESTED]
    assert timed.requests("1") == [1]


def test_a_list_that_lags_behind_a_request_shows_nothing(timed: TimedWorld) -> None:
    """An order that was requested a moment ago may be listed still."""
    timed.skyhub.lag_ms = 50 * SECOND
    timed.ready("1")
    timed.advance(50)
    timed.pickups()
    timed.advance(40)
    look(timed)
    assert timed.order("1").attention == frozenset()


def test_a_skipped_order_that_skyhub_lists_is_learned_anew_and_requested(timed: TimedWorld) -> None:
    """An event said Correios; SkyHub lists it as collectable and says Direct: SkyHub outranks the event."""
    timed.skyhub.label("1")
    timed.hear(event("1", carrier=Carrier.CORREIOS))
    assert timed.statuses("1") == [Status.SKIPPED]
    timed.skyhub.orders[skyhub_code("1")] = at_skyhub("1")
    look(timed)
    assert timed.plain.wishes(Drain.LEARN, timed.now(), 9) == [order_id("1")]
    assert timed.learn().due == 1
    timed.pickups()
    assert timed.requests("1") == [1]


def test_a_correios_order_that_stays_listed_is_never_requested_and_costs_little(timed: TimedWorld) -> None:
    """Asked about at a growing pace: a day of rounds, one every five minutes, is some fifty calls."""
    timed.skyhub.label("1")
    timed.hear(event("1", carrier=Carrier.CORREIOS))
    timed.skyhub.orders[skyhub_code("1")] = at_skyhub("1", Carrier.CORREIOS)
    for _ in range(24 * 12):
        look(timed)
        timed.advance(300)
        timed.learn()
    assert timed.skyhub.sent == []
    assert timed.statuses("1") == [Status.SKIPPED]
    assert timed.skyhub.read.count(skyhub_code("1")) < 60


def test_a_canceled_order_that_stays_listed_stays_canceled(timed: TimedWorld) -> None:
    """SkyHub may hear of the cancel later, or never."""
    timed.skyhub.label("1")
    timed.hear(event("1", ordered={"a": 2}), canceled(order_id=order_id("1")))
    look(timed)
    assert timed.statuses("1") == [Status.CANCELED]
    assert timed.requests("1") == [0]


def test_a_collectable_order_that_nobody_knows_is_left_alone(timed: TimedWorld) -> None:
    """Requested is only what the ledger knows to be complete."""
    timed.skyhub.label("1")
    look(timed)
    timed.sweeps(600)
    assert timed.requests("1") == [0]
