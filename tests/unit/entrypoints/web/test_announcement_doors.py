"""The doors for notifications: VTEX's Orders hook and Pick and Pack's webhook."""

import json
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.fixtures.customer_data import FIELDS, spoken_of
from tests.fixtures.door_calls import HOOK, WEBHOOK, DoorCall, named
from tests.unit.entrypoints.web.world import NOW, World, bearer
from worker.domain.events import Announcer, OrderAnnounced
from worker.entrypoints.native_events import Origin, came_by

BOTH = pytest.mark.parametrize("door", [HOOK, WEBHOOK], ids=named)
ORIGINS = {HOOK: Origin.HOOK, WEBHOOK: Origin.WEBHOOK}
TAKEN = (200, {"taken": True, "reason": ""})
LONG_FORM = {
    "Domain": "Fulfillment",
    "OrderId": "BWW-1",
    "State": "ready-for-handling",
    "LastState": "window-to-cancel",
    "LastChange": "2019-08-14T17:11:39.2550122Z",
    "CurrentChange": "2019-08-14T17:12:48.0965893Z",
    "Origin": {"Account": "acme", "Key": "vtexappkey-acme"},
}


def _send(world: World, door: DoorCall, content: object) -> tuple[int, Any]:
    answer = world.knock(door, json.dumps(content).encode())
    return answer.status_code, answer.json()


@pytest.mark.parametrize(("door", "by"), [(HOOK, Announcer.HOOK), (WEBHOOK, Announcer.PICK_AND_PACK)])
def test_a_notification_is_in_the_inbox_when_the_answer_comes(door: DoorCall, by: Announcer) -> None:
    """With the announcer's own word."""
    world = World()

    assert _send(world, door, door.content("BWW-1")) == TAKEN
    (event,) = world.fleet.inbox("acme")
    assert isinstance(event, OrderAnnounced)
    assert (event.order_id, event.by, event.state.lower()) == ("BWW-1", by, "invoiced")
    assert event.occurred_at == NOW
    assert world.hinted == [{"acme"}]


def test_the_hooks_ping_is_answered() -> None:
    """Saving its configuration sends one, and must get 200; nothing is saved."""
    world = World()

    assert _send(world, HOOK, {"hookConfig": "ping"}) == TAKEN
    assert world.fleet.writes == []


@pytest.mark.parametrize("state", ["ready-for-handling", "something-new", "", None])
@pytest.mark.parametrize("form", [LONG_FORM, HOOK.content("BWW-1")])
def test_the_hook_takes_both_forms_and_any_state(form: dict[str, Any], state: str | None) -> None:
    """Hooks arrive with states that nobody configured."""
    world = World()

    assert _send(world, HOOK, {**form, "State": state}) == TAKEN
    assert [event.order_id for event in world.fleet.inbox("acme")] == ["BWW-1"]


@BOTH
@pytest.mark.parametrize(
    "content", [{}, {"OrderId": ["1"], "orderId": {}}, {"hookConfig": "pong"}, {"State": {"items": []}}]
)
def test_an_object_that_is_no_notification_is_answered_with_200_and_kept(door: DoorCall, content: object) -> None:
    """Its sender would repeat it for days; the answer and the operator are told why it is of no use."""
    world = World()

    status, answer = _send(world, door, content)

    assert (status, answer["taken"]) == (200, False)
    assert [(json.loads(body), reason) for body, reason in world.fleet.rejected("acme")] == [
        (content, came_by(ORIGINS[door], answer["reason"]))
    ]
    assert world.fleet.writes == []


@BOTH
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"null", b"\xff\xfe{}", b"NaN", b"[" * 100_000])
def test_what_is_no_object_is_422_and_kept(door: DoorCall, body: bytes) -> None:
    """VTEX and Pick and Pack send none such."""
    world = World()

    answer = world.knock(door, body)

    assert (answer.status_code, answer.json()["taken"]) == (422, False)
    assert [reason for _, reason in world.fleet.rejected("acme")] == [came_by(ORIGINS[door], answer.json()["reason"])]


@BOTH
def test_the_content_type_does_not_matter(door: DoorCall) -> None:
    """It is not documented."""
    assert World().knock(door, headers=bearer(**{"Content-Type": "text/plain"})).status_code == 200


@BOTH
def test_nothing_of_a_customer_is_kept_or_logged(door: DoorCall) -> None:
    """What is no notification may be anything."""
    for content in (FIELDS, [FIELDS], json.dumps(FIELDS)):
        world = World()
        with capture_logs() as logs:
            _, answer = _send(world, door, content)

        assert not answer["taken"]
        kept = world.fleet.rejected("acme")
        assert "customer" in str(kept)
        assert spoken_of(kept) + spoken_of(logs) + spoken_of(answer) == []
