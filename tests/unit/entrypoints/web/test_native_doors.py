"""The doors for native events."""

import json
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.fixtures.customer_data import FIELDS, spoken_of
from tests.fixtures.door_calls import ORDER_CANCELED, ORDER_INVOICED, DoorCall, named
from tests.fixtures.native_events import CANCELED, INVOICED, SHORTEST, changed
from tests.unit.entrypoints.web.world import World, bearer
from worker.domain.events import OrderCanceled, OrderInvoiced

BOTH = pytest.mark.parametrize("door", [ORDER_INVOICED, ORDER_CANCELED], ids=named)


def _send(world: World, door: DoorCall, content: object) -> tuple[int, Any]:
    answer = world.knock(door, json.dumps(content).encode())
    return answer.status_code, answer.json()


def test_an_event_is_in_the_inbox_when_the_answer_comes() -> None:
    """As it was sent, and the store is hinted at."""
    world = World()

    assert _send(world, ORDER_INVOICED, INVOICED) == (202, {"accepted": 1, "rejected": []})
    (event,) = world.fleet.inbox("acme")
    assert isinstance(event, OrderInvoiced)
    assert (event.order_id, event.invoice.number) == (INVOICED["order_id"], "4021-1")
    assert world.hinted == [{"acme"}]


def test_events_may_leave_their_store_out() -> None:
    """The path names it."""
    world = World()

    assert _send(world, ORDER_INVOICED, [changed(INVOICED, "store", value=...), SHORTEST])[0] == 202
    assert len(world.fleet.inbox("acme")) == 2


@BOTH
def test_both_kinds_of_events_come_through_either_door(door: DoorCall) -> None:
    """What names its kind is taken as that."""
    world = World()

    assert _send(world, door, [{**INVOICED, "event": "OrderInvoiced"}, CANCELED])[1]["accepted"] == 2
    assert [type(event) for event in world.fleet.inbox("acme")] == [OrderInvoiced, OrderCanceled]


def test_a_cancel_need_not_say_so_at_its_own_door() -> None:
    """Without `event` it is an OrderCanceled there."""
    world = World()

    assert _send(world, ORDER_CANCELED, changed(CANCELED, "event", value=...))[0] == 202
    assert [type(event) for event in world.fleet.inbox("acme")] == [OrderCanceled]


@BOTH
def test_what_is_no_event_is_named_and_kept_and_the_rest_is_taken(door: DoorCall) -> None:
    """Each with its place in the list; an event of another store is none of this one."""
    world = World()
    good = {**SHORTEST, "event": "OrderInvoiced"}
    foreign = {**good, "store": "other"}
    content = [7, good, {**good, "order_id": ""}, foreign, None, "text", [good], good, {**good, "event": "Other"}]

    status, answer = _send(world, door, content)

    assert (status, answer["accepted"]) == (202, 2)
    assert [each["index"] for each in answer["rejected"]] == [0, 2, 3, 4, 5, 6, 8]
    assert answer["rejected"][2]["reason"] == "store: found 'other', expected 'acme' or none, as in the path"
    kept = world.fleet.rejected("acme")
    assert [reason for _, reason in kept] == [each["reason"] for each in answer["rejected"]]
    assert json.loads(kept[2][0]) == foreign
    assert world.fleet.inbox("other") == []


@BOTH
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe{}",
        b'"text"',
        b"null",
        b"7",
        b"{}",
        b"[{}, {}]",
        b'{"order_id": NaN}',
        b"[" * 100_000,
        b'{"a":' * 500 + b"1" + b"}" * 500,
        b'{"order_id": ' + b"1" * 4_000 + b"}",
        b'{"order_id": "\\ud800"}',
    ],
)
def test_nothing_acceptable_is_422_with_the_reasons_and_kept(door: DoorCall, body: bytes) -> None:
    """Whatever it is: no bytes, no JSON, no UTF-8, nested too deep, no event."""
    world = World()

    answer = world.knock(door, body)

    assert (answer.status_code, answer.json()["accepted"]) == (422, 0)
    assert answer.json()["rejected"]
    assert len(world.fleet.rejected("acme")) == len(answer.json()["rejected"])
    assert (world.fleet.inbox("acme"), world.hinted) == ([], [set()])


@BOTH
def test_an_empty_list_is_nothing(door: DoorCall) -> None:
    """Which was hardly meant; there is nothing to keep."""
    world = World()

    assert _send(world, door, []) == (422, {"accepted": 0, "rejected": []})
    assert world.fleet.rejected("acme") == []


def test_a_list_has_ten_thousand_events_at_most() -> None:
    """As many are taken in one write; of one more, nothing is."""
    world = World()
    small = {"order_id": "1", "occurred_at": "2026-11-20", "invoice": {"number": "1"}}

    assert _send(world, ORDER_INVOICED, [small] * 10_000) == (202, {"accepted": 10_000, "rejected": []})
    status, answer = _send(world, ORDER_INVOICED, [small] * 10_001)

    assert (status, answer["accepted"], len(answer["rejected"])) == (422, 0, 1)
    assert answer["rejected"][0]["index"] == 10_000
    assert len(world.fleet.inbox("acme")) == 10_000
    assert len(world.fleet.writes) == 1


@BOTH
@pytest.mark.parametrize(
    "said", ["application/json", "application/x-www-form-urlencoded", "text/plain", "application/xml; a=json", "", None]
)
def test_the_content_type_does_not_matter(door: DoorCall, said: str | None) -> None:
    """`curl -d` says that it sends a form; what is no JSON is found when it is read."""
    headers = bearer(**({"Content-Type": said} if said is not None else {}))

    assert World().knock(door, headers=headers).status_code == 202
    assert World().knock(door, b"order=1", headers=headers).status_code == 422


@BOTH
def test_nothing_of_a_customer_is_kept_or_logged(door: DoorCall) -> None:
    """Of an event that is refused for its fields, its kind or its store; alone, in a list, or as JSON inside a text."""
    refused = [
        FIELDS,
        {**SHORTEST, **FIELDS, "occurred_at": "soon"},
        {**SHORTEST, "event": "OrderInvoiced", "store": "other", "customer": FIELDS},
        {**SHORTEST, "event": "Other", "customer": FIELDS},
        json.dumps({**SHORTEST, **FIELDS}),
        [{**SHORTEST, **FIELDS, "order_id": []}],
    ]
    for content in (*refused, refused, [FIELDS] + [{}] * 10_000):
        world = World()
        with capture_logs() as logs:
            _, answer = _send(world, door, content)

        kept = world.fleet.rejected("acme")
        assert "customer" in str(kept)
        assert spoken_of(kept) + spoken_of(logs) + spoken_of(answer) == []


@BOTH
def test_a_byte_order_mark_does_no_harm(door: DoorCall) -> None:
    """Some systems write one before JSON."""
    assert World().knock(door, b"\xef\xbb\xbf" + door.body("BWW-1")).status_code == 202
