import pytest

from tests.contracts.samples import order, taken
from tests.contracts.worlds import World, fake_world
from worker.ports import Change, Drain, Fenced, Halt, Ledger, Pause, Saved

CHANGES = [Change(order=order("a"), version=0), Change(order=order("b"), version=0)]


def assert_nothing_saved(ledger: Ledger) -> None:
    """Check that no document came to be."""
    assert ledger.load(["a", "b"]) == ({}, {})


@pytest.mark.parametrize("drain", Drain)
def test_a_fence_lets_through_while_its_lease_holds(ledger: Ledger, drain: Drain) -> None:
    """Any drain's lease can fence its saves."""
    assert ledger.save(CHANGES, taken(ledger, drain)) == [Saved(1), Saved(1)]


def test_a_lease_that_was_given_back_fences_everything_off(ledger: Ledger) -> None:
    """Without the lease not one order of the call is saved."""
    lease = taken(ledger)
    lease.release()
    assert ledger.save(CHANGES, lease) == [Fenced(Halt.LEASE_LOST)] * 2
    assert_nothing_saved(ledger)


def test_a_lease_that_is_anothers_now_fences_everything_off(world: World) -> None:
    """A drain that slept too long saves nothing over its successor."""
    ledger = world.ledger(lease_ms=5)
    slept = taken(ledger)
    world.eventually(lambda: ledger.lease(Drain.PICKUPS))
    assert ledger.save(CHANGES, slept) == [Fenced(Halt.LEASE_LOST)] * 2
    assert_nothing_saved(ledger)


def test_another_drains_lease_is_not_this_ones(ledger: Ledger) -> None:
    """Who gave back one drain is not let in because others hold theirs."""
    lease = taken(ledger, Drain.LEARN)
    taken(ledger, Drain.PICKUPS)
    lease.release()
    assert ledger.save(CHANGES, lease) == [Fenced(Halt.LEASE_LOST)] * 2


def test_nothing_is_claimed_in_a_paused_store(ledger: Ledger) -> None:
    """A pause stops claims at once, whoever read what before; ended, it does not."""
    ledger.standing(Drain.PICKUPS)
    lease = taken(ledger)
    ledger.pause(Pause(), "operator", "holidays", 0, 0)
    assert ledger.save(CHANGES, lease, claiming=True) == [Fenced(Halt.PAUSED)] * 2
    assert_nothing_saved(ledger)
    ledger.resume(ledger.standing(Drain.PICKUPS).pause, growth=0)
    assert ledger.save(CHANGES, lease, claiming=True) == [Saved(1), Saved(1)]


def test_a_paused_store_goes_on_recording(ledger: Ledger) -> None:
    """A pause stops SkyHub calls only: what is no claim is saved."""
    ledger.pause(Pause(), "operator", "holidays", 0, 0)
    assert ledger.save(CHANGES, taken(ledger)) == [Saved(1), Saved(1)]


def test_nothing_is_claimed_on_a_server_that_nobody_looked_at(identified_world: World) -> None:
    """A claim needs a standing first: only it notices which server answers."""
    ledger = identified_world.ledger()
    lease = taken(ledger)
    assert ledger.save(CHANGES, lease, claiming=True) == [Fenced(Halt.SERVER_CHANGED)] * 2
    ledger.standing(Drain.PICKUPS)
    assert ledger.save(CHANGES, lease, claiming=True) == [Saved(1), Saved(1)]


def test_nothing_is_claimed_on_another_server_before_the_doubt(identified_world: World) -> None:
    """From the moment another server answers until the due orders are doubted, no claim is saved."""
    ledger = identified_world.ledger()
    assert ledger.standing(Drain.PICKUPS).changed_at == 0
    lease = taken(ledger)
    identified_world.change_server()
    assert ledger.save(CHANGES, lease, claiming=True) == [Fenced(Halt.SERVER_CHANGED)] * 2
    standing = ledger.standing(Drain.PICKUPS)
    assert standing.changed_at == standing.now
    assert not standing.doubted
    assert ledger.save(CHANGES, lease, claiming=True) == [Fenced(Halt.SERVER_CHANGED)] * 2
    assert_nothing_saved(ledger)
    ledger.doubted(standing.changed_at)
    assert ledger.standing(Drain.PICKUPS).doubted
    assert all(isinstance(each, Saved) for each in ledger.save(CHANGES, lease, claiming=True))


def test_a_change_is_noticed_once(identified_world: World) -> None:
    """Every later look gives the moment of the first, whichever drain looks."""
    ledger = identified_world.ledger()
    ledger.standing(Drain.PICKUPS)
    identified_world.change_server()
    changed_at = ledger.standing(Drain.PICKUPS).changed_at
    identified_world.eventually(lambda: ledger.now() > changed_at)
    assert ledger.standing(Drain.LEARN).changed_at == changed_at > 0


def test_doubt_about_an_earlier_change_does_not_cover_the_next(identified_world: World) -> None:
    """A server that changes again while the due orders are being doubted is doubted again."""
    ledger = identified_world.ledger()
    ledger.standing(Drain.PICKUPS)
    lease = taken(ledger)
    identified_world.change_server()
    changed_at = ledger.standing(Drain.PICKUPS).changed_at
    ledger.doubted(changed_at - 1)
    assert not ledger.standing(Drain.PICKUPS).doubted
    assert ledger.save(CHANGES, lease, claiming=True) == [Fenced(Halt.SERVER_CHANGED)] * 2


def test_what_is_no_claim_is_saved_on_another_server(identified_world: World) -> None:
    """Recording and settling go on at once when the server changed."""
    ledger = identified_world.ledger()
    ledger.standing(Drain.PICKUPS)
    identified_world.change_server()
    assert all(isinstance(each, Saved) for each in ledger.save(CHANGES, taken(ledger)))


def test_a_double_without_info_never_changes() -> None:
    """Where a server cannot say which one it is, no change is seen and claims go through."""
    world = fake_world()
    ledger = world.ledger()
    world.change_server()
    assert ledger.standing(Drain.PICKUPS).changed_at == 0
    assert ledger.save(CHANGES, taken(ledger), claiming=True) == [Saved(1), Saved(1)]
    world.close()
