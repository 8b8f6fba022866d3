"""What the doors say is counted by store, door and outcome."""

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from tests.fixtures.door_calls import ALL, DoorCall
from tests.unit.entrypoints.web.world import World, bearer
from worker.metrics import Door

EACH = pytest.mark.parametrize("door", ALL, ids=lambda door: door.path("acme", "1"))
DOORS = {"/v1": Door.NATIVE, "/pick-and-pack": Door.PICK_AND_PACK}


def _name(door: DoorCall) -> Door:
    path = door.path("acme", "BWW-1")
    known = next((name for start, name in DOORS.items() if path.startswith(start)), None)
    return known or (Door.HOOK if path == "/vtex/acme/hook" else Door.CONNECTOR)


def _counted(world: World) -> dict[tuple[str, str], int]:
    """Return what was counted, by store and field."""
    tally = world._doors.service().tally
    return {(store, field): times for store, counts in tally._gathered.items() for field, times in counts.items()}


@EACH
def test_an_accepted_event_is_counted(door: DoorCall) -> None:
    """Under its door."""
    world = World()
    assert world.knock(door).is_success
    assert _counted(world) == {("acme", f"door:{_name(door)}:accepted"): 1}


@EACH
def test_a_wrong_token_is_counted_as_refused(door: DoorCall) -> None:
    """Under the store if there is one of this name, else under none."""
    world = World()
    world.knock(door, headers=bearer("other"))
    world.post(door.path("stranger", "BWW-1"), content=b"{}")
    refused = f"door:{_name(door)}:refused"
    assert _counted(world) == {("acme", refused): 1, ("", refused): 1}


@EACH
def test_what_is_not_saved_is_counted_as_unsaved(door: DoorCall) -> None:
    """The sender is told to send it again."""
    world = World()

    def away(_: object) -> None:
        raise RedisConnectionError("away")

    world.fleet.trouble = away
    assert world.knock(door).status_code == 503
    assert _counted(world) == {("acme", f"door:{_name(door)}:unsaved"): 1}


def test_a_list_is_counted_by_its_events() -> None:
    """Some accepted, some rejected."""
    world = World()
    good = '{"order_id": "BWW-1", "occurred_at": "2026-11-20T12:00:00Z", "reason": "x"}'
    world.post("/v1/acme/order-canceled", content=f'[{good}, {{"order_id": 3}}, {good}]'.encode())
    assert _counted(world) == {("acme", "door:native:accepted"): 2, ("acme", "door:native:rejected"): 1}


def test_a_push_that_cannot_be_read_is_rejected_and_announces_its_order() -> None:
    """Two things are saved of it, and none refused."""
    world = World()
    assert world.post("/vtex/acme/pub/orders/BWW-1/invoice", content=b"{").status_code == 422
    assert _counted(world) == {("acme", "door:connector:accepted"): 1, ("acme", "door:connector:rejected"): 1}


def test_an_order_named_hook_is_no_hook() -> None:
    """Its path only ends like one."""
    world = World()
    world.post("/vtex/acme/pvt/orders/hook/cancel", headers={})
    world.post("/vtex/acme/pub/orders/x%2Fhook/invoice", headers={})
    assert _counted(world) == {("acme", "door:connector:refused"): 2}
