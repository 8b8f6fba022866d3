import pytest

from tests.contracts.samples import keep, order
from tests.contracts.worlds import RedisWorld, World
from worker.domain.order import ENDED, At, Attention, In, Status
from worker.ports import Change, Drain, Ledger, Saved

DAY = 86_400_000
RETENTION = 90 * DAY
FLAGS = frozenset({Attention.LISTED_AFTER_REQUEST})
OPEN = [status for status in Status if status not in ENDED]


def gone(ledger: Ledger, name: str) -> bool:
    """Whether the order's document has expired."""
    return name not in ledger.load([name])[0]


@pytest.mark.parametrize("status", sorted(ENDED))
def test_an_ended_order_and_its_code_expire(world: World, status: Status) -> None:
    """After the retention an ended order's document is gone, and its remote code is free for another."""
    ledger = world.ledger(retention_ms=20)
    keep(ledger, order("a", status, remote_code="1", at=In(0)))
    world.eventually(lambda: gone(ledger, "a"))
    assert ledger.load([], ["1"])[1] == {}
    keep(ledger, order("b", remote_code="1"))


@pytest.mark.parametrize("status", OPEN)
def test_an_open_order_never_expires(redis_world: RedisWorld, status: Status) -> None:
    """What is not ended, and what failed, stays until somebody ends it."""
    keep(redis_world.ledger(), order("a", status, remote_code="1"))
    keys = [redis_world.keys.order("a"), redis_world.keys.code("1")]
    assert [redis_world.raw.pttl(key) for key in keys] == [-1, -1]


@pytest.mark.parametrize("status", sorted(ENDED))
def test_document_and_index_line_have_the_same_age(redis_world: RedisWorld, status: Status) -> None:
    """The document and its code expire one retention after the time under which the index names it."""
    raw, keys, ledger = redis_world.raw, redis_world.keys, redis_world.ledger()
    keep(ledger, order("a", status, remote_code="1", at=In(1_234)))
    expires = int(raw.zscore(keys.orders(status), "a")) + RETENTION
    assert [raw.pexpiretime(key) for key in (keys.order("a"), keys.code("1"))] == [expires, expires]


def test_a_reopened_order_stays(redis_world: RedisWorld) -> None:
    """An order that an operator takes up again no longer expires, nor does its code."""
    raw, keys, ledger = redis_world.raw, redis_world.keys, redis_world.ledger()
    keep(ledger, order("a", Status.CANCELED, remote_code="1", at=In(0)))
    keep(ledger, order("a", Status.DUE, remote_code="1", at=In(0)), version=1)
    assert [raw.pttl(key) for key in (keys.order("a"), keys.code("1"))] == [-1, -1]


def test_an_order_that_comes_twice_in_a_call_is_what_it_was_last(redis_world: RedisWorld) -> None:
    """Each save over the one before: index, attention and lifetime are the last one's, whichever way it went."""
    raw, keys, ledger = redis_world.raw, redis_world.keys, redis_world.ledger()
    ends = [order("a", remote_code="1", flags=FLAGS), order("a", Status.SKIPPED, remote_code="1", at=In(0))]
    opens = [order("b", Status.SKIPPED, remote_code="2", at=In(0)), order("b", remote_code="2", flags=FLAGS)]
    changes = [Change(order=each, version=number % 2) for number, each in enumerate((*ends, *opens))]
    assert ledger.save(changes) == [Saved(1), Saved(2)] * 2
    assert [ledger.order_ids(status, 0, 9) for status in (Status.SKIPPED, Status.WAITING)] == [["a"], ["b"]]
    assert ledger.attention_ids(0, 9) == ["b"]
    assert [raw.pttl(key) > 0 for key in (keys.order("a"), keys.code("1"))] == [True, True]
    assert [raw.pttl(key) for key in (keys.order("b"), keys.code("2"))] == [-1, -1]


def test_an_order_that_ends_leaves_anothers_code_alone(redis_world: RedisWorld) -> None:
    """The code of an open order does not expire because a second document of the same pickup ended or came back."""
    raw, keys, ledger = redis_world.raw, redis_world.keys, redis_world.ledger()
    keep(ledger, order("a", remote_code="1"), order("b"))
    keep(ledger, order("b", Status.SKIPPED, remote_code="1", at=In(0)), version=1)
    assert raw.pttl(keys.code("1")) == -1
    keep(ledger, order("a", Status.REQUESTED, remote_code="1", at=In(0)), version=1)
    keep(ledger, order("b", Status.DUE, remote_code="1", at=In(0)), version=2)
    assert raw.pttl(keys.code("1")) > 0


def test_the_lines_of_old_ended_orders_are_forgotten(ledger: Ledger) -> None:
    """Retiring takes an old ended order out of every index, and nothing else."""
    old, young = At(ledger.now() - 2 * DAY), At(ledger.now())
    keep(
        ledger,
        *(order(f"old {status}", status, at=old, learn_at=old, flags=FLAGS) for status in Status),
        *(order(f"young {status}", status, at=young, learn_at=old, flags=FLAGS) for status in ENDED),
    )
    left = sorted([*(f"old {status}" for status in OPEN), *(f"young {status}" for status in ENDED)])
    assert ledger.retire(DAY) == len(ENDED)
    assert ledger.retire(DAY) == 0
    assert sorted(name for status in Status for name in ledger.order_ids(status, 0, 10)) == left
    assert sorted(ledger.attention_ids(0, 20)) == left
    assert sorted(ledger.wishes(Drain.LEARN, ledger.now(), 20)) == left


def test_an_order_that_comes_back_is_not_forgotten_with_its_predecessor(world: World) -> None:
    """A new document under an expired one's id leaves the old lines behind: retiring finds none, its own stay."""
    ledger = world.ledger(retention_ms=20)
    keep(ledger, order("a", Status.SKIPPED, at=In(0), learn_at=In(0), flags=FLAGS))
    world.eventually(lambda: gone(ledger, "a"))
    keep(ledger, order("a", at=In(0), learn_at=At(5), flags=FLAGS))
    assert ledger.counts() == {status: int(status is Status.WAITING) for status in Status}
    assert ledger.retire(0) == 0
    assert ledger.wishes(Drain.LEARN, 5, 10) == ledger.attention_ids(0, 10) == ["a"]


def test_an_order_that_comes_back_does_not_inherit_wishes(world: World) -> None:
    """What an expired document wished or showed is not the new one's."""
    ledger = world.ledger(retention_ms=20)
    keep(ledger, order("a", Status.SKIPPED, at=In(0), learn_at=In(0), flags=FLAGS))
    world.eventually(lambda: gone(ledger, "a"))
    keep(ledger, order("a"))
    assert ledger.wishes(Drain.LEARN, ledger.now(), 10) == ledger.attention_ids(0, 10) == []


def test_more_lines_than_one_call_forgets_take_more_calls(redis_world: RedisWorld) -> None:
    """One call stays short; what it returns says how much it did."""
    ledger = redis_world.ledger()
    old = At(ledger.now() - 2 * DAY)
    keep(ledger, *(order(str(n), Status.REQUESTED, at=old) for n in range(1_001)))
    assert [ledger.retire(DAY) for _ in range(3)] == [1_000, 1, 0]
