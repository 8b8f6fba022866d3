"""How a run begins and how one of the pickups ends: each in one step, on every engine."""

import pytest

from tests.contracts.racing import race
from tests.contracts.samples import keep, order
from tests.contracts.worlds import World
from worker.domain.order import At, Attention, In, Status
from worker.ports import Drain, Lease, Ledger


def begun(ledger: Ledger, drain: Drain = Drain.PICKUPS) -> Lease:
    """Begin a run that finds the drain free."""
    lease = ledger.begin(drain)[1]
    assert lease is not None
    return lease


def test_a_run_begins_with_the_drain_and_how_the_store_stands(ledger: Ledger) -> None:
    """What is due, what was left claimed and what is flagged, as counted in the same moment."""
    later = In(9_999_999)
    keep(ledger, order("1", Status.DUE, at=At(1)), order("2", Status.DUE, at=At(2)), order("3", Status.DUE, at=later))
    keep(ledger, order("4", Status.REQUESTING, at=At(3)), order("5", flags=frozenset({Attention.PACKED_HOLD})))
    standing, lease = ledger.begin(Drain.PICKUPS)
    assert (standing.due, standing.expired, standing.flagged) == (2, 1, 1)
    assert lease is not None
    assert lease.outlives(25)
    assert not lease.outlives(30)
    assert ledger.lease(Drain.PICKUPS) is None
    assert ledger.standing(Drain.PICKUPS).due == 2


@pytest.mark.parametrize("held", [False, True], ids=["free", "taken"])
def test_a_run_that_begins_lets_the_next_hint_be_sent(ledger: Ledger, held: bool) -> None:  # noqa: FBT001 - a parameter
    """Of its own drain only, and also where it finds the drain taken."""
    if held:
        begun(ledger)
    assert ledger.hint(Drain.PICKUPS)
    assert ledger.hint(Drain.LEARN)
    assert (ledger.begin(Drain.PICKUPS)[1] is None) == held
    assert ledger.hint(Drain.PICKUPS)
    assert not ledger.hint(Drain.LEARN)


def test_a_drain_that_rests_is_not_taken(world: World) -> None:
    """Its bearer would find it taken; when the rest is over, it is free."""
    ledger = world.ledger()
    ledger.back_off(Drain.PICKUPS, "token", 1, 60_000, "down")
    standing, lease = ledger.begin(Drain.PICKUPS)
    assert (standing.backoff.token, lease) == ("token", None)
    assert ledger.begin(Drain.LEARN)[1] is not None
    ledger.back_off(Drain.PICKUPS, "token", 1, 20, "down")
    world.eventually(lambda: ledger.begin(Drain.PICKUPS)[1])


@pytest.mark.parametrize("racers", [5, 20])
def test_of_many_that_begin_at_once_one_has_the_drain(world: World, racers: int) -> None:
    """The others find it taken."""
    leases = race(world, racers, lambda ledger, _: ledger.begin(Drain.PICKUPS)[1])
    assert sum(lease is not None for lease in leases) == 1


def test_a_run_leaves_only_where_nothing_is_due(ledger: Ledger) -> None:
    """Else it keeps its lease, so that what came just before is done by the same run."""
    lease = begun(ledger)
    keep(ledger, order("1", Status.DUE, at=In(0)), order("2", Status.DUE, at=In(9_999_999)))
    assert not ledger.leave(lease)
    assert lease.renew()
    keep(ledger, order("1"), version=1)
    assert ledger.leave(lease)
    assert not lease.renew()
    begun(ledger)


def test_a_run_does_not_leave_a_claim_that_is_over(ledger: Ledger) -> None:
    """It is taken back by the same run."""
    lease = begun(ledger)
    keep(ledger, order("1", Status.REQUESTING, at=At(3)))
    assert not ledger.leave(lease)
    assert lease.renew()


def test_a_run_whose_lease_ran_out_does_not_leave_what_came_due(world: World) -> None:
    """Nobody else was told of it: the run must, or it would wait for a sweep."""
    ledger = world.ledger(lease_ms=20, hint_ms=20)
    lease = begun(ledger)
    assert ledger.hint(Drain.LEARN)
    keep(ledger, order("1", Status.DUE, at=In(0)))
    world.eventually(lambda: ledger.hint(Drain.LEARN))  # It began after the lease and lives as long.
    assert not ledger.leave(lease)
    keep(ledger, order("1"), version=1)
    assert ledger.leave(lease)


def test_a_run_may_leave_twice_and_ends_no_lease_of_another(ledger: Ledger) -> None:
    """A repeated call, and one that slept through its lease."""
    lease = begun(ledger)
    assert ledger.leave(lease)
    assert ledger.leave(lease)
    other = begun(ledger)
    assert not ledger.leave(lease)
    assert other.renew()
