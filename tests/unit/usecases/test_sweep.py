"""Sweep: whatever waits is hinted at, unless its drain rests or its store is paused (design, "Save, then hint")."""

import pytest

from tests.contracts.samples import a_backlog
from tests.fakes.fake_skyhub import During
from tests.unit.domain.builders import DAY, SECOND
from tests.unit.usecases.world import STORE, SWEEP_MS, KilledError, TimedWorld, die, event
from worker.domain.facts import Carrier
from worker.ports import Backlog, Backoff, Drain, Pause
from worker.usecases.sweep import Timed, sweep, wanted

NOW = 1_000_000
RESTING = Backoff(NOW + 1, "token", 1)
RESTED = Backoff(NOW, "token", 1)


def backlog(
    *,
    pause: Pause = Pause(),  # noqa: B008 - frozen
    pickups: Backoff = Backoff(),  # noqa: B008 - frozen
    learn: Backoff = Backoff(),  # noqa: B008 - frozen
    reread: Backoff = Backoff(),  # noqa: B008 - frozen
    **waits: int,
) -> Backlog:
    """Describe what waits in a store; nothing, unless told otherwise."""
    backoffs = {Drain.PICKUPS: pickups, Drain.LEARN: learn, Drain.REREAD: reread}
    return a_backlog(STORE, pause=pause, backoffs=backoffs, **waits)


def paused(by: str, probe_at: int = 0) -> Pause:
    """Describe a pause that goes on."""
    return Pause(active=True, by=by, reason="because", since=1, probe_at=probe_at, growth=1)


@pytest.mark.parametrize(
    ("waits", "drains"),
    [
        (backlog(), []),
        (backlog(inbox=1), [Drain.INBOX]),
        (backlog(due=1), [Drain.PICKUPS]),
        (backlog(expired=1), [Drain.PICKUPS]),
        (backlog(learns=1), [Drain.LEARN]),
        (backlog(inbox=1, due=1, learns=1), [Drain.INBOX, Drain.PICKUPS, Drain.LEARN]),
        (backlog(due=1, pickups=RESTING), []),
        (backlog(due=1, pickups=RESTED), [Drain.PICKUPS]),
        (backlog(learns=1, learn=RESTING), []),
        (backlog(learns=1, learn=RESTED), [Drain.LEARN]),
        (backlog(inbox=1, due=1, learns=1, pickups=RESTING), [Drain.INBOX, Drain.LEARN]),
        (backlog(inbox=1, due=1, learns=1, learn=RESTING), [Drain.INBOX, Drain.PICKUPS]),
        (backlog(inbox=1, due=1, expired=1, learns=1, pause=paused("operator")), [Drain.INBOX]),
        (backlog(inbox=1, due=1, learns=1, pause=paused("service", NOW + 1)), [Drain.INBOX]),
        (backlog(learns=1, pause=paused("service", NOW)), [Drain.PICKUPS, Drain.LEARN]),
        (backlog(pause=paused("service", NOW)), [Drain.PICKUPS]),
        (backlog(pause=paused("service", NOW), pickups=RESTING), []),
        (backlog(pause=Pause(growth=3, by="service")), []),
        (backlog(rereads=1), [Drain.REREAD]),
        (backlog(rereads=1, reread=RESTING), []),
        (backlog(rereads=1, reread=RESTED), [Drain.REREAD]),
        (backlog(rereads=1, learns=1, learn=RESTING), [Drain.REREAD]),
        (backlog(rereads=1, learns=1, due=1, reread=RESTING), [Drain.PICKUPS, Drain.LEARN]),
        (backlog(rereads=1, learns=1, due=1, pause=paused("operator")), [Drain.REREAD]),
        (backlog(rereads=1, pause=paused("service", NOW + 1)), [Drain.REREAD]),
    ],
)
def test_each_drain_that_has_work_and_may_do_it_is_hinted_at(waits: Backlog, drains: list[Drain]) -> None:
    """Recording and the OMS go on in a pause; a store that paused itself is probed when its time has come."""
    assert wanted(waits, NOW) == drains


def sweep_once(timed: TimedWorld, *stores: str) -> list[tuple[str, Drain]]:
    """Sweep the store, or these, and return the hints."""
    hints: list[tuple[str, Drain]] = []
    sweep(
        timed.fleet,
        stores or (STORE,),
        lambda store, drain, _delay: hints.append((store, drain)),
        sweep_ms=SWEEP_MS,
        retention_ms=90 * DAY,
    )
    return hints


def test_a_sweep_hints_at_what_waits_in_every_store(timed: TimedWorld) -> None:
    """Once at each drain, whether or not the store was heard of before."""
    timed.due("1")
    timed.hear(event("2", carrier=Carrier.UNKNOWN))
    timed.fleet.ledger("other").append([event("3")])
    sent = sweep_once(timed, STORE, "other", "third")
    assert sent == [(STORE, Drain.PICKUPS), (STORE, Drain.LEARN), ("other", Drain.INBOX)]


def test_a_sweep_hints_although_a_hint_is_on_its_way(timed: TimedWorld) -> None:
    """The message of that hint may be the lost one."""
    timed.due("1")
    assert timed.ledger.hint(Drain.PICKUPS)
    assert sweep_once(timed) == [(STORE, Drain.PICKUPS)]


def test_a_claim_whose_process_died_is_hinted_at(timed: TimedWorld) -> None:
    """Once its lease is over, and not before."""
    timed.ready("1")
    timed.skyhub.during[During.SENT].append(die)
    with pytest.raises(KilledError):
        timed.pickups()
    timed.advance(44)
    assert sweep_once(timed) == []
    timed.advance(6)
    assert sweep_once(timed) == [(STORE, Drain.PICKUPS)]


def test_only_one_sweep_in_half_an_interval_does_anything(timed: TimedWorld) -> None:
    """Several beats, or a queue of sweeps that piled up while no worker ran, cost no more than one."""
    timed.due("1")
    counts = []
    for _ in range(4):
        counts.append(len(sweep_once(timed)))
        timed.advance(2.5)
    assert counts == [1, 0, 1, 0]


def clocked(timed: TimedWorld, *stores: str, every_ms: int = 900 * SECOND) -> list[tuple[str, Drain]]:
    """Sweep, with a drain that runs by the clock in some stores; returns the hints."""
    hints: list[tuple[str, Drain]] = []
    sweep(
        timed.fleet,
        [STORE, "other"],
        lambda store, drain, delay: hints.append((store, drain)) if not delay else None,
        sweep_ms=SWEEP_MS,
        retention_ms=90 * DAY,
        timed={Drain.RECONCILE: Timed(stores, every_ms), Drain.FEED: Timed((), SECOND)},
    )
    timed.clock.advance(SWEEP_MS)
    return hints


def test_a_drain_that_runs_by_the_clock_is_hinted_at_once_an_interval(timed: TimedWorld) -> None:
    """In the stores that ask for it, whether or not work is known; a store that comes later has its own time."""
    turns = [(sweeps, clocked(timed, STORE)) for sweeps in range(181)]
    assert [(sweeps, hints) for sweeps, hints in turns if hints] == [
        (sweeps, [(STORE, Drain.RECONCILE)]) for sweeps in (0, 90, 180)
    ]
    assert clocked(timed, STORE, "other") == [("other", Drain.RECONCILE)]


def test_a_clock_that_is_faster_than_the_sweep_runs_with_each_sweep(timed: TimedWorld) -> None:
    """The feed, polled every few seconds."""
    assert [clocked(timed, STORE, every_ms=5 * SECOND) for _ in range(3)] == [[(STORE, Drain.RECONCILE)]] * 3


def test_what_runs_by_the_clock_is_left_alone_by_a_sweep_too_many(timed: TimedWorld) -> None:
    """Its turn is not taken by a sweep that does nothing."""
    assert sweep_once(timed) == []
    hints = clocked(timed, STORE)
    assert hints == []
    assert clocked(timed, STORE) == [(STORE, Drain.RECONCILE)]
