"""Native events as they are handed in, over HTTP or by the command line."""

import json

from tests.fixtures.native_events import INVOICED, SHORTEST, changed
from worker.adapters.native_event import NativeEvent
from worker.entrypoints.native_events import Unread, kept, read_or_keep


def test_an_event_is_read_from_bytes_or_as_a_value() -> None:
    """With the store it names, or that of events which name none."""
    without = changed(SHORTEST, "store", value=...)
    for content in (INVOICED, json.dumps(INVOICED).encode()):
        read = read_or_keep(content, "other")
        assert isinstance(read, NativeEvent)
        assert read.store == "acme"
    read = read_or_keep(without, "other")
    assert isinstance(read, NativeEvent)
    assert read.store == "other"


def test_what_is_no_event_is_ready_to_be_kept() -> None:
    """Its body as it came, what is wrong, and the store it belongs to as far as that is known."""
    for content in (b"{", b"\xff", 7, {"store": "acme"}, {"store": "acme", "odd": {1, 2}}):
        read = read_or_keep(content, "other")
        assert isinstance(read, Unread)
        assert read.store == ("acme" if isinstance(content, dict) else "other")
        assert read.kept.reason
    assert kept(b"\xff{", "reason").body == "\ufffd{"
    assert json.loads(kept({"a": [1, None]}, "reason").body) == {"a": [1, None]}
