"""The two indexes of wishes: what SkyHub is to be asked, and what is to be read again from the OMS."""

import pytest

from tests.contracts.samples import keep, ms, order
from tests.contracts.worlds import World
from worker.domain.order import ENDED, At, In, Order, Status, When
from worker.ports import Change, Drain, Ledger, Lost, Saved

DAY = 86_400_000
BOTH = (Drain.LEARN, Drain.REREAD)


def wishing(drain: Drain, when: When | None, name: str = "a", status: Status = Status.WAITING) -> Order:
    """Return an order with one wish."""
    field = "learn_at" if drain is Drain.LEARN else "reread_at"
    return order(name, status, at=In(0), **{field: when})


def wished(ledger: Ledger, now: int | None = None) -> dict[Drain, list[str]]:
    """Return what is wished now, by drain."""
    return {drain: ledger.wishes(drain, ledger.now() if now is None else now, 10) for drain in BOTH}


@pytest.mark.parametrize("drain", BOTH)
def test_a_wish_is_indexed_by_its_next_try(ledger: Ledger, drain: Drain) -> None:
    """It comes when its time has come, the longest wished first, no more than are asked for."""
    keep(ledger, *(wishing(drain, At(at), name) for name, at in (("c", 30), ("a", 10), ("b", 20))), order("d"))
    assert [ledger.wishes(drain, now, 10) for now in (9, 10, 29, 30)] == [[], ["a"], ["a", "b"], ["a", "b", "c"]]
    assert ledger.wishes(drain, 30, 2) == ["a", "b"]


@pytest.mark.parametrize("drain", BOTH)
def test_the_two_kinds_of_wish_do_not_touch_each_other(ledger: Ledger, drain: Drain) -> None:
    """Each goes with its own field, in the same save as everything else."""
    other = next(each for each in BOTH if each is not drain)
    keep(ledger, order("a", learn_at=At(5), reread_at=At(5)))
    assert wished(ledger) == {drain: ["a"], other: ["a"]}
    keep(ledger, wishing(drain, At(7)), version=1)
    assert wished(ledger) == {drain: ["a"], other: []}
    assert wished(ledger, 6) == {drain: [], other: []}
    keep(ledger, order("a"), version=2)
    assert wished(ledger) == {drain: [], other: []}


@pytest.mark.parametrize("drain", BOTH)
def test_a_wish_for_later_is_dated_by_the_servers_clock(ledger: Ledger, drain: Drain) -> None:
    """Document and index say the same moment."""
    before = ledger.now()
    keep(ledger, wishing(drain, In(60_000)))
    stored = ledger.load(["a"])[0]["a"].order
    at = ms(stored.learn_at if drain is Drain.LEARN else stored.reread_at)
    assert before + 60_000 <= at <= ledger.now() + 60_000
    assert (wished(ledger, at - 1)[drain], wished(ledger, at)[drain]) == ([], ["a"])
    assert (stored.learn_at is None, stored.reread_at is None) == (drain is not Drain.LEARN, drain is Drain.LEARN)


def test_a_save_that_lost_moves_no_wish(ledger: Ledger) -> None:
    """The wish of whoever was faster stands."""
    keep(ledger, wishing(Drain.REREAD, At(5)))
    assert ledger.save([Change(order=order("a"), version=0)]) == [Lost()]
    assert wished(ledger)[Drain.REREAD] == ["a"]


@pytest.mark.parametrize("status", Status)
def test_an_order_in_any_status_may_be_read_again(world: World, status: Status) -> None:
    """A cancel after the request still is news; counted for a sweep."""
    ledger = world.ledger()
    keep(ledger, wishing(Drain.REREAD, At(5), status=status), wishing(Drain.REREAD, In(60_000), "later"))
    assert wished(ledger)[Drain.REREAD] == ["a"]
    [backlog], _ = world.fleet().backlogs([ledger.store])
    assert (backlog.rereads, backlog.learns) == (1, 0)


@pytest.mark.parametrize("status", sorted(ENDED))
def test_the_wish_of_an_ended_order_is_forgotten_with_it(ledger: Ledger, status: Status) -> None:
    """Its line would keep a drain busy for ever."""
    old = At(ledger.now() - 2 * DAY)
    keep(
        ledger,
        *(order(name, status, at=at, learn_at=At(5), reread_at=At(5)) for name, at in (("old", old), ("young", In(0)))),
    )
    keep(ledger, order("open", at=old, learn_at=At(5), reread_at=At(5)))
    assert ledger.retire(DAY) == 1
    assert {drain: sorted(names) for drain, names in wished(ledger).items()} == {
        drain: ["open", "young"] for drain in BOTH
    }


def test_an_order_that_comes_back_does_not_inherit_a_wish(world: World) -> None:
    """The lines of a document that expired go with the first save of its successor."""
    ledger = world.ledger(retention_ms=20)
    keep(ledger, wishing(Drain.REREAD, In(0), status=Status.REQUESTED))
    world.eventually(lambda: not ledger.load(["a"])[0])
    assert ledger.save([Change(order=order("a"), version=0)]) == [Saved(1)]
    assert wished(ledger) == {Drain.LEARN: [], Drain.REREAD: []}
