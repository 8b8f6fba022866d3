"""An operator's wishes for many orders, while workers, events and other operators write the same ones."""

from itertools import takewhile

import pytest

from tests.unit.domain.builders import canceled
from tests.unit.usecases.situations import failed, granted, heard, waiting
from tests.unit.usecases.world import TimedWorld, World, event, order_id
from worker.domain.order import Entry, Status
from worker.domain.progress import discard
from worker.ports import Change
from worker.usecases.operate import Denied, Granted, Held

# Orders saved in one go: who stops reading has at most so many more.
CHUNK = 100


@pytest.mark.parametrize("dry_run", [False, True])
def test_many_orders_are_answered_in_their_order_each_once(world: World, *, dry_run: bool) -> None:
    """More than are saved in one go, some of them named twice, some unknown, some not allowed."""
    codes = [str(number) for number in range(1, 2 * CHUNK + 31)]
    failed(world, *codes[::2])
    world.due(*codes[1::2])
    names = [name for code in codes for name in (order_id(code), f"no-{code}")]
    answers = list(world.operate(dry_run=dry_run).retry([*names, *names[:50]], "why"))
    told = [answer.order_id if isinstance(answer, Denied) else answer.order.order_id for answer in answers]
    assert told == names
    assert [type(answer) for answer in answers] == [Granted, Denied, Denied, Denied] * (len(codes) // 2)
    assert world.ledger.counts()[Status.FAILED] == (len(codes) // 2 if dry_run else 0)


def test_who_stops_reading_stops_the_work(timed: TimedWorld) -> None:
    """What was begun is done, what was not begun stays untouched."""
    codes = [str(number) for number in range(1, 2 * CHUNK + 31)]
    failed(timed, *codes)
    before = timed.plain.load(map(order_id, codes[CHUNK:]))
    assert isinstance(next(timed.operate().discard(map(order_id, codes), "why")), Granted)
    assert timed.statuses("1") == [Status.CANCELED]
    assert timed.plain.load(map(order_id, codes[CHUNK:])) == before


def test_nothing_is_done_that_has_no_answer(timed: TimedWorld) -> None:
    """Whoever lets the ids end, because a person wants to stop, has heard of all that was done."""
    codes = [str(number) for number in range(1, 3 * CHUNK)]
    failed(timed, *codes)
    answers: list[str] = []
    named = (order_id(code) for code in codes)
    for answer in timed.operate().retry(takewhile(lambda _: not answers, named), "why"):
        assert isinstance(answer, Granted)
        answers.append(answer.order.order_id)
    assert answers == [order_id(code) for code in codes if timed.statuses(code) == [Status.DUE]]
    assert len(answers) == CHUNK


@pytest.mark.parametrize("races", [1, 5])
def test_an_order_that_others_write_meanwhile_is_decided_again(timed: TimedWorld, races: int) -> None:
    """Workers need not stop: what they wrote stays, the wish comes on top of it, once."""
    failed(timed, "1", "2")
    timed.raced.faster.extend([lambda: timed.touch("1")] * races)
    orders = granted(timed.operate().retry(map(order_id, "12"), "why"))
    assert [order.status for order in orders] == [Status.DUE] * 2
    events = [entry.event for entry in timed.order("1").history]
    assert (events.count("somebody.looked"), events.count("operator.retried")) == (races, 1)
    assert heard(timed, "2") == [("operator.retried", "why")]


def test_a_wish_that_came_too_late_is_denied(timed: TimedWorld) -> None:
    """The order was canceled between reading and saving: what is said is how it stands now."""
    waiting(timed, "1")
    timed.raced.faster.append(lambda: timed.hear(canceled(order_id=order_id("1"))))
    (answer,) = timed.operate().release([order_id("1")], "why")
    assert answer == Denied(order_id("1"), f"only a waiting order can be released; {order_id('1')} is canceled")
    assert timed.statuses("1") == [Status.CANCELED]
    assert heard(timed, "1") == []


def test_a_wish_that_another_operator_had_a_moment_earlier_holds(timed: TimedWorld) -> None:
    """Both see that it was done; the first one's reason stays."""
    failed(timed, "1")

    def other() -> None:
        known = timed.plain.load([order_id("1")])[0][order_id("1")]
        timed.plain.save([Change(order=discard(known.order, "theirs", timed.now()), version=known.version)])

    timed.raced.faster.append(other)
    (answer,) = timed.operate().discard([order_id("1")], "mine")
    assert isinstance(answer, Held)
    assert timed.order("1").reason == "discarded: theirs"
    assert Entry(timed.now(), "operator.discarded", "mine") not in timed.order("1").history


def test_an_order_that_is_forgotten_meanwhile_is_denied(timed: TimedWorld) -> None:
    """It ended so long ago that its document went between reading and saving."""
    timed.hear(event("1", ordered={"a": 2}), canceled(order_id=order_id("1")))
    timed.raced.faster.append(lambda: timed.advance(91 * 86_400))
    (answer,) = timed.operate().retry([order_id("1")], "why")
    assert answer == Denied(order_id("1"), f"there is no order {order_id('1')}")
