"""A run of the pickups: bounded in time between rounds, stopped between calls; and what it leaves."""

from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from tests.fakes.fake_skyhub import ROWS, UNCLEAR_WITHOUT_EFFECT, During, Step
from tests.fakes.memory_drains import MemoryLease
from tests.fakes.memory_ledger import MemoryLedger
from tests.unit.usecases.world import TimedWorld, World, after, order_id, pages
from worker.domain.confirmation import Accepted
from worker.domain.order import Status
from worker.ports import Drain, Lease
from worker.telemetry import Log

CODES = tuple(str(number) for number in range(1, 46))


def test_a_run_lets_go_of_its_lease_whatever_happens(timed: TimedWorld) -> None:
    """Done, resting, paused or killed by an error: the next run need not wait for the lease to end."""
    timed.ready("1")

    def fail() -> None:
        raise ConnectionError

    timed.skyhub.during[During.PAGE].append(fail)
    with pytest.raises(ConnectionError):
        timed.pickups()
    assert timed.plain.lease(Drain.PICKUPS) is not None


def test_a_run_deletes_its_hint_before_its_first_read(world: World) -> None:
    """What becomes due from then on sends a hint of its own, also while the run is at work or may not call."""
    assert world.ledger.hint(Drain.PICKUPS)
    assert not world.ledger.hint(Drain.PICKUPS)
    world.ready("1")
    seen: list[bool] = []
    world.skyhub.during[During.PAGE].append(lambda: seen.append(world.ledger.hint(Drain.PICKUPS)))
    world.pickups()
    assert seen == [True]


def test_a_run_goes_on_until_nothing_is_due(timed: TimedWorld) -> None:
    """What piled up during one round is taken whole by the next."""
    timed.ready("1")
    timed.skyhub.during[During.SENT].append(lambda: timed.ready("2", "3"))
    assert not timed.pickups().drains
    assert timed.skyhub.sent == [("1",), ("2", "3")]


def test_what_becomes_due_as_a_run_ends_is_done_by_that_run(timed: TimedWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its hint may have found the drain taken: the lease is given back only where nothing is due."""
    timed.ready("1")
    leave, comes = MemoryLedger.leave, ["2"]

    def one_more_comes(ledger: MemoryLedger, lease: Lease) -> bool:
        while comes:
            timed.ready(comes.pop())
        return leave(ledger, lease)

    monkeypatch.setattr(MemoryLedger, "leave", one_more_comes)
    assert not timed.pickups().drains
    assert timed.skyhub.sent == [("1",), ("2",)]


def test_a_late_run_ends_after_its_round_and_says_what_is_left(timed: TimedWorld) -> None:
    """A time bound ends a run between two rounds only, and leaves no due order without a hint."""
    timed.ready(*CODES)
    timed.skyhub.during[During.SENT].append(lambda: timed.ready("99"))
    done = timed.pickups(late=after(1))
    assert (done.confirmed, done.drains) == (45, {Drain.PICKUPS})
    assert timed.statuses("99") == [Status.DUE]


def test_a_run_that_is_late_at_once_does_nothing_but_hint(timed: TimedWorld) -> None:
    """It may have waited long for its turn."""
    timed.ready("1")
    assert timed.pickups(late=lambda: True).drains == {Drain.PICKUPS}
    assert timed.skyhub.read == []


@pytest.mark.parametrize("moment", [During.PAGE, During.SENT])
def test_a_process_that_ends_stops_between_two_calls(timed: TimedWorld, moment: During) -> None:
    """In the middle of a list or of its batches: both calls on their way are settled, no other begins, and it hints."""
    timed.tuning = replace(timed.tuning, batch=1)
    timed.ready(*CODES)
    stopped: list[bool] = []
    timed.skyhub.during[moment].append(lambda: stopped.append(True))
    done = timed.pickups(stop=lambda: bool(stopped))
    assert done.drains == {Drain.PICKUPS}
    assert len(timed.skyhub.sent) == (0 if moment is During.PAGE else 2)
    assert len(pages(timed, "false")) == (1 if moment is During.PAGE else 4)
    assert timed.statuses(*CODES).count(Status.REQUESTED) == len(timed.skyhub.sent)
    assert Status.REQUESTING not in timed.statuses(*CODES)


def test_the_lease_is_renewed_a_page(timed: TimedWorld) -> None:
    """A long list outlasts no lease: no second drain begins while it is read."""
    timed.ready(*(str(number) for number in range(10 * ROWS)))
    others: list[object] = []

    def slow() -> None:
        timed.advance(20)
        others.append(timed.plain.lease(Drain.PICKUPS))

    timed.skyhub.during[During.PAGE].extend([slow] * 11)
    timed.pickups()
    assert others == [None] * 11
    assert len(timed.skyhub.sent) == 8


def test_a_lease_that_was_just_taken_is_not_renewed_before_a_page(
    timed: TimedWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A read rests on no lease; before the confirmation it is renewed, and a while later before a page as well."""
    timed.ready("1")
    renew, renewed = MemoryLease.renew, []

    def counted(lease: MemoryLease) -> bool:
        renewed.append(list(timed.skyhub.read))
        return renew(lease)

    monkeypatch.setattr(MemoryLease, "renew", counted)
    timed.pickups()
    assert [len(read) for read in renewed] == [2]
    timed.ready("2")
    timed.skyhub.during[During.PAGE].append(lambda: timed.advance(2))
    timed.pickups()
    assert [len(read) for read in renewed[1:]] == [3, 4]


def test_the_lease_is_renewed_a_call(timed: TimedWorld) -> None:
    """Nor do many slow confirmations outlast it."""
    timed.tuning = replace(timed.tuning, batch=1)
    timed.ready(*CODES)
    timed.skyhub.during[During.SENT].extend([lambda: timed.advance(9)] * 45)
    timed.pickups()
    assert timed.requests(*CODES) == [1] * 45


def test_no_run_leaves_a_hot_loop_behind(timed: TimedWorld) -> None:
    """Orders in doubt, absent, or refused are due later: a run that can do nothing for them asks for no other."""
    timed.ready("1")
    timed.due("2")
    timed.skyhub.script.append(UNCLEAR_WITHOUT_EFFECT)
    timed.pickups()
    timed.advance(2)
    for _ in range(3):
        assert not timed.pickups().drains


def test_two_runs_after_each_other_request_once(world: World) -> None:
    """A hint that comes twice is harmless."""
    world.ready("1", "2")
    world.pickups()
    world.pickups()
    assert world.skyhub.accepted == {("1", 1): 1, ("2", 1): 1}


def test_a_run_on_an_empty_store_does_nothing(world: World) -> None:
    """Not even a read."""
    done = world.pickups()
    assert (done.confirmed, done.drains, done.rest, world.skyhub.read) == (0, set(), None, [])


def test_a_run_tells_what_it_did(timed: TimedWorld) -> None:
    """Under dotted names, with the orders' ids and nothing of a customer's."""
    timed.tuning = replace(timed.tuning, batch=1)
    timed.ready("1", "2")
    timed.skyhub.script.extend([Step(Accepted(), effect=True), UNCLEAR_WITHOUT_EFFECT])
    with capture_logs() as logs:
        timed.pickups()
    claimed, confirmed, claimed_next, unclear, troubled = logs
    assert (confirmed["event"], unclear["event"]) == (Log.PICKUPS_CONFIRMED, Log.PICKUPS_UNCLEAR)
    assert {*confirmed["order_ids"], *unclear["order_ids"]} == {order_id("1"), order_id("2")}
    assert claimed["event"] == claimed_next["event"] == Log.PICKUPS_CLAIMED
    assert [claimed["order_ids"], claimed_next["order_ids"]] == [confirmed["order_ids"], unclear["order_ids"]]
    assert (troubled["event"], troubled["seconds"]) == (Log.STORE_TROUBLED, 1.0)


def test_a_paused_store_is_not_hinted_at_for_each_order_that_becomes_due(timed: TimedWorld) -> None:
    """A run that may do nothing leaves the hint as if one were on its way; after one that works the next is sent."""
    timed.pause()
    timed.due("1")
    timed.pickups()
    assert not timed.plain.hint(Drain.PICKUPS)
    timed.resume()
    timed.pickups()
    assert timed.plain.hint(Drain.PICKUPS)
