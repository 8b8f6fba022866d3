"""All stores at a glance, on every engine: how each stands, and which were ever served."""

import pytest

from tests.contracts.samples import a_backlog, canceled, keep, order, unreadable
from tests.contracts.worlds import RedisWorld, World
from worker.domain.order import At, Attention, Status
from worker.ports import Drain, Overview, Pause

NOTHING = dict.fromkeys(Status, 0)


def stores(count: int) -> list[str]:
    """Name so many stores."""
    return [f"store-{number}" for number in range(count)]


def test_an_overview_says_how_each_store_stands(world: World) -> None:
    """Orders by status, what needs an eye, what was rejected, what was due first, and what a sweep sees."""
    fleet = world.fleet()
    ledger = fleet.ledger("acme")
    now = ledger.now()
    flagged = frozenset({Attention.LISTED_AFTER_REQUEST})
    for count, status in enumerate(Status, 1):
        keep(ledger, *(order(f"{status}-{n}", status, at=At(now - 1000 * n)) for n in range(count)))
    keep(ledger, *(order(f"flagged-{n}", flags=flagged, at=At(now)) for n in range(2)))
    keep(ledger, order("later", Status.DUE, at=At(now + 60_000)))
    ledger.append([canceled("1"), canceled("2")])
    ledger.reject([unreadable("a"), unreadable("b"), unreadable("c")])
    ledger.pause(Pause(), "an operator", "holidays", 0, 0)
    [acme, beta] = fleet.overview(["acme", "beta"])
    expected = {status: count for count, status in enumerate(Status, 1)}
    assert acme.counts == {**expected, Status.WAITING: 3, Status.DUE: 3}
    assert acme.counts == ledger.counts()
    assert (acme.attention, acme.rejected, acme.oldest_due) == (2, 3, now - 1000)
    assert (acme.backlog.store, acme.backlog.inbox, acme.backlog.due, acme.backlog.pause.active) == ("acme", 2, 2, True)
    assert now <= acme.now <= ledger.now()
    assert (beta.counts, beta.attention, beta.rejected, beta.oldest_due) == (NOTHING, 0, 0, None)
    assert beta.backlog == a_backlog("beta")


def test_what_is_due_later_is_the_oldest_where_nothing_else_is_due(world: World) -> None:
    """The time it was to be requested, past or not; requested and failed orders are none of it."""
    fleet = world.fleet()
    ledger = fleet.ledger("acme")
    now = ledger.now()
    keep(ledger, order("later", Status.DUE, at=At(now + 60_000)), order("f", Status.FAILED, at=At(now - 5)))
    keep(ledger, order("r", Status.REQUESTED, at=At(now - 9)))
    [acme] = fleet.overview(["acme"])
    assert (acme.oldest_due, acme.backlog.due) == (now + 60_000, 0)


def test_an_overview_says_whether_the_server_changed(identified_world: World) -> None:
    """As the last standing of a drain says it."""
    fleet = identified_world.fleet()
    ledger = fleet.ledger("acme")
    assert [(each.changed_at, each.doubted) for each in fleet.overview(["acme"])] == [(0, True)]
    ledger.standing(Drain.PICKUPS)
    identified_world.change_server()
    standing = ledger.standing(Drain.PICKUPS)
    assert standing.changed_at > 0
    assert [(each.changed_at, each.doubted) for each in fleet.overview(["acme"])] == [(standing.changed_at, False)]
    ledger.doubted(standing.changed_at)
    assert [(each.changed_at, each.doubted) for each in fleet.overview(["acme"])] == [(standing.changed_at, True)]


@pytest.mark.parametrize("count", [0, 1, 100, 250])
def test_an_overview_has_one_row_a_store_in_the_order_asked_for(world: World, count: int) -> None:
    """However many: none is left out, none stands in another's row."""
    fleet, names = world.fleet(), stores(count)
    marked = {names[n]: n + 1 for n in (0, 99, 100, 199, 249) if n < count}
    for store, events in marked.items():
        fleet.ledger(store).append([canceled(str(n)) for n in range(events)])
        keep(fleet.ledger(store), order(store, Status.DUE, at=At(events)))
    rows = fleet.overview(names)
    assert [row.backlog.store for row in rows] == names
    assert {row.backlog.store: row.backlog.inbox for row in rows if row.backlog.inbox} == marked
    assert {row.backlog.store: row.oldest_due for row in rows if row.oldest_due is not None} == marked
    assert {row.backlog.store for row in rows if row.counts[Status.DUE]} == marked.keys()


def overview(**holds: int) -> Overview:
    """Describe a store that holds so much of one thing, and nothing else."""
    backlog = a_backlog(inbox=holds.get("inbox", 0))
    counts = {status: holds.get(status, 0) for status in Status}
    return Overview(
        backlog=backlog, now=1, counts=counts, attention=0, rejected=holds.get("rejected", 0), oldest_due=None
    )


@pytest.mark.parametrize("what", ["inbox", "rejected", *Status])
def test_a_store_that_holds_anything_is_shown(what: str) -> None:
    """An event, a rejected one, an order in any status; without any of these there is nothing to show."""
    assert overview(**{what: 1}).holds_anything
    assert not overview().holds_anything


def test_every_store_that_was_served_is_remembered(world: World) -> None:
    """By every process, for good; who asks without a store of its own adds none."""
    assert world.fleet().remember([]) == set()
    assert world.fleet().remember(["acme", "beta"]) == {"acme", "beta"}
    assert world.fleet().remember(["beta", "a.b_c-D"]) == {"acme", "beta", "a.b_c-D"}
    assert world.fleet().remember([]) == {"acme", "beta", "a.b_c-D"}


def test_what_is_remembered_has_no_end(redis_world: RedisWorld) -> None:
    """A store that was taken out a year ago is paused still."""
    redis_world.fleet().remember(["acme"])
    assert redis_world.raw.ttl("coleta:{_}:stores") == -1
