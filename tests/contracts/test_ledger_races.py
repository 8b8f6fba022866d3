"""Many workers do the same in the same moment: one wins, and the others know who."""

from collections.abc import Callable

import pytest

from tests.contracts.racing import race
from tests.contracts.samples import canceled, keep, order
from tests.contracts.worlds import World
from worker.domain.events import Dropped
from worker.domain.order import Claim, Status
from worker.ports import Change, Drain, Drop, KeyHeld, Ledger, Lost, OwnedBy, Pause, Saved, SaveResult, TakeKey

pytestmark = pytest.mark.parametrize("racers", [5, 20, 50])


def winner(results: list[SaveResult]) -> int:
    """Return the number of the only one that saved."""
    saved = [number for number, result in enumerate(results) if isinstance(result, Saved)]
    assert len(saved) == 1, results
    return saved[0]


def saving(change: Callable[[int], Change]) -> Callable[[Ledger, int], SaveResult]:
    """Return what a racer does: save its change."""
    return lambda ledger, number: ledger.save([change(number)])[0]


def test_an_order_is_opened_once(world: World, racers: int) -> None:
    """Of many first saves of one order one takes effect; the others are lost."""
    results = race(world, racers, saving(lambda n: Change(order=order(reason=str(n)), version=0)))
    first = winner(results)
    assert results.count(Lost()) == racers - 1
    assert world.ledger().load([order().order_id])[0][order().order_id].order.reason == str(first)
    assert world.counters()["entered:waiting"] == 1


def test_a_version_is_replaced_once(world: World, racers: int) -> None:
    """Of many saves over the same version one takes effect."""
    keep(world.ledger(), order())
    results = race(world, racers, saving(lambda n: Change(order=order(reason=str(n)), version=1)))
    first = winner(results)
    stored = world.ledger().load([order().order_id])[0][order().order_id]
    assert (stored.order.reason, stored.version) == (str(first), 2)


def test_an_order_is_claimed_once(world: World, racers: int) -> None:
    """Of many claims of one order one takes effect, and document and key carry its token."""
    keep(world.ledger(), order(status=Status.DUE))

    def claim(number: int) -> Change:
        claimed = order(status=Status.REQUESTING, claim=Claim(f"token {number}", 1))
        return Change(order=claimed, version=1, key=TakeKey("code", 1, f"token {number}"))

    results = race(world, racers, saving(claim))
    first = winner(results)
    assert results.count(Lost()) == racers - 1
    assert world.ledger().load([order().order_id])[0][order().order_id].order.claim == Claim(f"token {first}", 1)
    assert world.counters()["entered:requesting"] == 1


def test_a_key_is_taken_by_one_order(world: World, racers: int) -> None:
    """Of many orders that claim one pickup one gets its key; the others are told whose it is."""
    ids = [f"order {n}" for n in range(racers)]
    keep(world.ledger(), *(order(name, Status.DUE) for name in ids))

    def claim(number: int) -> Change:
        return Change(order=order(ids[number], Status.REQUESTING), version=1, key=TakeKey("code", 1, "token"))

    results = race(world, racers, saving(claim))
    first = winner(results)
    assert results.count(KeyHeld(ids[first])) == racers - 1
    assert world.ledger().counts()[Status.REQUESTING] == 1


def test_a_remote_code_is_owned_by_one_order(world: World, racers: int) -> None:
    """Of many new documents of one pickup one is opened; the events of the others go to it."""
    results = race(world, racers, saving(lambda n: Change(order=order(f"order {n}", remote_code="1"), version=0)))
    first = winner(results)
    assert results.count(OwnedBy(f"order {first}")) == racers - 1
    assert world.ledger().load([], ["1"])[1] == {"1": f"order {first}"}


def test_a_lease_is_taken_by_one(world: World, racers: int) -> None:
    """Of many workers one drains."""
    leases = race(world, racers, lambda ledger, _: ledger.lease(Drain.PICKUPS))
    assert sum(lease is not None for lease in leases) == 1


def test_a_hint_is_sent_by_one(world: World, racers: int) -> None:
    """Of many doors one hints."""
    assert sum(race(world, racers, lambda ledger, _: ledger.hint(Drain.INBOX))) == 1


def test_a_pause_is_set_by_one(world: World, racers: int) -> None:
    """Of many that read an unpaused store one pauses it, and its word stays."""
    results = race(world, racers, lambda ledger, n: ledger.pause(Pause(), "service", str(n), 60_000, 1))
    assert sum(results) == 1
    assert world.ledger().standing(Drain.PICKUPS).pause.reason == str(results.index(True))


def test_an_entry_is_dropped_once(world: World, racers: int) -> None:
    """Of many drains that read the same entry one counts it."""
    ledger = world.ledger()
    ledger.append([canceled()])
    [entry] = ledger.exchange([], [], 1)[1]
    race(world, racers, lambda ledger, _: ledger.exchange([], [Drop(entry.entry_id, Dropped.REPEATED)], 1))
    assert world.counters()["repeated"] == 1


def test_events_of_many_doors_all_arrive(world: World, racers: int) -> None:
    """Appending is no race: everybody's event is in the inbox."""
    race(world, racers, lambda ledger, n: ledger.append([canceled(str(n))]))
    entries = world.ledger().exchange([], [], 100)[1]
    assert {entry.event for entry in entries} == {canceled(str(n)) for n in range(racers)}
