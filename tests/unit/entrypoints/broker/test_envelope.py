import json
from base64 import b64encode
from random import Random
from typing import Any

import pytest
from kombu.utils.json import dumps, loads

from tests.faults.poison_shapes import (
    BAD_BODY,
    BAD_CALL,
    BAD_ENVELOPE,
    NO_MESSAGE,
    UNACKNOWLEDGED,
    Shape,
    bent,
    envelope,
)
from tests.fixtures.sales import Sale
from worker.entrypoints.broker.envelope import arguments, kept_problem, kept_text, message_problem
from worker.ports import UnreadableBodyError

SALE = Sale("acme", 285264647201)
EVENT = SALE.event(0)


def _named(shape: Shape) -> str:
    return shape.name


def _call(*call: object) -> bytes:
    return json.dumps(envelope(SALE, body=b64encode(json.dumps(call).encode()).decode())).encode()


@pytest.mark.parametrize("shape", [*NO_MESSAGE, *BAD_ENVELOPE], ids=_named)
def test_what_kombu_would_die_of_is_told_from_a_message(shape: Shape) -> None:
    """There is a reason, and it repeats nothing of the event."""
    reason = message_problem(shape.make(SALE))

    assert reason
    assert str(SALE.number) not in reason


@pytest.mark.parametrize("shape", [*BAD_BODY, *BAD_CALL], ids=_named)
def test_what_celery_can_refuse_by_itself_is_delivered(shape: Shape) -> None:
    """It has an envelope that kombu can deliver, acknowledge and put back."""
    assert message_problem(shape.make(SALE)) == ""


@pytest.mark.parametrize("shape", UNACKNOWLEDGED, ids=_named)
def test_what_cannot_be_put_back_is_told(shape: Shape) -> None:
    """A message stands among what is unacknowledged beside its exchange and its routing key."""
    assert kept_problem(shape.make(SALE))


def test_a_sound_message_is_delivered_and_put_back() -> None:
    """As Celery writes it."""
    assert message_problem(json.dumps(envelope(SALE)).encode()) == ""
    assert kept_problem(json.dumps([envelope(SALE), "", "inbox"]).encode()) == ""


def test_a_message_that_is_larger_than_any_door_takes_is_none() -> None:
    """It is put aside, and its size is the reason."""
    reason = message_problem(json.dumps(envelope(SALE, body="A" * 5 * 1024 * 1024)).encode())

    assert "are the most" in reason


@pytest.mark.parametrize("letter", ["x", "é"])
def test_an_event_that_any_door_takes_is_a_message(letter: str) -> None:
    """Also in base64, and with every letter that is not ASCII as an escape: the limit is the event's own."""
    note = letter * ((1024 * 1024 - 1024) // len(letter.encode()))

    assert message_problem(_call([{**EVENT, "note": note}], {}, {})) == ""
    assert message_problem(_call([json.dumps({**EVENT, "note": note}, ensure_ascii=False)], {}, {})) == ""


def test_an_event_that_was_cut_inside_a_character_is_a_message() -> None:
    """Celery shows it in a header, half a surrogate pair included, and a field that no door reads may hold it."""
    headers = {"task": "coleta.order_invoiced", "id": "1", "argsrepr": "[{'note': '\udc00'}]"}

    assert message_problem(json.dumps(envelope(SALE, headers=headers)).encode()) == ""


def test_a_message_that_passed_once_is_put_back_and_passes_again() -> None:
    """Kombu writes it anew, larger, and one level deeper among what is unacknowledged."""
    plain = {**envelope(SALE)["properties"], "body_encoding": "utf-8"}
    deep: Any = None
    for _ in range(190):
        deep = [deep]
    found = envelope(SALE, properties=plain, body="é" * 2 * 1024 * 1024, headers={"task": "x", "é": deep})
    taken = json.dumps(found, ensure_ascii=False).encode()
    kept = dumps([loads(taken), "", "inbox"]).encode()
    again = dumps({**loads(taken), "headers": {**found["headers"], "redelivered": True}}).encode()

    assert len(again) > 2 * len(taken)
    assert message_problem(taken) == kept_problem(kept) == message_problem(again) == ""


@pytest.mark.parametrize("shape", [*NO_MESSAGE, *BAD_ENVELOPE, *BAD_BODY, *BAD_CALL, *UNACKNOWLEDGED], ids=_named)
def test_of_whatever_cannot_be_used_the_order_is_kept(shape: Shape) -> None:
    """An operator can tell which order it was about."""
    assert str(SALE.number) in kept_text(shape.make(SALE))


@pytest.mark.parametrize(
    "found",
    [
        json.dumps(EVENT).encode(),
        json.dumps(envelope(SALE)).encode(),
        json.dumps([envelope(SALE), "", "inbox"]).encode(),
        json.dumps(envelope(SALE, properties=None)).encode(),
        json.dumps(envelope(SALE, body=EVENT)).encode(),
        json.dumps([[EVENT], {}, {}]).encode(),
        b64encode(json.dumps([[EVENT], {}, {}]).encode()),
        json.dumps({"task": "coleta.order_invoiced", "id": "1", "args": [EVENT], "kwargs": {}}).encode(),
        _call([EVENT], {}, {}),
    ],
    ids=["event", "message", "unacknowledged", "bad", "plain body", "call", "base64", "old protocol", "envelope"],
)
def test_an_event_is_recognized_wherever_it_stands(found: bytes) -> None:
    """It is kept as itself, so that `coleta rejected resend` can hand it in."""
    assert json.loads(kept_text(found)) == EVENT


def test_of_several_arguments_all_are_kept() -> None:
    """As the task itself keeps them."""
    assert json.loads(kept_text(_call([EVENT, EVENT], {}, {}))) == {"args": [EVENT, EVENT], "kwargs": {}}


def test_what_no_door_reads_is_not_kept() -> None:
    """A customer's name in a message that is none is hidden like in any event that is refused."""
    found = json.dumps({**EVENT, "customer": {"name": "Maria"}}).encode()

    assert "Maria" not in kept_text(found)


@pytest.mark.parametrize("seed", range(200))
def test_a_bent_message_never_breaks_the_look_at_it(seed: int) -> None:
    """Whatever is wrong, there is an answer."""
    found = bent(SALE, Random(seed))  # noqa: S311 - the same message for the same seed

    assert isinstance(message_problem(found), str)
    assert str(SALE.number) in kept_text(found)


@pytest.mark.parametrize("call", [[[EVENT], {}, {}], [[], {"event": EVENT}, None], {"args": [EVENT]}])
def test_a_call_is_read_in_both_protocols(call: object) -> None:
    """Arguments and named arguments, whatever follows."""
    args, kwargs = arguments(call)

    assert [*args, *kwargs.values()] == [EVENT]


@pytest.mark.parametrize(
    "call", ["x", [[EVENT], {}], [EVENT, {}, {}], [[EVENT], ["x"], {}], [[EVENT], {}, ["x"]], {"args": "x"}]
)
def test_a_call_of_the_wrong_shape_is_refused(call: object) -> None:
    """A thread that tried it would fail, and Celery acknowledges what failed."""
    with pytest.raises(UnreadableBodyError):
        arguments(call)
