"""What pydantic finds in an event: the words are its own, and may change with it."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from worker.adapters.native_event import NativeEventError, read
from worker.entrypoints.web.pages.catalogue import TEMPLATES
from worker.entrypoints.web.pages.catalogue.events import FAULTS
from worker.entrypoints.web.pages.patterns import Grammar, Sentence

_GRAMMAR = Grammar(TEMPLATES)
_EVENT = {
    "store": "acme",
    "order_id": "BWW-1",
    "occurred_at": "2026-11-20T12:00:00Z",
    "invoice": {"number": "1", "type": "Output", "issued_at": None, "items": [{"sku": "a", "quantity": 1}]},
    "order": {"items": [{"sku": "a", "quantity": 1}], "skyhub_code": "s", "remote_code": "r", "carrier": "direct"},
}
# For a fault of each kind that a field can have.
_WRONG: tuple[Any, ...] = (
    *(None, True, "", "x" * 300, 5, -1, 10**9, 1.5, float("inf"), -(10**20), 10**30, [], [1], {}, {"a": 1}),
    *(["x"] * 1001, "one", "9" * 5000, "2026-13-01", "2026-01-01T99:00:00Z"),
)


def _reasons(value: Any, place: tuple[Any, ...] = ()) -> Iterator[str]:  # noqa: ANN401 - JSON is anything
    """Yield what is found where each part of the event in turn is each of the wrong values."""
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        for wrong in _WRONG:
            event: Any = copy.deepcopy(_EVENT)
            parent = event
            for step in place:
                parent = parent[step]
            parent[key] = wrong
            try:
                read(event)
            except NativeEventError as error:
                yield error.reason
        if isinstance(inner, dict | list):
            yield from _reasons(inner, (*place, key))


@pytest.fixture(scope="module")
def found() -> dict[str, Sentence | None]:
    """Return what was found, and as which sentence it is known."""
    return {reason: _GRAMMAR.parse(reason) for reason in set(_reasons(_EVENT))}


def test_every_fault_of_an_event_is_a_sentence_of_the_catalogue(found: dict[str, Sentence | None]) -> None:
    """Whatever a producer sends; a new wording of pydantic's goes to `catalogue.events.FAULTS`."""
    assert sorted(reason for reason, known in found.items() if known is None) == []


def test_no_fault_is_in_the_catalogue_that_cannot_be_found(found: dict[str, Sentence | None]) -> None:
    """Take it out there, and out of `locales`."""
    said = {template for known in found.values() if known is not None for template in _templates(known)}
    assert [fault for fault in FAULTS if fault not in said] == []


def _templates(sentence: Sentence) -> Iterator[str]:
    yield sentence.template
    for part in sentence.places.values():
        if part.sentence is not None:
            yield from _templates(part.sentence)
