"""What could not be recorded, as Redis keeps it: what drop.lua is told, and what its stream is read as."""

import re
from collections.abc import Iterable, Mapping, Sequence

from worker.adapters.redis_ledger.codec import NotAnEventError, decode_event
from worker.adapters.redis_ledger.keys import Keys
from worker.adapters.redis_ledger.limits import Limits
from worker.ports import Drop, Rejected

_STREAM_ID = re.compile(r"(\d{1,20})-(\d{1,20})", re.ASCII)
_LARGEST_PART = 2**64 - 1


def drop_call(keys: Keys, limits: Limits, drops: Sequence[Drop]) -> tuple[list[str], list[str | int]]:
    """Return KEYS and ARGV of drop.lua."""
    args: list[str | int] = [limits.rejected_bytes, limits.rejected_ms]
    for drop in drops:
        reason, body = (drop.rejected.reason, drop.rejected.body) if drop.rejected else ("", "")
        args += [drop.entry_id, drop.counter, reason, _cut(body, limits.body_bytes)]
    return [keys("inbox"), keys("counters"), keys("rejected")], args


def check_ids(rejected_ids: Iterable[str]) -> None:
    """Raise `ValueError` if one of them is no id of a stream's entry."""
    for rejected_id in rejected_ids:
        parts = _STREAM_ID.fullmatch(rejected_id)
        if parts is None or max(map(int, parts.groups())) > _LARGEST_PART:
            raise ValueError(f"{rejected_id!r} is no id of a rejected event")


def is_end(rejected_id: str, *, first: bool) -> bool:
    """Whether nothing can stand before (`first`) or behind this id; Redis refuses to read on from there."""
    end = 0 if first else _LARGEST_PART
    return tuple(map(int, rejected_id.split("-"))) == (end, end)


def read_rejected(row_id: str, kept: Mapping[str, str]) -> Rejected:
    """Return the rejected event of a stream's entry."""
    body = kept["body"]
    try:
        event = decode_event(body)
    except NotAnEventError:
        event = None
    return Rejected(row_id, int(row_id.partition("-")[0]), body, kept["reason"], event)


def _cut(text: str, most: int) -> str:
    """Return the beginning of a text, at most so many bytes, never half a character."""
    return text.encode(errors="replace")[:most].decode(errors="ignore")
