"""The story of one order in the service's JSON log lines: those that name it, and those that say why nothing moved."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from worker.domain.codes import identify
from worker.domain.order import ENDED, Status
from worker.telemetry import Log

Line = Mapping[str, Any]
"""A log event."""

# What is said of a store, and holds for each of its orders that has not ended.
_OF_ALL = frozenset(
    {
        Log.STORE_PAUSED,
        Log.STORE_RESUMED,
        Log.STORE_TROUBLED,
        Log.STORE_REFUSED,
        Log.SERVER_CHANGED,
        Log.CLOCK_SET_FORWARD,
        Log.ROUND_HALTED,
        Log.PACKING_UNTOLD,
        Log.HINT_NOT_SENT,
        Log.DOOR_NOT_SAVED,
    }
)
_SETTLED = frozenset({*ENDED, Status.FAILED})
_LISTS = ("order_ids", "due_ids")


@dataclass(slots=True)
class Story:
    """What was read so far about an order of a store, by any form of its code.

    `spellings` are the ids that fit. `incomplete` counts the lines that had more orders than they name, none of them
    this one.
    """

    store: str
    name: str
    spellings: set[str] = field(default_factory=set)
    incomplete: int = 0
    _about: list[Line] = field(default_factory=list)
    _around: list[Line] = field(default_factory=list)

    def read(self, texts: Iterable[str]) -> None:
        """Read lines, in any order; what stands before a line's `{` is skipped, as is what is no event of the store."""
        quoted = json.dumps(self.store)
        code = identify(self.name, None).value
        for text in texts:
            start = text.find("{")
            if start < 0 or quoted not in text:
                continue
            line = _event(text[start:])
            if line is not None and line.get("store") == self.store:
                self._sort(line, code)

    def _sort(self, line: Line, code: str) -> None:
        named = named_in(line)
        fitting = {order_id for order_id in named if order_id == code or order_id.endswith(f"-{code}")}
        if fitting:
            self.spellings |= fitting
            self._about.append(line)
        elif named:
            self.incomplete += bool(line.get("unnamed"))
        elif not _is_noise(line):
            self._around.append(line)

    @property
    def orders(self) -> set[str]:
        """The orders that fit, more than one where the code does not tell them apart.

        A door names an order as its sender spelt it: an id that is the end of a longer one is that order.
        """
        return {each for each in self.spellings if not any(other.endswith(f"-{each}") for other in self.spellings)}

    def lines(self) -> list[Line]:
        """Return the story in the order of time: lines that name the order, and others while it was on its way."""
        if not self._about:
            return []
        about = sorted(self._about, key=_at)
        tasks = {line["task_id"] for line in about if "task_id" in line}
        begins, ends = _at(about[0]), _at(about[-1]) if _settles(about[-1]) else datetime.max.replace(tzinfo=UTC)
        around = [
            line
            for line in self._around
            if line.get("task_id") in tasks or (line["event"] in _OF_ALL and begins <= _at(line) <= ends)
        ]
        return sorted([*about, *around], key=_at)


def named_in(line: Line) -> list[str]:
    """Return the ids of the orders that a line is about."""
    lists = [each for name in _LISTS if isinstance(each := line.get(name), list)]
    return [str(each) for each in [line.get("order_id"), *(item for each in lists for item in each)] if each]


def _event(text: str) -> Line | None:
    try:
        found = json.loads(text)
        datetime.fromisoformat(found["timestamp"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return found if isinstance(found, dict) and isinstance(found.get("event"), str) else None


def _at(line: Line) -> datetime:
    at = datetime.fromisoformat(line["timestamp"])
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


def _is_noise(line: Line) -> bool:
    return line.get("level") == "info" and str(line.get("logger", "")).startswith("celery.")


def _settles(line: Line) -> bool:
    return line["event"] == Log.PICKUPS_CONFIRMED or line.get("status") in _SETTLED
