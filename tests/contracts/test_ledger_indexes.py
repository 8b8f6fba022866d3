from itertools import permutations

import pytest

from tests.contracts.samples import keep, order
from tests.contracts.worlds import World
from worker.domain.order import At, Attention, In, Status
from worker.ports import Drain, Ledger

FLAGS = frozenset({Attention.LISTED_AFTER_REQUEST})


def where(ledger: Ledger) -> dict[str, list[str]]:
    """Return the statuses whose index names any order."""
    return {status: ids for status in Status if (ids := ledger.order_ids(status, 0, 10))}


@pytest.mark.parametrize(("before", "after"), list(permutations(Status, 2)))
def test_an_order_stands_in_the_index_of_its_status_alone(ledger: Ledger, before: Status, after: Status) -> None:
    """The save that changes a status moves the order between the indexes in the same step."""
    keep(ledger, order(status=before, at=In(0)))
    assert where(ledger) == {before: [order().order_id]}
    keep(ledger, order(status=after, at=In(0)), version=1)
    assert where(ledger) == {after: [order().order_id]}
    assert ledger.counts() == {status: int(status is after) for status in Status}


def test_a_status_is_counted_when_it_is_entered(world: World) -> None:
    """A save that stays in its status enters nothing."""
    ledger = world.ledger()
    for version, status in enumerate((Status.WAITING, Status.WAITING, Status.DUE, Status.WAITING)):
        keep(ledger, order(status=status), version=version)
    counters = world.counters()
    assert (counters["entered:waiting"], counters["entered:due"]) == (2, 1)


def test_orders_are_listed_by_time_page_by_page(ledger: Ledger) -> None:
    """The oldest comes first; offset and limit cut the list."""
    times = {"c": 1, "a": 2, "d": 3, "b": 4}
    keep(ledger, *(order(name, at=At(at)) for name, at in reversed(times.items())))
    assert ledger.order_ids(Status.WAITING, 0, 10) == list(times)
    assert ledger.order_ids(Status.WAITING, 1, 2) == ["a", "d"]
    assert ledger.order_ids(Status.WAITING, 4, 2) == []
    assert ledger.counts()[Status.WAITING] == 4


def test_due_orders_come_when_their_time_has_come_the_longest_due_first(ledger: Ledger) -> None:
    """A round takes what is due at its start, and no more than it asks for."""
    keep(ledger, *(order(name, Status.DUE, at=At(at)) for name, at in (("c", 30), ("a", 10), ("b", 20))))
    keep(ledger, order("w", Status.WAITING, at=At(5)))
    assert ledger.due(9, 10) == []
    assert ledger.due(20, 10) == ["a", "b"]
    assert ledger.due(30, 2) == ["a", "b"]


def test_a_new_attempt_moves_a_due_order(ledger: Ledger) -> None:
    """The index follows the document's next attempt."""
    keep(ledger, order(status=Status.DUE, at=At(10)))
    keep(ledger, order(status=Status.DUE, at=At(50)), version=1)
    assert (ledger.due(49, 10), ledger.due(50, 10)) == ([], [order().order_id])


def test_claims_expire_when_their_lease_is_over(ledger: Ledger) -> None:
    """A claim is taken back from its end on, not before."""
    keep(ledger, order("a", Status.REQUESTING, at=At(10)), order("b", Status.REQUESTING, at=At(20)))
    keep(ledger, order("d", Status.DUE, at=At(1)))
    assert ledger.expired(9, 10) == []
    assert ledger.expired(10, 10) == ["a"]
    assert ledger.expired(20, 1) == ["a"]


def test_a_wish_to_learn_is_indexed_until_it_is_dropped(ledger: Ledger) -> None:
    """A lost message cannot lose the wish: it stands in the index by its next try, in whatever status."""
    keep(ledger, order("a", learn_at=At(20)), order("b", Status.SKIPPED, at=In(0), learn_at=At(10)), order("c"))
    assert (
        ledger.wishes(Drain.LEARN, 9, 10),
        ledger.wishes(Drain.LEARN, 10, 10),
        ledger.wishes(Drain.LEARN, 20, 10),
    ) == ([], ["b"], ["b", "a"])
    assert ledger.wishes(Drain.LEARN, 20, 1) == ["b"]
    keep(ledger, order("b", Status.SKIPPED, at=In(0), learn_at=At(30)), version=1)
    assert ledger.wishes(Drain.LEARN, 30, 10) == ["a", "b"]
    keep(ledger, order("a"), version=1)
    assert ledger.wishes(Drain.LEARN, 30, 10) == ["b"]


def test_attention_lasts_as_long_as_its_cause(ledger: Ledger) -> None:
    """An order stands in the index of attention while any flag is up, without changing its status."""
    keep(ledger, order("a", flags=FLAGS), order("b"))
    assert ledger.attention_ids(0, 10) == ["a"]
    keep(ledger, order("a", ordered={"x": 1}, released=True), version=1)
    assert ledger.attention_ids(0, 10) == []


def test_attention_that_the_facts_show_is_indexed(ledger: Ledger) -> None:
    """What follows from the document counts like what was flagged from outside."""
    keep(ledger, order("a", Status.REQUESTED, at=In(0), canceled_at=1))
    assert ledger.attention_ids(0, 10) == ["a"]


def test_attention_is_listed_from_the_oldest_page_by_page(world: World) -> None:
    """An order keeps the place of its first flag, however often it is saved."""
    ledger = world.ledger()
    for name in "cab":
        flagged = ledger.now()
        keep(ledger, order(name, flags=FLAGS))
        world.eventually(lambda since=flagged: ledger.now() > since + 1)  # type: ignore[misc]
    keep(ledger, order("c", flags=FLAGS, reason="again"), version=1)
    assert ledger.attention_ids(0, 10) == ["c", "a", "b"]
    assert ledger.attention_ids(1, 1) == ["a"]


def test_an_empty_store_has_empty_indexes(ledger: Ledger) -> None:
    """Nothing was saved: nothing waits."""
    now = ledger.now()
    assert ledger.counts() == dict.fromkeys(Status, 0)
    assert ledger.due(now, 10) == ledger.expired(now, 10) == ledger.wishes(Drain.LEARN, now, 10) == []
    assert ledger.attention_ids(0, 10) == ledger.order_ids(Status.FAILED, 0, 10) == []
