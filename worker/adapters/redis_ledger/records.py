"""A store's small records as Redis holds them: entries of the inbox, hashes of text, and JSON that holds a list."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from worker.adapters.redis_ledger.clocks import Sight
from worker.adapters.redis_ledger.codec import NotAnEventError, decode_event
from worker.domain.activity import Hour
from worker.domain.order import Attention
from worker.ports import Backoff, InboxEntry, Pause, Reconciled, Scan, Standing, Unreadable


def read_entry(entry_id: str, text: str) -> InboxEntry:
    """Return an entry of the inbox, whose text may be anything."""
    try:
        return InboxEntry(entry_id, decode_event(text), text)
    except NotAnEventError as error:
        return InboxEntry(entry_id, Unreadable(text, f"not an event of this service: {error}"), text)


def read_pause(held: Mapping[str, str]) -> Pause:
    """Return the pause of a `paused` hash."""
    return Pause(
        active=held.get("active") == "1",
        by=held.get("by", ""),
        reason=held.get("reason", ""),
        since=int(held.get("since") or 0),
        probe_at=int(held.get("probe_at") or 0),
        growth=int(held.get("growth") or 0),
        total_ms=int(held.get("total_ms") or 0),
    )


def read_backoff(held: Mapping[str, str]) -> Backoff:
    """Return the back-off of a `backoff:<drain>` hash."""
    tries = int(held.get("tries", 0))
    return Backoff(int(held.get("until", 0)), held.get("token", ""), tries, held.get("reason", ""))


def read_standing(answer: Sequence[Any]) -> Standing:
    """Return what standing.lua found."""
    now, changed_at, doubted, pause, backoff, due, expired, flagged, _, _ = answer
    return Standing(
        now=int(now),
        changed_at=int(changed_at),
        doubted=doubted == changed_at,
        pause=read_pause(_pairs(pause)),
        backoff=read_backoff(_pairs(backoff)),
        due=due,
        expired=expired,
        flagged=flagged,
    )


def read_sight(answer: Sequence[Any], before: float, after: float) -> Sight:
    """Return which server standing.lua found and its time, asked for at `before`, answered at `after`."""
    return Sight(answer[-2], int(answer[0]), before, after)


def _pairs(flat: Sequence[str]) -> dict[str, str]:
    return dict(zip(flat[::2], flat[1::2], strict=True))


def read_reconciled(held: Mapping[str, str]) -> Reconciled | None:
    """Return the record of a `reconciled` hash, None where there is none."""
    known = [kept.name for kept in fields(Reconciled)]
    return Reconciled(**{name: int(held.get(name, 0)) for name in known}) if held else None


def pause_fields(pause: Pause) -> dict[str, str]:
    """Return the `paused` hash of a pause; what is zero or absent is empty, so that a guard can tell."""
    return {
        "active": "1" if pause.active else "",
        "by": pause.by,
        "reason": pause.reason,
        "since": str(pause.since or ""),
        "probe_at": str(pause.probe_at or ""),
        "growth": str(pause.growth or ""),
        "total_ms": str(pause.total_ms or ""),
    }


def read_hours(held: Mapping[str, str]) -> dict[int, Hour]:
    """Return what an `hours` hash counts, by the hours since 1970."""
    counts: dict[int, dict[str, int]] = {}
    for name, times in held.items():
        hour, _, what = name.partition(":")
        counts.setdefault(int(hour), {})[what] = int(times)
    return {hour: Hour(**of_hour) for hour, of_hour in sorted(counts.items())}


def attention_fields() -> list[str]:
    """Return the fields of `counters` that count orders by their reason for attention."""
    return [f"attention:{reason}" for reason in Attention]


def read_attention(held: Sequence[str | None]) -> dict[Attention, int]:
    """Return what `attention_fields` hold, without reasons that no order has."""
    counts = {reason: int(times or 0) for reason, times in zip(Attention, held, strict=True)}
    return {reason: times for reason, times in counts.items() if times > 0}


def scan_text(scan: Scan) -> str:
    """Return a `scan` as it is kept."""
    kept = {"started_at": scan.started_at, "next_page": scan.next_page, "whole": scan.whole}
    return json.dumps({**kept, "codes": sorted(scan.codes)})


def read_scan(text: str) -> Scan:
    """Return the reading that a `scan` holds."""
    kept = json.loads(text)
    return Scan(kept["started_at"], kept["next_page"], kept["whole"], frozenset(kept["codes"]))
