import pytest

from tests.contracts.samples import keep, order
from tests.contracts.worlds import RedisWorld, World
from worker.domain.order import At, Status
from worker.ports import Change, CloseKey, KeyClosed, KeyHeld, Ledger, Saved, TakeKey

TAKE = TakeKey("code", 1, "token")
CLOSE = CloseKey("code", 1)


def change(order_id: str, version: int, key: TakeKey | CloseKey) -> Change:
    """Return the save of an order with a step of its key."""
    status = Status.REQUESTING if isinstance(key, TakeKey) else Status.REQUESTED
    return Change(order=order(order_id, status), version=version, key=key)


def test_a_claim_takes_the_key_of_its_pickup(redis_world: RedisWorld) -> None:
    """The key says which order took it, with which claim."""
    assert redis_world.ledger().save([change("a", 0, TAKE)]) == [Saved(1)]
    assert redis_world.raw.get(redis_world.keys.pickup("code", 1)) == "a token"


@pytest.mark.parametrize("step", [TAKE, CLOSE])
def test_a_key_that_another_order_took_refuses(ledger: Ledger, step: TakeKey | CloseKey) -> None:
    """Two orders never request or settle one pickup: the second is told whose it is, and is not saved."""
    ledger.save([change("a", 0, TAKE)])
    assert ledger.save([change("b", 0, step)]) == [KeyHeld("a")]
    assert ledger.load(["b"]) == ({}, {})


def test_the_same_order_takes_its_key_again(ledger: Ledger) -> None:
    """A claim that came to nothing can be made again: the key is the order's, not the attempt's."""
    ledger.save([change("a", 0, TAKE)])
    assert ledger.save([change("a", 1, TakeKey("code", 1, "other"))]) == [Saved(2)]


def test_a_closed_key_refuses_a_claim(ledger: Ledger) -> None:
    """Once a key says that SkyHub has the pickup, nobody requests it again, and nothing is saved."""
    ledger.save([change("a", 0, TAKE)])
    assert ledger.save([change("a", 1, CLOSE)]) == [Saved(2)]
    assert ledger.save([change("a", 2, TAKE)]) == [KeyClosed()]
    assert ledger.load(["a"])[0]["a"].order.status is Status.REQUESTED


def test_a_key_can_be_closed_twice(ledger: Ledger) -> None:
    """Settling what is settled is no error."""
    ledger.save([change("a", 0, CLOSE)])
    assert ledger.save([change("a", 1, CLOSE)]) == [Saved(2)]


def test_a_pickup_that_was_found_closes_its_key_unclaimed(ledger: Ledger) -> None:
    """An order that a person requested is closed to us as well."""
    ledger.save([change("a", 0, CLOSE)])
    assert ledger.save([change("a", 1, TAKE)]) == [KeyClosed()]


def test_each_round_has_its_own_key(ledger: Ledger) -> None:
    """Only an operator's new round opens a pickup again."""
    ledger.save([change("a", 0, CLOSE)])
    assert ledger.save([change("a", 1, TakeKey("code", 2, "token"))]) == [Saved(2)]


def test_a_lost_race_leaves_the_key_alone(ledger: Ledger) -> None:
    """A claim that is not saved takes nothing."""
    keep(ledger, order("a"))
    ledger.save([change("a", 0, TAKE)])
    assert ledger.save([change("b", 0, TAKE)]) == [Saved(1)]


def test_a_key_outlives_its_document(world: World) -> None:
    """An order that was forgotten and comes back is not requested again."""
    ledger = world.ledger(retention_ms=20)
    ended = Change(order=order("a", Status.REQUESTED, at=At(ledger.now())), version=0, key=CLOSE)
    ledger.save([ended])
    world.eventually(lambda: not ledger.load(["a"])[0])
    assert ledger.save([change("a", 0, TAKE)]) == [KeyClosed()]


def test_a_key_lives_as_long_as_the_deployment_says(world: World) -> None:
    """After its lifetime a key is free."""
    ledger = world.ledger(key_ms=40)
    ledger.save([change("a", 0, TAKE)])
    world.eventually(lambda: ledger.save([change("b", 0, TAKE)]) == [Saved(1)])
