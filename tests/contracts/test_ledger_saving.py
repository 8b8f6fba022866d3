from dataclasses import replace

from tests.contracts.samples import FULL_ORDER, keep, ms, order
from tests.contracts.worlds import World
from worker.domain.order import At, In, Status
from worker.ports import Change, Drain, Ledger, Lost, OwnedBy, Saved


def test_a_new_order_is_saved_as_its_first_version(world: World) -> None:
    """What was saved is what is read, and it is counted where it entered."""
    ledger = world.ledger()
    new = order(at=At(5))
    assert ledger.save([Change(order=new, version=0)]) == [Saved(1)]
    stored = ledger.load([new.order_id])[0][new.order_id]
    assert (stored.order, stored.version) == (new, 1)
    assert world.counters()["entered:waiting"] == 1


def test_every_field_of_an_order_survives(ledger: Ledger) -> None:
    """A document is read as it was written, at whatever version."""
    keep(ledger, FULL_ORDER)
    keep(ledger, replace(FULL_ORDER, attempts=5), version=1)
    stored = ledger.load([FULL_ORDER.order_id])[0][FULL_ORDER.order_id]
    assert (stored.order, stored.version) == (replace(FULL_ORDER, attempts=5), 2)


def test_a_save_over_an_old_version_is_lost(ledger: Ledger) -> None:
    """Who decided on what another writer has changed since must decide again; the other's save stays."""
    keep(ledger, order())
    keep(ledger, order(reason="second"), version=1)
    late = order(reason="late")
    assert ledger.save([Change(order=late, version=1), Change(order=late, version=0)]) == [Lost(), Lost()]
    assert ledger.load([late.order_id])[0][late.order_id].order.reason == "second"


def test_a_save_over_an_order_that_is_gone_is_lost(ledger: Ledger) -> None:
    """A version that was read belongs to a document; without it there is nothing to save over."""
    assert ledger.save([Change(order=order(), version=3)]) == [Lost()]
    assert ledger.load([order().order_id]) == ({}, {})


def test_each_order_of_a_call_is_saved_or_refused_on_its_own(ledger: Ledger) -> None:
    """One lost race does not cost the others their save, and the answers keep the order of the changes."""
    keep(ledger, order("b"))
    changes = [Change(order=order(name), version=0) for name in "abc"]
    assert ledger.save(changes) == [Saved(1), Lost(), Saved(1)]


def test_an_order_that_a_call_names_twice_is_saved_once(ledger: Ledger) -> None:
    """The second change was decided on the version that the first one replaced."""
    changes = [Change(order=order(reason=reason), version=0) for reason in ("first", "second")]
    assert ledger.save(changes) == [Saved(1), Lost()]
    assert ledger.load([order().order_id])[0][order().order_id].order.reason == "first"


def test_nothing_to_save_is_nothing_saved(ledger: Ledger) -> None:
    """An empty call has an empty answer."""
    assert ledger.save([]) == []
    assert ledger.load([]) == ({}, {})


def test_relative_moments_are_fixed_by_the_servers_clock(ledger: Ledger) -> None:
    """A deadline counts from the moment of the save, not from when somebody read a clock."""
    before = ledger.now()
    keep(ledger, order(at=In(5_000), learn_at=In(70)))
    after = ledger.now()
    stored = ledger.load([order().order_id])[0][order().order_id].order
    assert before + 5_000 <= ms(stored.at) <= after + 5_000
    assert ms(stored.learn_at) == ms(stored.at) - 4_930


def test_absolute_moments_stay_to_the_millisecond(ledger: Ledger) -> None:
    """A moment that is fixed already is kept as it is, in the document and in the indexes."""
    at, learn_at = 1_999_999_999_999, 1_999_999_999_998
    keep(ledger, order(status=Status.DUE, at=At(at), learn_at=At(learn_at)))
    stored = ledger.load([order().order_id])[0][order().order_id].order
    assert (stored.at, stored.learn_at) == (At(at), At(learn_at))
    assert (ledger.due(at - 1, 1), ledger.due(at, 1)) == ([], [order().order_id])
    assert (ledger.wishes(Drain.LEARN, learn_at - 1, 1), ledger.wishes(Drain.LEARN, learn_at, 1)) == (
        [],
        [order().order_id],
    )


def test_a_load_returns_what_exists(ledger: Ledger) -> None:
    """Unknown ids and codes are simply not in the answer; asking twice for one changes nothing."""
    keep(ledger, order("a", remote_code="1"))
    orders, owners = ledger.load(["a", "b", "a"], ["1", "2", "1"])
    assert {name: stored.version for name, stored in orders.items()} == {"a": 1}
    assert owners == {"1": "a"}
    assert ledger.load([], ["1"]) == ({}, {"1": "a"})


def test_a_new_order_under_anothers_remote_code_is_not_saved(ledger: Ledger) -> None:
    """One order, one document: the events of a second id go to the owner of the code."""
    keep(ledger, order("a", remote_code="1"))
    changes = [Change(order=order("b", remote_code="1"), version=0)]
    assert ledger.save(changes) == [OwnedBy("a")]
    assert ledger.load(["b"], ["1"]) == ({}, {"1": "a"})


def test_the_surest_guess_is_owned_until_the_code_is_known(ledger: Ledger) -> None:
    """The first code that an order may have leads to it; a code that is learned leads to it as well."""
    keep(ledger, order("a", guessed_codes=("1-01", "1")))
    assert ledger.load([], ["1-01", "1"])[1] == {"1-01": "a"}
    keep(ledger, order("a", remote_code="1"), version=1)
    assert ledger.load([], ["1-01", "1"])[1] == {"1-01": "a", "1": "a"}


def test_a_code_that_a_known_order_learns_late_stays_with_its_owner(ledger: Ledger) -> None:
    """A document that exists keeps its events; who was first keeps the code."""
    keep(ledger, order("a", remote_code="1"), order("b"))
    keep(ledger, order("b", remote_code="1"), version=1)
    assert ledger.load([], ["1"])[1] == {"1": "a"}
