from tests.contracts.samples import a_backlog, canceled, keep, order
from tests.contracts.worlds import World
from worker.domain.order import At, Status
from worker.ports import Drain, Pause


def test_backlogs_say_what_waits_in_each_store(world: World) -> None:
    """One look tells a sweep where work waits, by the server's time; what is not due yet does not count."""
    fleet = world.fleet()
    ledger = fleet.ledger("acme")
    now, later = ledger.now(), ledger.now() + 3_600_000
    ledger.append([canceled("1"), canceled("2")])
    for name, status in (("d", Status.DUE), ("r", Status.REQUESTING)):
        keep(ledger, order(f"{name} now", status, at=At(now)), order(f"{name} later", status, at=At(later)))
    keep(ledger, *(order(f"w{n}", learn_at=At(now)) for n in range(3)), order("w later", learn_at=At(later)))
    ledger.pause(Pause(), "operator", "holidays", 0, 0)
    ledger.back_off(Drain.PICKUPS, "p", 1, 60_000, "down")
    ledger.back_off(Drain.LEARN, "l", 2, 60_000, "down")
    [acme, beta], server_now = fleet.backlogs(["acme", "beta"])
    assert (acme.store, acme.inbox, acme.due, acme.expired, acme.learns) == ("acme", 2, 1, 1, 3)
    assert acme.pause == ledger.standing(Drain.PICKUPS).pause
    assert (acme.backoffs[Drain.PICKUPS].token, acme.backoffs[Drain.LEARN].token) == ("p", "l")
    assert beta == a_backlog("beta")
    assert now <= server_now <= ledger.now()


def test_no_store_has_no_backlog(world: World) -> None:
    """Without stores there is only the time."""
    backlogs, now = world.fleet().backlogs([])
    assert backlogs == []
    assert now > 0


def test_stores_do_not_see_each_other(world: World) -> None:
    """The same order id, code and drain in two stores are two."""
    acme, beta = (world.fleet().ledger(store) for store in ("acme", "beta"))
    keep(acme, order("a", remote_code="1"))
    assert beta.load(["a"], ["1"]) == ({}, {})
    keep(beta, order("b", remote_code="1"))
    acme.append([canceled()])
    assert beta.exchange([], [], 10)[1] == []
    assert (acme.store, beta.store) == ("acme", "beta")


def test_orders_of_many_stores_are_loaded_together(world: World) -> None:
    """Each store's own, by its ids and codes, as its ledger loads them; of however many stores."""
    fleet = world.fleet()
    keep(fleet.ledger("acme"), order("a", remote_code="1"))
    keep(fleet.ledger("store-149"), order("a"), order("b", remote_code="2"))
    stores = ["acme", *(f"store-{n}" for n in range(150))]

    found = fleet.load_each({store: (["a", "b"], ["1", "2"]) for store in stores})

    assert list(found) == stores
    for store in ("acme", "beta", "store-149"):
        assert found.get(store, ({}, {})) == fleet.ledger(store).load(["a", "b"], ["1", "2"])
    assert [store for store, (known, _) in found.items() if known] == ["acme", "store-149"]
    assert fleet.load_each({}) == {}
