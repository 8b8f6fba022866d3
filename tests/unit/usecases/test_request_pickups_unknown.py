"""Outcomes that nobody knows: lost processes, late answers, and news that come meanwhile (design, 3 to 5)."""

from collections.abc import Callable
from contextlib import suppress

import pytest

from tests.fakes.fake_skyhub import TAKEN_BUT_UNCLEAR, UNCLEAR_WITHOUT_EFFECT, During, Step
from tests.unit.domain.builders import SECOND, an_invoice, canceled
from tests.unit.usecases.world import KilledError, TimedWorld, die, event, order_id, pages
from worker.domain.confirmation import Accepted, Cause, NoEffect, Outcome, Refused
from worker.domain.events import Event
from worker.domain.facts import Carrier
from worker.domain.order import Attention, Status

LATER = 2_000_000_000_000
NEWS: dict[str, tuple[Event, Status]] = {
    "a cancel": (canceled(order_id=order_id("1")), Status.CANCELED),
    "a smaller invoice": (
        event("1", an_invoice(items={"b": 1}, dated_at=LATER), ordered={"a": 1}, at=LATER),
        Status.WAITING,
    ),
    "another carrier": (event("1", carrier=Carrier.CORREIOS, at=LATER), Status.SKIPPED),
}


@pytest.mark.parametrize("lists", ["fresh", "late", "taken ones in both"])
@pytest.mark.parametrize("moment", [During.CONNECTED, During.SENT, During.DONE], ids=["before", "during", "after"])
def test_a_process_that_dies_around_its_call_leaves_one_request(timed: TimedWorld, moment: During, lists: str) -> None:
    """Before the body, with it on its way, or before the answer is saved: once the claim ran out, the lists decide."""
    lag = 40 if lists == "late" else 0
    timed.skyhub.lag_ms = lag * SECOND
    timed.skyhub.sticky = lists == "taken ones in both"
    timed.ready("1", "2")
    timed.advance(lag)
    timed.skyhub.during[moment].append(die)
    with pytest.raises(KilledError):
        timed.pickups()
    assert timed.statuses("1", "2") == [Status.REQUESTING] * 2
    timed.sweeps(300)
    assert timed.statuses("1", "2") == [Status.REQUESTED] * 2
    assert timed.requests("1", "2") == [1, 1]
    assert len(timed.skyhub.sent) == {During.CONNECTED: 1, During.SENT: 2, During.DONE: 1}[moment]


def test_a_claim_that_ran_out_waits_settling_before_it_is_looked_at(timed: TimedWorld) -> None:
    """Counted from the end of the claim's lease, and with `requested=true` read whole."""
    timed.ready("1")
    timed.skyhub.during[During.SENT].append(die)
    with suppress(KilledError):
        timed.pickups()
    claimed_at = timed.now()
    timed.advance(44)
    timed.pickups()
    assert timed.statuses("1") == [Status.REQUESTING]
    timed.advance(2)
    timed.pickups()
    order = timed.order("1")
    assert (order.status, order.uncertain, order.attempts) == (Status.DUE, True, 1)
    assert order.at.ms == claimed_at + 45 * SECOND + 60 * SECOND
    assert pages(timed, "true") == []
    timed.advance(59)
    timed.pickups()
    assert pages(timed, "true") == ["1"]
    assert timed.requests("1") == [1]


@pytest.mark.parametrize(
    "late", [NoEffect(Cause.THROTTLED, "429"), Refused("entrega 1 invalida")], ids=["throttled", "refused"]
)
def test_an_answer_settles_only_what_its_own_claim_holds(timed: TimedWorld, late: Outcome) -> None:
    """A process that slept through its claim answers late: the claim of its successor is not touched."""
    timed.skyhub.lag_ms = 40 * SECOND
    timed.ready("1")
    timed.advance(40)
    timed.skyhub.script.extend([Step(late), TAKEN_BUT_UNCLEAR])

    def sleep_while_a_successor_dies() -> None:
        timed.skyhub.during[During.DONE].append(die)
        for seconds in (46, 61):
            timed.advance(seconds)
            with suppress(KilledError):
                timed.pickups("successor")
        assert timed.statuses("1") == [Status.REQUESTING]

    timed.skyhub.during[During.DONE].append(sleep_while_a_successor_dies)
    timed.pickups()
    assert timed.statuses("1") == [Status.REQUESTING]
    timed.sweeps(300)
    assert timed.statuses("1") == [Status.REQUESTED]
    assert timed.requests("1") == [1]


@pytest.mark.parametrize("writers", [1, 3])
def test_an_answer_that_other_writers_overtake_is_settled_all_the_same(timed: TimedWorld, writers: int) -> None:
    """However often others save in between, an accepted order does not stay claimed."""
    timed.ready("1")
    overtake: Callable[[], None] = lambda: timed.raced.faster.extend([lambda: timed.touch("1")] * writers)  # noqa: E731
    timed.skyhub.during[During.DONE].append(overtake)
    timed.pickups()
    assert timed.statuses("1") == [Status.REQUESTED]
    assert len([entry for entry in timed.order("1").history if entry.event == "somebody.looked"]) == writers


@pytest.mark.parametrize(("news", "becomes"), NEWS.values(), ids=list(NEWS))
@pytest.mark.parametrize(
    ("step", "taken"),
    [
        (Step(Accepted(), effect=True), True),
        (TAKEN_BUT_UNCLEAR, True),
        (UNCLEAR_WITHOUT_EFFECT, False),
        (Step(Refused("nao")), False),
        (Step(NoEffect(Cause.UNREACHABLE, "connect failed")), False),
    ],
    ids=["accepted", "taken but unclear", "unclear", "refused", "no effect"],
)
@pytest.mark.parametrize("when", ["during the call", "in doubt"])
def test_news_about_an_order_on_its_way_are_applied_when_the_outcome_is_known(
    timed: TimedWorld,
    news: Event,
    becomes: Status,
    step: Step,
    taken: bool,  # noqa: FBT001 - a case's data
    when: str,
) -> None:
    """Accepted: it is requested, and a cancel shows. Not accepted: it becomes what the news say, and is not sent."""
    timed.ready("1")
    timed.skyhub.script.append(step)
    if when == "during the call":
        timed.skyhub.during[During.SENT].append(lambda: timed.hear(news))
        timed.skyhub.during[During.DONE].append(lambda: seen.extend(timed.statuses("1")))
    seen: list[Status] = []
    timed.pickups()
    if when == "in doubt":
        seen.append(Status.REQUESTING)
        timed.hear(news)
    assert seen == [Status.REQUESTING]
    timed.sweeps(300)
    order = timed.order("1")
    assert (order.status, order.uncertain) == (Status.REQUESTED if taken else becomes, False)
    assert timed.requests("1") == [int(taken)]
    flagged = Attention.CANCELED_AFTER_REQUEST in order.attention
    assert flagged is (taken and becomes is Status.CANCELED)


def test_an_order_in_doubt_moves_only_by_the_lists(timed: TimedWorld) -> None:
    """A cancel does not end what SkyHub may have taken: it stays due, in doubt, until the lists have spoken."""
    timed.ready("1")
    timed.skyhub.script.append(TAKEN_BUT_UNCLEAR)
    timed.pickups()
    timed.hear(NEWS["a cancel"][0])
    order = timed.order("1")
    assert (order.status, order.uncertain) == (Status.DUE, True)
    assert order.canceled_at is not None


def test_a_doubt_outlives_days_without_a_listing(timed: TimedWorld) -> None:
    """Given up, and listed again: still uncertain, so that the requested ones are read before it is sent."""
    timed.ready("1")
    timed.skyhub.script.append(TAKEN_BUT_UNCLEAR)
    timed.pickups()
    pickup = timed.skyhub.deliveries.pop("1")
    timed.sweeps(11 * 86_400, every_ms=600_000)
    assert (timed.order("1").status, timed.order("1").uncertain) == (Status.FAILED, True)
    timed.skyhub.deliveries["1"] = pickup
    timed.skyhub.undo("1")
    read = len(pages(timed, "true"))
    timed.ready("2")
    timed.pickups()
    assert timed.statuses("1", "2") == [Status.REQUESTED] * 2
    assert len(pages(timed, "true")) == read + 2
    assert timed.skyhub.accepted == {("1", 1): 1, ("1", 2): 1, ("2", 1): 1}
