"""An operator's wishes: granted, held already or denied, one answer an order."""

import pytest

from tests.unit.usecases.situations import WISHES, failed, granted, heard, waiting
from tests.unit.usecases.world import World, event, order_id
from worker.domain.facts import Carrier
from worker.domain.order import Status
from worker.usecases.operate import Denied, Granted, Held


def test_a_released_order_is_due_and_saved(world: World) -> None:
    """Although an item is not invoiced; the reason stands in its history."""
    waiting(world, "1")
    (order,) = granted(world.operate().release([order_id("1")], "the rest is sold out"))
    assert (order.order_id, order.status) == (order_id("1"), Status.DUE)
    assert world.statuses("1") == [Status.DUE]
    assert heard(world, "1") == [("operator.released", "the rest is sold out")]
    world.skyhub.label("1")
    assert world.pickups().confirmed == 1


def test_a_retried_order_is_evaluated_anew_and_saved(world: World) -> None:
    """It is due again, and its next confirmation is its own."""
    failed(world, "1")
    (order,) = granted(world.operate().retry([order_id("1")], "label mended"))
    assert order.status is Status.DUE
    assert heard(world, "1") == [("operator.retried", "label mended")]
    world.skyhub.label("1")
    assert world.pickups().confirmed == 1


def test_a_discarded_order_is_given_up_and_saved(world: World) -> None:
    """It ends as canceled."""
    failed(world, "1")
    (order,) = granted(world.operate().discard([order_id("1")], "sold elsewhere"))
    assert (order.status, order.reason) == (Status.CANCELED, "discarded: sold elsewhere")
    assert world.statuses("1") == [Status.CANCELED]


def test_a_corrected_carrier_is_saved_and_counts(world: World) -> None:
    """An order that ships by Correios after all is never requested; one that does not is."""
    world.ready("1")
    world.hear(event("2", carrier=Carrier.CORREIOS))
    world.skyhub.label("2")
    operate = world.operate()
    granted(operate.set_carrier([order_id("1")], Carrier.CORREIOS, "label"))
    granted(operate.set_carrier([order_id("2")], Carrier.DIRECT, "label"))
    assert world.statuses("1", "2") == [Status.SKIPPED, Status.DUE]
    assert world.pickups().confirmed == 1
    assert world.skyhub.sent == [("2",)]
    assert heard(world, "2") == [("operator.set_carrier", "direct: label")]


@pytest.mark.parametrize("wish", ["discard", "set_carrier", "release"])
def test_a_wish_that_holds_already_saves_nothing(world: World, wish: str) -> None:
    """It may be repeated: the second answer says so, and the history has it once."""
    make = waiting if wish == "release" else failed
    make(world, "1")
    granted(WISHES[wish](world.operate(), [order_id("1")]))
    before = world.ledger.load([order_id("1")])[0][order_id("1")]
    (answer,) = WISHES[wish](world.operate(), [order_id("1")])
    assert answer == Held(before.order)
    assert world.ledger.load([order_id("1")])[0][order_id("1")] == before


@pytest.mark.parametrize(
    ("wish", "reason"),
    [
        ("release", "only a waiting order can be released; {} is due"),
        ("retry", "only a failed or canceled order can be retried; {} is due"),
        ("discard", "only a failed order can be discarded; {} is due"),
    ],
)
def test_what_the_law_does_not_allow_is_denied_with_its_reason(world: World, wish: str, reason: str) -> None:
    """The order stays as it is."""
    world.due("1")
    before = world.order("1")
    (answer,) = WISHES[wish](world.operate(), [order_id("1")])
    assert answer == Denied(order_id("1"), reason.format(order_id("1")))
    assert world.order("1") == before


@pytest.mark.parametrize("wish", list(WISHES))
def test_an_order_that_does_not_exist_is_denied(world: World, wish: str) -> None:
    """And opened by no wish."""
    (answer,) = WISHES[wish](world.operate(), ["nobody"])
    assert answer == Denied("nobody", "there is no order nobody")
    assert world.ledger.load(["nobody"])[0] == {}


@pytest.mark.parametrize("wish", list(WISHES))
def test_a_dry_run_answers_alike_and_saves_nothing(world: World, wish: str) -> None:
    """What would be granted, held and denied; not one version moves."""
    waiting(world, "1")
    failed(world, "2")
    world.due("3")
    ids = [*map(order_id, "123"), "nobody"]
    before = world.ledger.load(ids)
    dry = list(WISHES[wish](world.operate(dry_run=True), ids))
    assert world.ledger.load(ids) == before
    real = list(WISHES[wish](world.operate(), ids))
    assert [type(answer) for answer in dry] == [type(answer) for answer in real]
    assert Granted in {type(answer) for answer in real}
    assert [answer.order.status for answer in dry if isinstance(answer, Granted)] == [
        answer.order.status for answer in real if isinstance(answer, Granted)
    ]


def test_no_orders_want_no_answers(world: World) -> None:
    """Whatever is wished."""
    assert [list(wish(world.operate(), [])) for wish in WISHES.values()] == [[]] * len(WISHES)
