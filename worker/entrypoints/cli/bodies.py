"""Cuts what was handed in into events: one JSON object, a list of them, or one a line (NDJSON).

NDJSON is read line by line, however long it is; a JSON list has to be read whole.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import BinaryIO

from pydantic_core import from_json

# One byte more than an event may have: what is longer is refused as too long, and never held whole.
_MOST_BYTES = 1024 * 1024 + 1
# So many lines may come before the first that looks like JSON, or it is no file of events.
_LINES_AHEAD = 20
_SHOWN_CHARS = 40
_BOM = b"\xef\xbb\xbf"


class NoEventsError(ValueError):
    """There is nothing to read events from; the message says what was found instead."""


@dataclass(frozen=True, slots=True)
class Body:
    """One event as it was found: a line's bytes or a list's value; `number` is its line (from 1) or index (from 0)."""

    number: int
    place: str
    content: object


def bodies(stream: BinaryIO) -> Iterator[Body]:
    """Yield what may be events, in order; raises `NoEventsError`."""
    blank = 0
    first = stream.readline(_MOST_BYTES).removeprefix(_BOM)
    while first and not first.strip():
        blank += 1
        first = stream.readline(_MOST_BYTES)
    if not first:
        raise NoEventsError("is empty: there is nothing to send")
    if first.lstrip().startswith(b"["):
        yield from _document(b"\n" * blank + first + stream.read())
        return
    lines = _lines(stream, first, blank + 1)
    ahead = list(islice(lines, _LINES_AHEAD))
    if not any(line.lstrip().startswith(b"{") for _, line in ahead):
        start = first.decode(errors="replace").strip()[:_SHOWN_CHARS]
        raise NoEventsError(f"is not JSON in UTF-8: it starts with {start!r}, expected an object, a list or NDJSON")
    if _spans_lines(ahead):
        text = b"\n" * blank + b"".join(line for _, line in ahead) + stream.read(_MOST_BYTES)
        yield from _document(text)
        return
    for number, line in chain(ahead, lines):
        if line.strip():
            yield Body(number, f"line {number}", line.strip())


def _lines(stream: BinaryIO, line: bytes, number: int) -> Iterator[tuple[int, bytes]]:
    """Yield the lines from `line` on with their numbers, cut where they are longer than an event may be."""
    while line:
        yield number, line
        while line and not line.endswith(b"\n"):
            line = stream.readline(_MOST_BYTES)
        line = stream.readline(_MOST_BYTES)
        number += 1


def _spans_lines(lines: list[tuple[int, bytes]]) -> bool:
    """Whether this is one object over several lines; in NDJSON each line opens an object of its own."""
    texts = [text for _, line in lines if (text := line.strip())]
    if len(texts) == 1 or not texts[0].startswith(b"{") or texts[1].startswith(b"{"):
        return False
    try:
        from_json(texts[0])
    except ValueError:
        return True
    return False


def _document(text: bytes) -> Iterator[Body]:
    try:
        value = from_json(text, allow_inf_nan=False)
    except ValueError as error:
        several = "; several events go into one list, or each on a line of its own" if "trailing" in str(error) else ""
        raise NoEventsError(f"is not JSON: {error}{several}") from None
    if not isinstance(value, list):
        yield Body(1, "line 1", value)
        return
    for index, item in enumerate(value):
        yield Body(index, f"index {index}", item)
