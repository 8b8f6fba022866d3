"""Many operators wish the same in the same moment, on every engine: it is granted once, and everybody is answered."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from tests.contracts.racing import race
from tests.contracts.worlds import World
from tests.fakes.fake_skyhub import FakeSkyHub
from tests.unit.domain.builders import CODE, ORDER_ID, POLICY, failed, waiting, was_requested
from worker.domain.facts import Carrier
from worker.domain.order import In, Order, Status
from worker.ports import OPERATOR, Change, Drain, Ledger, Saved
from worker.usecases.operate import Answer, Denied, Granted, Held, Operate
from worker.usecases.pause_store import pause_by_operator, resume

Wish = Callable[[Operate, Iterable[str], str], Iterator[Answer]]

# What is wished, of which order, what the others hear, and what is said of it in the history.
WISHES: dict[str, tuple[Wish, Order, type[Answer], Status]] = {
    "released": (Operate.release, waiting(), Held, Status.DUE),
    "retried": (Operate.retry, failed(), Denied, Status.DUE),
    "discarded": (Operate.discard, failed(), Held, Status.CANCELED),
    "set_carrier": (lambda o, ids, why: o.set_carrier(ids, Carrier.OWN, why), waiting(), Held, Status.SKIPPED),
    "requested_again": (Operate.request_again, replace(was_requested(), at=In(0)), Denied, Status.DUE),
}


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Keep what is logged off the terminal."""
    with capture_logs():
        yield


@pytest.mark.parametrize("racers", [5, 20])
@pytest.mark.parametrize("wish", list(WISHES))
def test_a_wish_is_granted_once(world: World, racers: int, wish: str) -> None:
    """The others hear that it holds, or why it is too late; the history has one line and one reason."""
    act, order, others, status = WISHES[wish]
    assert world.ledger().save([Change(order=order, version=0)]) == [Saved(1)]
    skyhub = FakeSkyHub(world.ledger().now)
    skyhub.label(CODE)

    def wishing(ledger: Ledger, number: int) -> Answer:
        (answer,) = act(Operate(ledger=ledger, skyhub=skyhub, policy=POLICY), [ORDER_ID], f"reason {number}")
        return answer

    answers = race(world, racers, wishing)
    winners = [number for number, answer in enumerate(answers) if isinstance(answer, Granted)]
    assert len(winners) == 1, answers
    assert {type(answer) for number, answer in enumerate(answers) if number not in winners} == {others}
    stored = world.ledger().load([ORDER_ID])[0][ORDER_ID]
    assert (stored.order.status, stored.order.round, stored.version) == (
        status,
        1 + (wish == "requested_again"),
        2,
    )
    said = [entry.detail for entry in stored.order.history if entry.event == f"operator.{wish}"]
    assert len(said) == 1
    assert said[0].endswith(f"reason {winners[0]}")


@pytest.mark.parametrize("racers", [5, 20])
def test_a_store_is_paused_by_one_operator_and_resumed_by_one(world: World, racers: int) -> None:
    """Also over a pause of the service: the others hear that it was done, and the first reason stays."""
    ledger = world.ledger()
    assert ledger.pause(ledger.standing(Drain.PICKUPS).pause, "service", "401", 60_000, 1)
    paused = race(world, racers, lambda ledger, number: pause_by_operator(ledger, f"reason {number}"))
    pause = ledger.standing(Drain.PICKUPS).pause
    assert sum(paused) == 1
    assert (pause.by, pause.reason, pause.growth) == (OPERATOR, f"reason {paused.index(True)}", 1)
    assert sum(race(world, racers, lambda ledger, _: resume(ledger))) == 1
    assert not ledger.standing(Drain.PICKUPS).pause.active
