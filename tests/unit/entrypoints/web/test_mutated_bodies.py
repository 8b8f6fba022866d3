"""Bodies that were changed on their way, through every door."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fixtures.door_calls import (
    ALL,
    CANCEL,
    HOOK,
    INVOICE,
    ORDER_CANCELED,
    ORDER_INVOICED,
    WEBHOOK,
    DoorCall,
    named,
)
from tests.unit.entrypoints.web.world import World
from worker.entrypoints.web.door_examples import CANCEL_PUSHES, CANCELS, HOOKS, INVOICE_PUSHES, INVOICES, WEBHOOKS

SAMPLES = Path(__file__).parents[3] / "samples"
SHOWN = {
    ORDER_INVOICED: INVOICES,
    ORDER_CANCELED: CANCELS,
    INVOICE: INVOICE_PUSHES,
    CANCEL: CANCEL_PUSHES,
    HOOK: HOOKS,
    WEBHOOK: WEBHOOKS,
}
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=300),
    st.sampled_from(["", " ", "\u0000", "\u202e", "0001-01-01T00:00:00", "9999-12-31T23:59:59.9999999-14:00", "ping"]),
    st.sampled_from([10**4_000, -1, 2**63, 1e308, [], {}, [[]], [None], {"": {}}, [{}] * 2_000]),
)


def _places(value: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:  # noqa: ANN401 - JSON
    """Return every place in a value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place, *(found for key, each in inner for found in _places(each, (*place, key)))]


@st.composite
def mutated(draw: st.DrawFn, samples: list[Any]) -> bytes:
    """Draw a sample with values changed, taken out or put in, or with bytes of its text changed."""
    value = copy.deepcopy(draw(st.sampled_from(samples)))
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.sampled_from(_places(value)))
        if not place:
            value = draw(st.one_of(ODD.map(copy.deepcopy), st.just([value]), st.just({"": value})))
            continue
        inside = value
        for key in place[:-1]:
            inside = inside[key]
        if draw(st.booleans()):
            inside[place[-1]] = draw(ODD.map(copy.deepcopy))
        else:
            del inside[place[-1]]
    body = json.dumps(value).encode()
    if draw(st.integers(0, 3)) == 0:
        cut = draw(st.integers(0, len(body)))
        body = body[:cut] + draw(st.binary(max_size=8)) + body[cut + draw(st.integers(0, 8)) :]
    return body


def _samples(door: DoorCall) -> list[Any]:
    """Return the bodies that the description shows at this door, and all sample files: some belong to other doors."""
    return [*SHOWN[door].values(), *(json.loads(path.read_bytes()) for path in sorted(SAMPLES.rglob("*.json")))]


@pytest.mark.parametrize("door", ALL, ids=named)
def test_the_shown_bodies_are_taken(door: DoorCall) -> None:
    """What the description shows works as it stands."""
    for shown in SHOWN[door].values():
        answer = World().knock(door, json.dumps(shown).encode())
        assert answer.status_code == door.success
        assert answer.json().get("taken", True)


@pytest.mark.parametrize("door", ALL, ids=named)
def test_whatever_comes_is_recorded_or_kept_or_refused(door: DoorCall) -> None:
    """Never an error of ours; success means it is in the inbox, or kept with the reason where the answer says so."""
    world = World()
    store = world.fleet.ledger("acme").kept

    @given(mutated(_samples(door)))
    def ask(body: bytes) -> None:
        store.inbox.clear()
        store.rejected.clear()
        answer = world.knock(door, body)
        told = answer.json()
        assert answer.status_code in {door.success, 413, 422}
        taken, kept = len(world.fleet.inbox("acme")), len(store.rejected)
        if answer.status_code == 413:
            assert (taken, kept) == (0, 0)
        elif "accepted" in told:
            assert (taken, kept) == (told["accepted"], len(told["rejected"]))
        elif "taken" in told:
            assert kept == (0 if told["taken"] else 1)
            assert taken <= told["taken"]
        else:
            assert (taken, kept) == (1, answer.status_code == 422)  # the event, or that something happened

    ask()
