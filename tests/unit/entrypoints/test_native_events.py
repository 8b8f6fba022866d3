"""Native events as they are handed in, over HTTP or by the command line."""

import json

import pytest

from tests.fixtures.native_events import INVOICED, SHORTEST, changed
from worker.domain.events import Addressed
from worker.entrypoints.native_events import Origin, Unread, came_by, kept, origin_of, read_or_keep


def test_an_event_is_read_from_bytes_or_as_a_value() -> None:
    """With the store it names, or that of events which name none."""
    without = changed(SHORTEST, "store", value=...)
    for content in (INVOICED, json.dumps(INVOICED).encode()):
        read = read_or_keep(content, "other")
        assert isinstance(read, Addressed)
        assert read.store == "acme"
    read = read_or_keep(without, "other")
    assert isinstance(read, Addressed)
    assert read.store == "other"


def test_what_is_no_event_is_ready_to_be_kept() -> None:
    """Its body, what is wrong, and the store it belongs to as far as that is known."""
    for content in (b"{", b"\xff", 7, {"store": "acme"}, {"store": "acme", "odd": {1, 2}}):
        read = read_or_keep(content, "other")
        assert isinstance(read, Unread)
        assert read.store == ("acme" if isinstance(content, dict) else "other")
        assert read.kept.reason
    assert kept(b"\xff{", "reason").body == "\ufffd{"
    assert json.loads(kept({"args": [1, None]}, "reason").body) == {"args": [1, None]}
    assert json.loads(kept({"buyer": {"name": "Ana"}}, "reason").body) == {"buyer": "…"}


@pytest.mark.parametrize("origin", Origin)
@pytest.mark.parametrize("order_id", ["", "BWW-1", "Lojas Americanas-1, by night: 2", "'\\x00'", "a\nb"])
def test_a_reason_tells_the_door_that_a_body_came_through(origin: Origin, order_id: str) -> None:
    """Whatever the order is called."""
    assert origin_of(came_by(origin, "found 5, expected a JSON object", order_id)) is origin


@pytest.mark.parametrize(
    "body", [b"{", b"5", b"[]", b'"by the Orders hook: x"', b"{}", b'{"event": "by the Orders hook: "}']
)
@pytest.mark.parametrize("name", ["store", "order_id", "occurred_at", "invoice", "order"])
def test_the_reason_of_a_native_event_tells_none(body: bytes, name: str) -> None:
    """Whatever stands in it."""
    odd = {**INVOICED, name: [f"by {Origin.HOOK}: x"], "carrier": f"order 1, by {Origin.HOOK}: x"}
    for content in (body, odd, {**odd, "order": f"order 1, by {Origin.HOOK}: x"}):
        read = read_or_keep(content)
        assert isinstance(read, Unread)
        assert origin_of(read.kept.reason) is None
