import io
import json
import os

import pytest

from worker.entrypoints.cli.bodies import NoEventsError, bodies


def _places(text: str | bytes) -> list[tuple[str, object]]:
    raw = text.encode() if isinstance(text, str) else text
    return [(body.place, body.content) for body in bodies(io.BytesIO(raw))]


def test_ndjson_is_one_body_a_line() -> None:
    """Blank lines are no bodies, but they count as lines; a line is handed on as it stands."""
    assert _places('\n{"a": 1}\r\n\n{"b": 2}') == [("line 2", b'{"a": 1}'), ("line 4", b'{"b": 2}')]


def test_a_list_is_one_body_an_item() -> None:
    """Its items are numbered from 0, as the HTTP door numbers them."""
    assert _places('\n [{"a": 1},\n  5]') == [("index 0", {"a": 1}), ("index 1", 5)]


@pytest.mark.parametrize("indent", [None, 2])
def test_a_single_object_is_one_body(indent: int | None) -> None:
    """On one line or on several."""
    event = {"a": {"b": [1, 2]}, "c": None}
    ((place, content),) = _places(json.dumps(event, indent=indent))

    assert place == "line 1"
    assert (json.loads(content) if isinstance(content, bytes) else content) == event


@pytest.mark.parametrize("bad", ['{"a":', "garbage", '{"a": 1} {"b": 2}', "5"])
@pytest.mark.parametrize("first", [True, False])
def test_a_bad_line_does_not_swallow_its_neighbours(bad: str, *, first: bool) -> None:
    """Also a line that was cut off stays one line, at the beginning as well."""
    lines = [bad, '{"good": 1}', '{"good": 2}'] if first else ['{"good": 1}', bad, '{"good": 2}']

    assert [content for _, content in _places("\n".join(lines))] == [line.encode() for line in lines]


def test_a_line_that_is_too_long_is_cut_and_the_next_one_is_whole() -> None:
    """What is longer than an event may be is never held whole, and is one bad line."""
    (long, cut), (after, content) = _places('{"a": "' + "x" * 3_000_000 + '"}\n{"good": 1}')

    assert (long, after, content) == ("line 1", "line 2", b'{"good": 1}')
    assert isinstance(cut, bytes)
    assert len(cut) == 1024 * 1024 + 1


def test_a_list_may_be_longer_than_an_event() -> None:
    """It is a list however long its first line is."""
    assert len(_places(json.dumps([{"a": "x" * 1000}] * 2000))) == 2000


def test_a_byte_order_mark_is_no_part_of_the_first_event() -> None:
    """Some editors write one."""
    assert _places(b'\xef\xbb\xbf{"a": 1}') == [("line 1", b'{"a": 1}')]


def test_bodies_come_while_the_stream_does() -> None:
    """The end of NDJSON is not needed for its first bodies."""
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb", buffering=0) as pipe, os.fdopen(reading, "rb") as stream:
        pipe.write(b'{"a": 1}\n' * 100)
        coming = bodies(stream)

        assert [next(coming).number for _ in range(100)][-1] == 100


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "is empty"),
        (b" \n\n", "is empty"),
        (b"[", "is not JSON: EOF"),
        (b'{\n "a": 1\n}\n{\n "a": 2\n}', "each on a line of its own"),
        (b"order;sku\n1;2\n", "it starts with 'order;sku'"),
        ('{"a": 1}'.encode("utf-16"), "is not JSON in UTF-8"),
    ],
)
def test_what_holds_no_events_is_named(text: bytes, said: str) -> None:
    """The sentence says what was found instead."""
    with pytest.raises(NoEventsError, match=said):
        list(bodies(io.BytesIO(text)))
