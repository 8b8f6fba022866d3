"""One line of a process's log, read and written anew: as JSON with the process's name, or for a person."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Record = Mapping[str, Any]
"""A log event as it came, with `process`; `event`, `level` and `timestamp` are always there."""

Form = Callable[[Record], str | None]
"""Writes a record as text; None if it helps nobody."""

# Lines of Celery's for every connection and message: what came of it is said by our own events.
_NOISE = "celery."
# What a person does not look for in a line, or has seen already.
_UNSHOWN = frozenset(
    {
        "event",
        "level",
        "timestamp",
        "logger",
        "process",
        "task",
        "task_id",
        "trace_id",
        "trace_ids",
        "exception",
        "stack",
    }
)
# What a person looks for first; the others follow as they came, the sentences last.
_FIRST = ("store", "order_id")
_LAST = ("reason", "mend")
_COLOURS = {"warning": "33", "error": "1;31", "critical": "1;31"}
_NAME_COLOURS = ("36", "32", "35", "34", "96", "92", "95", "94")
_DIM = "2"
# Of a list so many are shown to a person.
_MOST_LISTED = 5
# Control characters that JSON leaves as they are, and a terminal obeys: DEL, and C1 like \x9b.
_OBEYED = {code: f"\\u{code:04x}" for code in range(0x7F, 0xA0)}


def read_line(process: str, line: str, timestamp: str) -> Record:
    """Return the event of a line; what is no JSON object is the event itself, of `timestamp` (ISO 8601, UTC)."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):  # also what is nested too deeply
        found = None
    if not isinstance(found, dict):
        found = {"event": line}
    plain = {"level": "info", "event": "", "timestamp": timestamp}
    return {"process": process, **plain, **{name: value for name, value in found.items() if name != "process"}}


def as_json(record: Record) -> str:
    """Return a record as one JSON object."""
    return _dumped(record)


@dataclass(frozen=True, slots=True)
class Console:
    """Writes records for a person: local time, process, event, then the fields; a sentence stands for itself."""

    colours: bool
    name_width: int = 8  # of "worker-1"; a longer name pushes its line

    def __call__(self, record: Record) -> str | None:
        """Return the text of a record, further lines below it; None for what Celery says of every message."""
        level = str(record["level"])
        if level == "info" and str(record.get("logger", "")).startswith(_NOISE):
            return None
        name = str(record["process"])
        head = [
            self._coloured(_clock(str(record["timestamp"])), _DIM),
            self._coloured(name.ljust(self.name_width), _name_colour(name)),
        ]
        if level != "info":
            head.append(self._coloured(_clean(level), _COLOURS.get(level, _DIM)))
        is_sentence = name == UP and "message" in record
        said, *below = str(record["message" if is_sentence else "event"]).splitlines() or [""]
        text = " ".join([*head, self._coloured(_clean(said), _COLOURS.get(level, ""))])
        if not is_sentence:
            text += "".join(f" {self._coloured(f'{_clean(key)}=', _DIM)}{value}" for key, value in _fields(record))
        below += [line for key in ("exception", "stack") for line in str(record.get(key) or "").splitlines()]
        return "\n".join([text, *(f"  {_clean(line)}" for line in below)])

    def _coloured(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.colours and code else text


UP = "up"
"""The name of the supervisor's own lines."""


def _fields(record: Record) -> Iterator[tuple[str, str]]:
    shown = [name for name in record if name not in _UNSHOWN]
    middle = [name for name in shown if name not in (*_FIRST, *_LAST)]
    for name in (*_FIRST, *middle, *_LAST):
        value = record.get(name)
        if value not in (None, "", False, []):
            yield name, _value(value)


def _value(value: object) -> str:
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        more = f",…{len(value) - _MOST_LISTED} more" if len(value) > _MOST_LISTED else ""
        value = ",".join(value[:_MOST_LISTED]) + more
    text = value if isinstance(value, str) else _dumped(value)
    return text if text.isprintable() and " " not in text else _dumped(text)


def _dumped(value: object) -> str:
    return json.dumps(value, ensure_ascii=False).translate(_OBEYED)


def _clean(text: str) -> str:
    """Return a text without what a terminal would obey."""
    return "".join(char if char.isprintable() else " " for char in text)


def _clock(timestamp: str) -> str:
    try:
        return datetime.fromisoformat(timestamp).astimezone().strftime("%H:%M:%S")
    except (ValueError, OverflowError):
        return "??:??:??"


def _name_colour(name: str) -> str:
    return _NAME_COLOURS[sum(name.encode()) % len(_NAME_COLOURS)]
