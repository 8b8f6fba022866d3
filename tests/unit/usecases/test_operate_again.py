"""Requesting again: only what SkyHub lists, read now and once for all, past the settling delay."""

import pytest

from tests.fakes.fake_skyhub import ROWS, During
from tests.unit.usecases.situations import granted, requested, undone
from tests.unit.usecases.world import TimedWorld, event, order_id, pages
from worker.domain.order import Attention, Status
from worker.ports import PermanentError, Scan, TransientError
from worker.usecases.operate import Answer, Denied, Granted


def again(timed: TimedWorld, *codes: str, dry_run: bool = False) -> list[Answer]:
    """Wish that these are requested again."""
    return list(timed.operate(dry_run=dry_run).request_again(map(order_id, codes), "label was ungrouped"))


def reasons(answers: list[Answer]) -> list[str]:
    """Return the reasons of answers that must all be refusals."""
    said = []
    for answer in answers:
        assert isinstance(answer, Denied), answer
        said.append(answer.reason)
    return said


def test_an_undone_pickup_is_requested_once_more(timed: TimedWorld) -> None:
    """A new round, and one confirmation in it, however often the drain runs; an order that SkyHub has stays."""
    undone(timed, "1")
    requested(timed, "2")
    timed.advance(61)
    first, second = again(timed, "1", "2")
    assert isinstance(first, Granted)
    assert (first.order.status, first.order.round) == (Status.DUE, 2)
    assert isinstance(second, Denied)
    for _ in range(3):
        timed.pickups()
        timed.advance(61)
    assert timed.skyhub.accepted == {("1", 1): 1, ("1", 2): 1, ("2", 1): 1}
    assert timed.statuses("1", "2") == [Status.REQUESTED] * 2
    assert timed.order("1").history[-4].event == "operator.requested_again"


def test_a_reading_that_began_before_a_round_does_not_swallow_it(timed: TimedWorld) -> None:
    """It goes on over several rounds, and still holds the code that SkyHub listed as requested then."""
    requested(timed, "1")
    begun = timed.now()
    timed.due("9")
    timed.pickups()
    timed.skyhub.undo("1")
    timed.advance(61)
    granted(again(timed, "1"))
    timed.plain.save_scan(Scan(begun, next_page=2, codes=frozenset({"1"})))
    timed.pickups()
    assert timed.skyhub.accepted == {("1", 1): 1, ("1", 2): 1}


def test_the_flag_that_called_the_operator_goes(timed: TimedWorld) -> None:
    """Attention ends with its cause."""
    undone(timed, "1")
    timed.due("77")
    timed.pickups()
    assert timed.plain.attention_ids(0, 9) == [order_id("1")]
    granted(again(timed, "1"))
    assert timed.plain.attention_ids(0, 9) == []
    assert Attention.LISTED_AFTER_REQUEST not in timed.order("1").attention


def test_a_third_round_follows_a_second_undoing(timed: TimedWorld) -> None:
    """Each round has its own key: one confirmation each."""
    undone(timed, "1")
    granted(again(timed, "1"))
    timed.pickups()
    timed.skyhub.undo("1")
    timed.advance(61)
    granted(again(timed, "1"))
    timed.pickups()
    assert timed.skyhub.accepted == {("1", 1): 1, ("1", 2): 1, ("1", 3): 1}


def test_the_list_is_read_once_for_all_of_them(timed: TimedWorld) -> None:
    """However many orders: its pages to the end, and nothing of the other list."""
    codes = [str(number) for number in range(1, 6 * ROWS + 6)]
    undone(timed, *codes)
    answers = again(timed, *codes)
    assert len(granted(answers)) == len(codes)
    assert timed.skyhub.read == [f"false:{page}" for page in range(1, 9)]


def test_each_wish_reads_the_list_anew(timed: TimedWorld) -> None:
    """A person requested it in the panel since the last look: it is not listed any more."""
    undone(timed, "1")
    granted(again(timed, "1", dry_run=True))
    timed.skyhub.take("1")
    (reason,) = reasons(again(timed, "1"))
    assert reason == f"SkyHub does not list {order_id('1')} as not requested; nothing to request again"
    assert pages(timed, "false") == ["1", "2", "1"]


@pytest.mark.parametrize(("waited", "seconds"), [(0, 61), (59, 2), (60, 1)])
def test_an_order_requested_a_moment_ago_is_refused(timed: TimedWorld, waited: int, seconds: int) -> None:
    """SkyHub's list may lag behind the request: the refusal says when to come back."""
    requested(timed, "1")
    timed.skyhub.undo("1")
    timed.advance(waited)
    (reason,) = reasons(again(timed, "1"))
    assert reason == f"{order_id('1')} was requested a moment ago; SkyHub's lists can tell in {seconds} s"
    timed.advance(seconds)
    granted(again(timed, "1"))


@pytest.mark.parametrize("lag", [0, 40])
def test_an_order_requested_while_the_list_is_read_is_refused(timed: TimedWorld, lag: int) -> None:
    """The list showed it, and the drain requested it before the wish was saved: one confirmation, not two."""
    timed.skyhub.lag_ms = lag * 1000
    timed.ready("1")
    timed.advance(lag)
    timed.skyhub.during[During.PAGE].append(timed.pickups)
    (reason,) = reasons(again(timed, "1"))
    assert "was requested a moment ago" in reason
    assert (timed.statuses("1"), timed.order("1").round) == ([Status.REQUESTED], 1)
    timed.pickups()
    assert timed.skyhub.accepted == {("1", 1): 1}


def test_an_order_requested_between_reading_and_saving_is_refused(timed: TimedWorld) -> None:
    """It was opened anew by somebody else and requested already: the lost race is decided again, by the same list."""
    undone(timed, "1")

    def faster() -> None:
        timed.raced.faster.clear()
        granted(again(timed, "1"))
        timed.pickups()

    timed.raced.faster.append(faster)
    (reason,) = reasons(again(timed, "1"))
    assert "was requested a moment ago" in reason
    assert timed.order("1").round == 2
    assert timed.skyhub.accepted == {("1", 1): 1, ("1", 2): 1}


def test_a_long_reading_counts_from_its_beginning(timed: TimedWorld) -> None:
    """What was requested before the reading, but not long enough before, may be on its first page by mistake."""
    requested(timed, "1")
    timed.skyhub.undo("1")
    timed.advance(30)
    timed.skyhub.during[During.PAGE].append(lambda: timed.advance(120))
    (reason,) = reasons(again(timed, "1"))
    assert reason.endswith("SkyHub's lists can tell in 31 s")


@pytest.mark.parametrize("by", ["an operator", "service"])
def test_a_paused_store_is_not_read(timed: TimedWorld, by: str) -> None:
    """A pause stops SkyHub calls, these too; every order hears why, each once."""
    undone(timed, "1", "2")
    timed.pause(by, probe_in=60_000)
    said = reasons(again(timed, "1", "2", "1"))
    assert said == ["the SkyHub calls of store acme are paused (because); resume it first"] * 2
    assert timed.skyhub.read == []
    assert timed.statuses("1", "2") == [Status.REQUESTED] * 2
    timed.resume()
    granted(again(timed, "1"))


@pytest.mark.parametrize("page", ["false:1", "false:2"])
@pytest.mark.parametrize("fault", [TransientError("SkyHub answered 503", 30.0), PermanentError("SkyHub answered 401")])
def test_trouble_with_skyhub_is_told_and_changes_nothing(timed: TimedWorld, page: str, fault: Exception) -> None:
    """A list cut in the middle does not pass for a whole one, not even for what it named; the store is not paused."""
    undone(timed, *(str(number) for number in range(1, ROWS + 1)))
    timed.skyhub.faults[page] = fault
    said = reasons(again(timed, "1", "2", "1"))
    assert said == [f"SkyHub's list could not be read ({fault}); try again later"] * 2
    assert timed.statuses("1", "2") == [Status.REQUESTED] * 2
    assert not timed.paused.active
    timed.skyhub.faults.clear()
    granted(again(timed, "1"))


def test_a_list_without_end_is_told_as_trouble(timed: TimedWorld) -> None:
    """SkyHub gives page after page the same: an operator need not wait for ever."""
    undone(timed, "1")
    timed.skyhub.stuck = True
    (reason,) = reasons(again(timed, "1"))
    assert reason == (
        "SkyHub's list could not be read (SkyHub answers page 2 of its list with page 1); try again later"
    )


def test_a_dry_run_reads_the_list_and_saves_nothing(timed: TimedWorld) -> None:
    """It answers what would be granted now."""
    undone(timed, "1")
    (order,) = granted(again(timed, "1", dry_run=True))
    assert order.round == 2
    assert timed.order("1").round == 1
    assert pages(timed, "false") == ["1", "2"]
    timed.pickups()
    assert timed.skyhub.accepted == {("1", 1): 1}


def test_an_order_that_is_listed_but_was_never_requested_has_no_second_round(timed: TimedWorld) -> None:
    """It waits for an item: that it is collectable is no reason."""
    timed.skyhub.label("1")
    timed.hear(event("1", ordered={"a": 2}))
    (reason,) = reasons(again(timed, "1"))
    assert reason == f"only a requested order can be requested again; {order_id('1')} is waiting"
