"""What the scripts count beside what they save: on engines that run them."""

import pytest

from tests.contracts.samples import canceled, keep, order, taken
from tests.contracts.worlds import STORE, RedisWorld
from worker.domain.order import Attention, Entry, In, Status
from worker.domain.progress import ACCEPTED
from worker.ports import Change, CloseKey, Drain, Ledger, Saved, TakeKey

LISTED, LONG = Attention.LISTED_AFTER_REQUEST, Attention.WAITING_LONG
HEARD_AT = 1_700_000_000_000


def _flag(ledger: Ledger, version: int, *flags: Attention, name: str = "a") -> None:
    keep(ledger, order(name, flags=frozenset(flags)), version=version)


def _attention(world: RedisWorld) -> dict[str, int]:
    """Return the orders counted under each reason, without those of which none is left."""
    counted = {name: times for name, times in world.counters().items() if name.startswith("attention:")}
    return {name.partition(":")[2]: times for name, times in counted.items() if times}


def test_attention_is_counted_by_reason(redis_world: RedisWorld) -> None:
    """Each order under all of its reasons, as long as it has them; none is counted twice or taken off twice."""
    ledger = redis_world.ledger()
    _flag(ledger, 0, LISTED, LONG)
    _flag(ledger, 0, LONG, name="b")
    assert _attention(redis_world) == {LISTED: 1, LONG: 2}
    _flag(ledger, 1, LONG)
    _flag(ledger, 2, LONG)
    assert _attention(redis_world) == {LONG: 2}
    _flag(ledger, 3)
    _flag(ledger, 4)
    assert _attention(redis_world) == {LONG: 1}
    assert redis_world.raw.hgetall(redis_world.keys("flags")) == {"b": LONG}


def test_attention_is_forgotten_with_the_order(redis_world: RedisWorld) -> None:
    """An ended order that is flagged counts until its line in the index is forgotten."""
    ledger = redis_world.ledger(retention_ms=1)
    keep(ledger, order("old", Status.REQUESTED, at=In(0), flags=frozenset({LISTED})))
    assert _attention(redis_world) == {LISTED: 1}
    redis_world.eventually(lambda: ledger.retire(1))
    assert _attention(redis_world) == {}
    assert not redis_world.raw.exists(redis_world.keys("flags"))


def _requested(waited_ms: int) -> Change:
    done = HEARD_AT + waited_ms
    history = (Entry(HEARD_AT, "invoice.recorded"), Entry(done, "order.requested", ACCEPTED))
    accepted = order("a", Status.REQUESTED, at=In(0), reason=ACCEPTED, requested_at=done, history=history)
    return Change(order=accepted, version=1, key=CloseKey("1", 1))


@pytest.mark.parametrize(("waited_ms", "bucket"), [(1, "1.0"), (1_000, "1.0"), (1_001, "5.0"), (10**10, "+Inf")])
def test_the_time_to_acceptance_is_counted_as_the_order_becomes_requested(
    redis_world: RedisWorld, waited_ms: int, bucket: str
) -> None:
    """Once: a later save of the order, and a repeated one, say nothing new."""
    ledger = redis_world.ledger()
    keep(ledger, order("a", Status.REQUESTING))
    change = _requested(waited_ms)
    assert ledger.save([change]) == [Saved(2)]
    assert ledger.save([Change(order=change.order, version=2)]) == [Saved(3)]
    found = {name: times for name, times in redis_world.counters().items() if name.startswith("accepted")}
    assert found == {f"accepted:{bucket}": 1, "accepted_ms": waited_ms}


def test_batches_are_counted_with_their_saves(redis_world: RedisWorld) -> None:
    """A save that took events in is one recording; a claiming save that claimed is one confirmation's."""
    ledger = redis_world.ledger()
    ledger.standing(Drain.PICKUPS)
    ledger.append([canceled("a"), canceled("a"), canceled("b")])
    entries = [entry.entry_id for entry in ledger.exchange([], [], 10)[1]]
    due = [order(name, Status.DUE, remote_code=name) for name in "abc"]
    took = (tuple(entries[:2]), tuple(entries[2:]), ())
    changes = [Change(order=each, version=0, entries=own) for each, own in zip(due, took, strict=True)]
    assert ledger.save(changes) == [Saved(1)] * 3
    claimed = [order(name, Status.REQUESTING, remote_code=name) for name in "abc"]
    claims = [Change(order=each, version=1, key=TakeKey(each.order_id, 1, "t")) for each in claimed]
    lease = taken(ledger)
    assert ledger.save(claims, lease, claiming=True) == [Saved(2)] * 3
    ledger.save(claims, lease, claiming=True)  # lost: nothing of it is counted
    counters = redis_world.counters()
    names = ("recordings", "events", "claims", "entered:requesting")
    assert [counters[name] for name in names] == [1, 3, 1, 3]


def test_an_event_that_came_past_the_inbox_is_counted(redis_world: RedisWorld) -> None:
    """As those of Celery's door do."""
    ledger = redis_world.ledger()
    change = Change(order=order("a"), version=0, direct=2)
    assert ledger.save([change]) == [Saved(1)]
    ledger.save([change])  # lost
    assert (redis_world.counters()["events"], redis_world.counters()["recordings"]) == (2, 1)


def test_a_drain_taken_over_from_one_that_died_is_counted(redis_world: RedisWorld) -> None:
    """Once a death; who gave its lease back is not taken over from."""
    ledger = redis_world.ledger(lease_ms=1)
    taken(ledger, Drain.LEARN).release()
    taken(ledger, Drain.LEARN)  # and dies
    assert redis_world.counters() == {}
    survivor = redis_world.fleet().ledger(STORE)
    redis_world.eventually(lambda: survivor.lease(Drain.LEARN))
    assert redis_world.counters() == {"takeover:learn": 1}


def test_the_end_of_a_takeover_is_clean(redis_world: RedisWorld) -> None:
    """The one that slept gives nothing back that is another's; when that one is done, nobody is taken over from."""
    ledger, survivor = redis_world.ledger(lease_ms=1), redis_world.fleet().ledger(STORE)
    sleeper = taken(ledger)
    redis_world.eventually(lambda: not redis_world.raw.exists(redis_world.keys("lease:pickups")))
    lease = taken(survivor)
    sleeper.release()
    assert survivor.lease(Drain.PICKUPS) is None
    lease.release()
    assert survivor.lease(Drain.PICKUPS) is not None
    assert redis_world.counters() == {"takeover:pickups": 1}
