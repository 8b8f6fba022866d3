"""The hook of VTEX's orders, in every form that it may have."""

import json

import pytest

from tests.unit.adapters.vtex_bodies import HOOK, RECEIVED
from worker.adapters.vtex_connector import read_hook
from worker.domain.events import Announcer, OrderAnnounced
from worker.ports import UnreadableBodyError


def hook(**fields: object) -> OrderAnnounced:
    """Read a hook with these fields."""
    read = read_hook(json.dumps({**HOOK, **fields}).encode(), RECEIVED)
    assert read is not None
    return read


def test_a_hook_announces_a_state() -> None:
    """With VTEX's own word and the date of the change."""
    assert hook() == OrderAnnounced(
        order_id="BWW-Submarino-1",
        occurred_at=RECEIVED - 1_800_000 + 765,
        by=Announcer.HOOK,
        state="invoiced",
        vtex_id="BWW-Submarino-1",
    )


def test_both_spellings_of_the_fields_are_read() -> None:
    """The guide has PascalCase; a hook in the feed's spelling is borne."""
    camel = {name[0].lower() + name[1:]: value for name, value in HOOK.items()}
    assert read_hook(json.dumps(camel).encode(), RECEIVED) == hook()


@pytest.mark.parametrize("none", [None, "", "0001-01-01T00:00:00", "soon", 7, {}])
def test_a_hook_is_dated_as_well_as_it_can_be(none: object) -> None:
    """The guide's form has no CurrentChange; a hook without any date is of its arrival."""
    assert hook(CurrentChange=none).occurred_at == RECEIVED - 3_600_000 + 123
    assert hook(CurrentChange=none, LastChange=none).occurred_at == RECEIVED
    assert read_hook(b'{"OrderId": "A-1"}', RECEIVED) == OrderAnnounced(
        order_id="A-1", occurred_at=RECEIVED, by=Announcer.HOOK, vtex_id="A-1"
    )


@pytest.mark.parametrize(("state", "read"), [(None, ""), ("", ""), ("brand-new", "brand-new"), ({"a": 1}, "")])
def test_any_state_is_borne(state: object, read: str) -> None:
    """Hooks arrive with states that nobody configured, and with null."""
    assert hook(State=state).state == read


@pytest.mark.parametrize("body", [b'{"hookConfig":"ping"}', b'{"hookConfig":" PING ","more":1}'])
def test_a_ping_announces_nothing(body: bytes) -> None:
    """Saving the hook's configuration sends it."""
    assert read_hook(body, RECEIVED) is None


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"OrderId": None}, "OrderId: found None, "),
        ({"OrderId": " "}, "OrderId: found ' ', "),
        ({"OrderId": {"of": "Ana"}}, "OrderId: found an object, "),
        ({"OrderId": "A" * 201}, "OrderId: found 'AAA"),
    ],
)
def test_a_hook_without_an_order_says_why(fields: dict[str, object], reason: str) -> None:
    """It is the one field that is needed."""
    with pytest.raises(UnreadableBodyError, match=reason):
        hook(**fields)
    with pytest.raises(UnreadableBodyError, match="OrderId: field required"):
        read_hook(b'{"hookConfig": "pong"}', RECEIVED)
