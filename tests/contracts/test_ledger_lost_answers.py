"""Every script runs twice when its answer is lost: redis-py, with its own retries, sends the call again."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce

import pytest

from tests.contracts.samples import canceled, keep, order, rejecting, taken, unreadable
from tests.contracts.worlds import STORE, RedisWorld
from tests.fakes.proxy import CuttingProxy
from worker.adapters.redis_ledger import Limits, RedisFleet, RedisMeters
from worker.adapters.redis_ledger.scripts import Scripts
from worker.domain.activity import Hour
from worker.domain.events import Dropped
from worker.domain.order import At, In, Order, Status
from worker.domain.policy import Policy
from worker.domain.progress import record
from worker.ports import Change, CloseKey, Counts, Drain, Drop, Ledger, Meters, Pause, Reconciled, Saved, TakeKey


@dataclass(frozen=True)
class Line:
    """A ledger behind a proxy, and the same store beside it."""

    proxy: CuttingProxy
    fleet: RedisFleet
    ledger: Ledger
    meters: Meters
    beside: Ledger
    world: RedisWorld
    digests: dict[str, str]

    def lose(self, script: str) -> None:
        """Lose the answer of the next call of this script."""
        self.proxy.cut(self.digests[script].encode())


@pytest.fixture
def line(server_world: RedisWorld) -> Iterator[Line]:
    """Open a store behind a proxy; at the end exactly one answer must have been lost."""
    beside = server_world.ledger()
    beside.standing(Drain.PICKUPS)
    port = server_world.raw.connection_pool.connection_kwargs["port"]
    with CuttingProxy(port) as proxy, server_world.client(port=proxy.port) as client:
        fleet = RedisFleet(client, Limits())
        yield Line(
            proxy, fleet, fleet.ledger(STORE), RedisMeters(client), beside, server_world, Scripts(client).digests
        )
        assert proxy.cuts == 1


def test_an_event_appended_twice_counts_once(line: Line) -> None:
    """The inbox may hold an event twice; folded into its order, the second says nothing new."""
    line.lose("append")
    line.ledger.append([canceled()])
    entries = line.beside.exchange([], [], 10)[1]
    assert [entry.event for entry in entries] == [canceled(), canceled()]

    def fold(order: Order | None, event: object) -> Order:
        assert event == canceled()
        return record(order, canceled(), Policy(), 1)

    once = fold(None, entries[0].event)
    assert reduce(fold, [entry.event for entry in entries], None) == once


def test_an_entry_is_dropped_once(line: Line) -> None:
    """The repeated drop finds the entry gone, and neither counts nor keeps it again."""
    line.beside.append([canceled()])
    [entry] = line.beside.exchange([], [], 10)[1]
    line.lose("drop")
    assert line.ledger.exchange([], [rejecting(entry.entry_id)], 10)[1] == []
    assert line.world.counters()["rejected"] == 1
    assert len(line.beside.rejected(10)) == 1


def test_what_never_was_in_an_inbox_may_be_kept_twice(line: Line) -> None:
    """A second copy of a rejected event harms nobody; what matters is that it is kept."""
    line.lose("drop")
    line.ledger.reject([unreadable("body")])
    assert [kept.body for kept in line.beside.rejected(10)] == ["body", "body"]


def test_a_lease_is_taken_once_by_its_taker(line: Line) -> None:
    """The repeated taking knows its own token."""
    line.lose("lease")
    lease = taken(line.ledger)
    assert line.beside.lease(Drain.PICKUPS) is None
    assert line.beside.save([Change(order=order(), version=0)], lease) == [Saved(1)]


def test_a_lease_is_renewed_by_its_holder(line: Line) -> None:
    """The repeated renewal renews again."""
    lease = taken(line.ledger)
    line.lose("lease")
    assert lease.renew()
    assert lease.outlives(20)


def test_a_lease_is_given_back_once(line: Line) -> None:
    """The repeated giving back finds nothing, and the drain is free."""
    lease = taken(line.ledger)
    line.lose("lease")
    lease.release()
    assert line.beside.lease(Drain.PICKUPS) is not None


def test_a_takeover_is_counted_once(line: Line) -> None:
    """The repeated taking finds its own token where the dead holder's was."""
    taken(line.world.ledger(lease_ms=1), Drain.PICKUPS)
    line.world.eventually(lambda: not line.world.raw.exists(line.world.keys("lease:pickups")))
    line.lose("lease")
    assert line.ledger.lease(Drain.PICKUPS) is not None
    assert line.world.counters() == {"takeover:pickups": 1}


def test_what_a_process_counted_is_added_once(line: Line) -> None:
    """The repeated call knows its id."""
    line.lose("count")
    line.meters.count({STORE: Counts("id", {"call:order:2xx": 5})})
    assert line.world.counters() == {"call:order:2xx": 5}


def test_a_save_reports_its_own_success(line: Line) -> None:
    """The repeated save knows its write id: saved once, counted once, and told so."""
    line.beside.append([canceled()])
    [entry] = line.beside.exchange([], [], 10)[1]
    line.lose("save")
    change = Change(order=order(at=In(5)), version=0, entries=(entry.entry_id,), invoices=2)
    results, entries = line.ledger.exchange([change], [Drop("9-9", Dropped.REPEATED)], 10)
    assert (results, entries) == ([Saved(1)], [])
    counters = line.world.counters()
    assert (counters["entered:waiting"], counters["events"], counters.get("repeated")) == (1, 1, None)
    assert list(line.beside.hours().values()) == [Hour(invoices=2)]
    assert line.beside.load([order().order_id])[0][order().order_id].version == 1


def test_a_claim_is_made_once(line: Line) -> None:
    """The repeated claim reports the first one's success: the order is claimed, its key taken, by this token."""
    lease = taken(line.ledger)
    keep(line.beside, order(status=Status.DUE))
    line.lose("save")
    claim = Change(order=order(status=Status.REQUESTING, at=In(45_000)), version=1, key=TakeKey("1", 1, "token"))
    assert line.ledger.save([claim], lease, claiming=True) == [Saved(2)]
    assert line.world.raw.get(line.world.keys.pickup("1", 1)) == f"{order().order_id} token"
    assert line.world.counters()["entered:requesting"] == 1


def test_a_pickup_is_settled_once(line: Line) -> None:
    """The repeated settling reports the first one's success, and the key is closed."""
    claim = Change(order=order(status=Status.REQUESTING), version=0, key=TakeKey("1", 1, "token"))
    assert line.beside.save([claim]) == [Saved(1)]
    line.lose("save")
    settled = Change(order=order(status=Status.REQUESTED, at=In(0)), version=1, key=CloseKey("1", 1))
    assert line.ledger.save([settled]) == [Saved(2)]
    assert str(line.world.raw.get(line.world.keys.pickup("1", 1))).endswith(" requested")
    assert line.world.counters()["entered:requested"] == 1


def test_a_pause_reports_its_own_success(line: Line) -> None:
    """The repeated stamp knows its write id; the pause began once."""
    line.lose("stamp")
    assert line.ledger.pause(Pause(), "operator", "holidays", 0, 0)
    assert line.beside.standing(Drain.PICKUPS).pause.active


def test_a_pause_ends_and_is_summed_once(line: Line) -> None:
    """The repeated end adds nothing to the sum."""
    line.beside.pause(Pause(), "service", "401", 0, 1)
    before = line.beside.standing(Drain.PICKUPS).pause
    line.lose("stamp")
    assert line.ledger.resume(before, growth=1)
    after = line.beside.standing(Drain.PICKUPS).pause
    assert not after.active
    assert after.total_ms <= line.beside.now() - before.since


def test_a_rest_is_stamped_once(line: Line) -> None:
    """The repeated stamp leaves the one rest that was asked for."""
    line.lose("stamp")
    line.ledger.back_off(Drain.PICKUPS, "token", 1, 60_000, "down")
    backoff = line.beside.standing(Drain.PICKUPS).backoff
    assert (backoff.token, backoff.tries) == ("token", 1)
    assert backoff.until <= line.beside.now() + 60_000


def test_events_of_many_stores_may_be_kept_twice_and_never_lost(line: Line) -> None:
    """Counting does not notice; the other stores of the call have theirs as well."""
    line.lose("append")
    assert line.fleet.append({STORE: [canceled("1")], "beta": [canceled("2")]}) == {}
    assert {entry.event for entry in line.beside.exchange([], [], 10)[1]} == {canceled("1")}
    beta = line.world.fleet().ledger("beta")
    assert {entry.event for entry in beta.exchange([], [], 10)[1]} == {canceled("2")}


def test_a_turn_whose_answer_was_lost_is_nobodys(line: Line) -> None:
    """The repeated claim sees the key that it set itself: the drain runs an interval later, and never twice."""
    line.proxy.cut(b"turn:feed")
    assert line.fleet.turns([STORE], Drain.FEED, 60_000) == []
    assert line.world.fleet().turns([STORE], Drain.FEED, 60_000) == []


def test_what_a_reconcile_found_is_kept_once(line: Line) -> None:
    """The repeated stamp leaves the numbers that were found."""
    line.lose("stamp")
    line.ledger.save_reconciled(Reconciled(listed=7))
    found = line.world.fleet().overview([STORE])[0].reconciled
    assert found is not None
    assert (found.listed, 0 < found.at <= line.beside.now()) == (7, True)


def test_a_wish_to_read_again_is_saved_once(line: Line) -> None:
    """The repeated save reports its own success; document and index carry the wish."""
    line.lose("save")
    assert line.ledger.save([Change(order=order(reread_at=In(0)), version=0)]) == [Saved(1)]
    assert line.beside.wishes(Drain.REREAD, line.beside.now(), 9) == [order().order_id]


def test_a_change_of_server_is_noticed_once(line: Line) -> None:
    """The repeated look finds the change noted, and still reports it."""
    line.world.change_server()
    line.lose("standing")
    standing = line.ledger.standing(Drain.PICKUPS)
    assert 0 < standing.changed_at <= standing.now
    assert line.beside.standing(Drain.PICKUPS).changed_at == standing.changed_at
    assert not standing.doubted


def test_old_lines_are_forgotten_once(line: Line) -> None:
    """The repeated call finds nothing left, and says so: what it returns is what it did itself."""
    keep(line.beside, order(status=Status.REQUESTED, at=At(1)), order("young", Status.REQUESTED, at=In(0)))
    line.lose("retire")
    assert line.ledger.retire(1_000) == 0
    assert line.beside.order_ids(Status.REQUESTED, 0, 10) == ["young"]


def test_the_time_is_read_again(line: Line) -> None:
    """Nothing to repeat but the question."""
    line.lose("now")
    assert line.ledger.now() <= line.beside.now()


def test_a_hint_whose_answer_was_lost_is_not_sent(line: Line) -> None:
    """The repeated claim sees the key that it set itself; the sweep, which does not look at it, hints."""
    line.proxy.cut(b"hint:inbox")
    assert not line.ledger.hint(Drain.INBOX)


def test_rejected_events_are_forgotten_once(line: Line) -> None:
    """The repeated call finds nothing left, and gives no byte back a second time; the others stay."""
    line.beside.reject([unreadable("a" * 20, "reason"), unreadable("b", "reason")])
    newest, oldest = line.beside.rejected(10)
    line.lose("forget")
    assert line.ledger.forget_rejected([oldest.rejected_id]) == 0
    assert line.beside.rejected(10) == [newest]
    assert line.world.counters()["rejected_bytes"] == len("breason")


def test_stores_are_remembered_once(line: Line) -> None:
    """The repeated note finds the stores there, and still returns all of them."""
    line.world.fleet().remember(["beta"])
    line.proxy.cut(b"SADD")
    assert line.fleet.remember(["acme"]) == {"acme", "beta"}
    assert line.world.fleet().remember([]) == {"acme", "beta"}


def test_a_run_that_begins_twice_has_the_drain(line: Line) -> None:
    """The repeated call finds its own lease."""
    line.lose("standing")
    assert line.ledger.begin(Drain.PICKUPS)[1] is not None
    assert line.beside.begin(Drain.PICKUPS)[1] is None


def test_a_run_that_leaves_twice_has_left(line: Line) -> None:
    """The repeated call finds the lease given back."""
    lease = line.ledger.begin(Drain.PICKUPS)[1]
    assert lease is not None
    line.lose("lease")
    assert line.ledger.leave(lease)
    assert line.beside.begin(Drain.PICKUPS)[1] is not None
