"""Whether the check of a store's consistency sees what it is there to see."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from tests.contracts.samples import FULL_ORDER
from tests.contracts.worlds import STORE, RedisWorld, fake_world
from tests.faults.consistent import inconsistencies
from worker.domain.order import At, Order, Status
from worker.ports import Change, CloseKey, TakeKey

CLAIMED = FULL_ORDER
REQUESTED = replace(CLAIMED, order_id="second", remote_code="3", guessed_codes=(), status=Status.REQUESTED)
PLAIN = Order(order_id="third", skyhub_code="c", guessed_codes=("4",), status=Status.DUE, at=At(7), created_at=1)

Damage = Callable[[RedisWorld], object]
DAMAGES: dict[str, Damage] = {
    "a line is missing": lambda world: world.raw.zrem(world.keys.orders(Status.DUE), "third"),
    "a line too many": lambda world: world.raw.zadd(world.keys.orders(Status.WAITING), {"third": 7}),
    "a line of another time": lambda world: world.raw.zadd(world.keys.orders(Status.DUE), {"third": 8}),
    "a line of no document": lambda world: world.raw.delete(world.keys.order("third")),
    "a document of another status": lambda world: _restate(world, "third", "failed"),
    "a wish is not indexed": lambda world: world.raw.zrem(world.keys("learn"), CLAIMED.order_id),
    "a wish that nobody has": lambda world: world.raw.zadd(world.keys("reread"), {"third": 1}),
    "attention is not indexed": lambda world: world.raw.zrem(world.keys("attention"), CLAIMED.order_id),
    "attention to nothing": lambda world: world.raw.zadd(world.keys("attention"), {"third": 1}),
    "no idempotency key": lambda world: world.raw.delete(world.keys.pickup("3", 2)),
    "a key that does not say requested": lambda world: world.raw.set(world.keys.pickup("3", 2), "second token"),
    "a key of another claim": lambda world: world.raw.set(world.keys.pickup("1-01", 2), f"{CLAIMED.order_id} x"),
    "a key of no document": lambda world: world.raw.set(world.keys.pickup("9", 1), "ninth token"),
    "a code of no document": lambda world: world.raw.set(world.keys.code("9"), "ninth"),
}


def _restate(world: RedisWorld, order_id: str, status: str) -> None:
    """Let a document say another status."""
    parts = str(world.raw.get(world.keys.order(order_id))).split(" ")
    world.raw.set(world.keys.order(order_id), " ".join([*parts[:3], status, *parts[4:]]))


@pytest.fixture
def world() -> Iterator[RedisWorld]:
    """Give a store with an order that is claimed, one that is requested and one that is due."""
    world = fake_world()
    ledger = world.ledger()
    ledger.save([Change(order=CLAIMED, version=0, key=TakeKey("1-01", 2, "token"))])
    ledger.save([Change(order=REQUESTED, version=0, key=CloseKey("3", 2))])
    ledger.save([Change(order=PLAIN, version=0)])
    yield world
    world.close()


def test_what_was_saved_agrees(world: RedisWorld) -> None:
    """Saves alone never make documents, indexes and keys differ."""
    assert inconsistencies(world.raw, STORE) == []


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_each_thing_that_does_not_agree_is_said(world: RedisWorld, damage: Damage) -> None:
    """Whatever is taken out, added or changed on one side only is found."""
    damage(world)
    assert inconsistencies(world.raw, STORE) != []
