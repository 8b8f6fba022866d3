"""One store's state in Redis (`ports.Ledger`). Python decided already; the scripts guard and save."""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any
from uuid import uuid4

from redis.client import Pipeline

from worker.adapters.redis_ledger.codec import (
    NotAnEventError,
    decode_event,
    decode_order,
    encode_event,
    encode_order,
    moment,
)
from worker.adapters.redis_ledger.keys import STATUSES, Keys
from worker.adapters.redis_ledger.lease import RedisLease, boottime
from worker.adapters.redis_ledger.scripts import Client, Scripts
from worker.domain.events import Dropped, Event
from worker.domain.order import ENDED, Status
from worker.ports import (
    Backoff,
    Change,
    Drain,
    Drop,
    Fenced,
    Halt,
    InboxEntry,
    InboxFullError,
    KeyClosed,
    KeyHeld,
    Lease,
    Lost,
    OwnedBy,
    Pause,
    Reconciled,
    Rejected,
    Saved,
    SaveResult,
    Scan,
    Standing,
    Stored,
    TakeKey,
    Unreadable,
)

_STREAM_ID = re.compile(r"(\d{1,20})-(\d{1,20})", re.ASCII)
_LARGEST_PART = 2**64 - 1
_HOUR = 3_600_000
_DAY = 24 * _HOUR


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long and how much a store's state keeps; milliseconds and bytes."""

    lease_ms: int = 30_000
    inbox_lease_ms: int = 5_000
    hint_ms: int = 10_000
    inbox_limit: int = 1_000_000
    retention_ms: int = 90 * _DAY
    key_ms: int = 400 * _DAY
    rejected_ms: int = 30 * _DAY
    rejected_bytes: int = 50 * 1024 * 1024
    body_bytes: int = 64 * 1024


class RedisLedger:
    """The ledger of one store."""

    def __init__(
        self,
        client: Client,
        scripts: Scripts,
        store: str,
        limits: Limits,
        clock: Callable[[], float] = boottime,
    ) -> None:
        self.store = store
        self._client = client
        self._scripts = scripts
        self._keys = Keys(store)
        self._limits = limits
        self._clock = clock

    def now(self) -> int:
        """Return the server's time in milliseconds."""
        return int(self._scripts.call("now", [self._keys("inbox")], []))

    # ---- inbox and documents

    def append(self, events: Sequence[Event]) -> None:
        """Put events into the inbox, all or none; raises `InboxFullError`."""
        args: list[str | int] = [self._limits.inbox_limit, *(encode_event(event) for event in events)]
        if not self._scripts.call("append", [self._keys("inbox")], args):
            full = f"the inbox of store {self.store} holds {self._limits.inbox_limit} events (COLETA_INBOX_LIMIT)"
            raise InboxFullError(full)

    def exchange(
        self, changes: Sequence[Change], drops: Sequence[Drop], limit: int
    ) -> tuple[list[SaveResult], list[InboxEntry], int]:
        """Save, drop and read the inbox's next entries in one round trip; last, the server's time."""
        write_id = _write_id()

        def fill(pipe: "Pipeline") -> None:
            if changes:
                self._add_save(pipe, write_id, changes, None, claiming=False)
            if drops:
                self._add_drops(pipe, drops)
            pipe.xrange(self._keys("inbox"), count=limit)
            self._scripts.add(pipe, "now", [self._keys("inbox")], [])

        *answers, entries, now = self._scripts.pipeline(fill)
        results = _results(answers[0]) if changes else []
        return results, [_entry(row) for row in entries], int(now)

    def load(self, order_ids: Iterable[str], codes: Iterable[str] = ()) -> tuple[dict[str, Stored], dict[str, str]]:
        """Return the orders that exist by id, and the owners of remote codes by code, in one round trip."""
        ids, wanted = list(dict.fromkeys(order_ids)), list(dict.fromkeys(codes))
        if not ids and not wanted:
            return {}, {}

        def fill(pipe: "Pipeline") -> None:
            for order_id in ids:
                pipe.hmget(self._keys.order(order_id), "v", "s", "t", "l", "e", "d")
            for code in wanted:
                pipe.get(self._keys.code(code))

        answers = self._scripts.pipeline(fill)
        orders = {
            order_id: Stored(decode_order(order_id, {"s": s, "t": t, "l": learn, "e": reread or "", "d": d}), int(v))
            for order_id, (v, s, t, learn, reread, d) in zip(ids, answers, strict=False)
            if v is not None
        }
        owners = answers[len(ids) :]
        return orders, {code: owner for code, owner in zip(wanted, owners, strict=True) if owner is not None}

    def save(
        self, changes: Sequence[Change], fence: Lease | None = None, *, claiming: bool = False
    ) -> list[SaveResult]:
        """Save each order over its version; see `ports.Ledger`."""
        if not changes:
            return []
        write_id = _write_id()
        answers = self._scripts.pipeline(lambda pipe: self._add_save(pipe, write_id, changes, fence, claiming=claiming))
        now_and_fence = answers[0]
        if now_and_fence[1]:
            return [Fenced(Halt(now_and_fence[1]))] * len(changes)
        return _results(now_and_fence)

    def reject(self, rejected: Sequence[Unreadable]) -> None:
        """Keep what could not be read, with its reason."""
        drops = [Drop("", Dropped.REJECTED, each) for each in rejected]
        if drops:
            self._scripts.pipeline(lambda pipe: self._add_drops(pipe, drops))

    def rejected(self, limit: int) -> list[Rejected]:
        """Return the newest rejected events."""
        rows: Any = self._client.xrevrange(self._keys("rejected"), count=limit)
        return [_rejected(row_id, kept) for row_id, kept in rows]

    def rejected_after(self, rejected_id: str, limit: int) -> list[Rejected]:
        """Return the rejected events that came after this one ("" = from the first), the oldest first.

        Raises `ValueError`: that is no id.
        """
        _check_ids([rejected_id] if rejected_id else [])
        rows: Any = self._client.xrange(self._keys("rejected"), f"({rejected_id}" if rejected_id else "-", count=limit)
        return [_rejected(row_id, kept) for row_id, kept in rows]

    def rejected_by_id(self, rejected_ids: Sequence[str]) -> list[Rejected]:
        """Return these rejected events, as far as they are still kept. Raises `ValueError`: that is no id."""
        _check_ids(rejected_ids)

        def fill(pipe: "Pipeline") -> None:
            for rejected_id in rejected_ids:
                pipe.xrange(self._keys("rejected"), rejected_id, rejected_id)

        answers = self._scripts.pipeline(fill) if rejected_ids else []
        return [_rejected(row_id, kept) for rows in answers for row_id, kept in rows]

    def forget_rejected(self, rejected_ids: Sequence[str]) -> int:
        """Forget rejected events; returns how many were there. Raises `ValueError`: that is no id."""
        _check_ids(rejected_ids)
        if not rejected_ids:
            return 0
        return int(self._scripts.call("forget", [self._keys("rejected"), self._keys("counters")], list(rejected_ids)))

    # ---- indexes

    def due(self, now: int, limit: int) -> list[str]:
        """Return the orders to be requested at or before `now`, the longest due first."""
        return self._before(self._keys.orders(Status.DUE), now, limit)

    def expired(self, now: int, limit: int) -> list[str]:
        """Return the orders whose claim's lease is over."""
        return self._before(self._keys.orders(Status.REQUESTING), now, limit)

    def wishes(self, drain: Drain, now: int, limit: int) -> list[str]:
        """Return the orders that this drain (`LEARN` or `REREAD`) is to ask about at or before `now`."""
        return self._before(self._keys(drain), now, limit)

    def order_ids(self, status: Status, offset: int, limit: int) -> list[str]:
        """Return order ids by status, the oldest first."""
        ids: Any = self._client.zrange(self._keys.orders(status), offset, offset + limit - 1)
        return list(ids)

    def attention_ids(self, offset: int, limit: int) -> list[str]:
        """Return the orders with any attention, the oldest first."""
        ids: Any = self._client.zrange(self._keys("attention"), offset, offset + limit - 1)
        return list(ids)

    def counts(self) -> dict[Status, int]:
        """Return how many orders stand in each status."""

        def fill(pipe: "Pipeline") -> None:
            for status in Status:
                pipe.zcard(self._keys.orders(status))

        return dict(zip(Status, self._scripts.pipeline(fill), strict=True))

    def retire(self, older_than_ms: int) -> int:
        """Forget ended orders' index lines of that age; returns how many."""
        named = [self._keys(name) for name in ("attention", Drain.LEARN, Drain.REREAD)]
        keys = [*named, *(self._keys.orders(s) for s in STATUSES if s in ENDED)]
        return int(self._scripts.call("retire", keys, [older_than_ms, 1000]))

    # ---- drains

    def lease(self, drain: Drain) -> Lease | None:
        """Take the drain, or None while another holds it."""
        lease_ms = self._limits.inbox_lease_ms if drain is Drain.INBOX else self._limits.lease_ms
        lease = RedisLease(self._scripts, self._keys(f"lease:{drain}"), lease_ms, self._clock)
        return lease if lease.take() else None

    def hint(self, drain: Drain) -> bool:
        """Claim the right to send a hint; False while one is on its way."""
        return bool(self._client.set(self._keys(f"hint:{drain}"), "1", nx=True, px=self._limits.hint_ms))

    def clear_hint(self, drain: Drain) -> None:
        """Let the next hint be sent: a drain is about to read."""
        self._client.delete(self._keys(f"hint:{drain}"))

    def standing(self, drain: Drain) -> Standing:
        """Return the store's standing and note which server answers."""
        keys = [self._keys("server"), self._keys("paused"), self._keys(f"backoff:{drain}")]
        now, changed_at, doubted, pause, backoff = self._scripts.call("standing", keys, [])
        return Standing(
            now=int(now),
            changed_at=int(changed_at),
            doubted=doubted == changed_at,
            pause=read_pause(_pairs(pause)),
            backoff=read_backoff(_pairs(backoff)),
        )

    def doubted(self, changed_at: int) -> None:
        """Note that the due orders were marked uncertain after this change of server."""
        self._client.hset(self._keys("server"), "doubted", str(changed_at))

    def pause(self, before: Pause, by: str, reason: str, probe_in: int, growth: int) -> bool:
        """Stop SkyHub calls; False if the pause changed since it was read."""
        moments = {"probe_at": probe_in} if before.active else {"probe_at": probe_in, "since": 0}
        after = replace(before, active=True, by=by, reason=reason, growth=growth)
        return self._stamp("paused", _pause_fields(after), moments, _pause_fields(before))

    def resume(self, before: Pause, *, growth: int) -> bool:
        """End the pause that was read, keeping `growth`; False if it changed since."""
        total = before.total_ms + (self.now() - before.since if before.active else 0)
        after = replace(before, active=False, total_ms=total, growth=growth)
        return self._stamp("paused", _pause_fields(after), {}, _pause_fields(before))

    def back_off(self, drain: Drain, token: str, tries: int, delay_ms: int, reason: str) -> None:
        """Let the drain rest so long, except for the bearer of `token`."""
        values = {"token": token, "tries": str(tries), "reason": reason}
        self._stamp(f"backoff:{drain}", values, {"until": delay_ms}, {}, delay_ms + _HOUR)

    def clear_backoff(self, drain: Drain) -> None:
        """End the drain's rest."""
        self._client.delete(self._keys(f"backoff:{drain}"))

    def scan(self) -> Scan | None:
        """Return the reading of `requested=true` that is under way."""
        text: Any = self._client.get(self._keys("scan"))
        if text is None:
            return None
        kept = json.loads(text)
        return Scan(kept["started_at"], kept["next_page"], kept["whole"], frozenset(kept["codes"]))

    def save_scan(self, scan: Scan | None) -> None:
        """Keep the reading of `requested=true` for the next round; None forgets it."""
        if scan is None:
            self._client.delete(self._keys("scan"))
            return
        kept = {"started_at": scan.started_at, "next_page": scan.next_page, "whole": scan.whole}
        self._client.set(self._keys("scan"), json.dumps({**kept, "codes": sorted(scan.codes)}), px=_HOUR)

    def save_reconciled(self, found: Reconciled) -> None:
        """Keep what a reconcile found, dated now."""
        values = {name: str(value) for name, value in asdict(found).items() if name != "at"}
        self._stamp("reconciled", values, {"at": 0}, {})

    # ---- how it is said to the scripts

    def _add_save(
        self, pipe: "Pipeline", write_id: str, changes: Sequence[Change], fence: Lease | None, *, claiming: bool
    ) -> None:
        named = ["inbox", "counters", "lease", "server", "paused", "attention", Drain.LEARN, Drain.REREAD]
        keys = [self._keys(name) for name in named]
        if isinstance(fence, RedisLease):
            keys[2] = fence.key
        keys += [self._keys.orders(status) for status in STATUSES]
        args: list[str | int] = [fence.token if fence else "", "1" if claiming else "", write_id]
        args += [self._limits.retention_ms, self._limits.key_ms, len(ENDED), *STATUSES, len(changes)]
        for change in changes:
            order, step = change.order, change.key
            codes = dict.fromkeys((*order.codes[:1], *order.guessed_codes[:1]))
            keys.append(self._keys.order(order.order_id))
            keys += [self._keys.code(code) for code in codes]
            if step is not None:
                keys.append(self._keys.pickup(step.code, step.round))
            args += [
                order.order_id,
                change.version,
                order.status,
                moment(order.at),
                moment(order.learn_at),
                moment(order.reread_at),
                "1" if order.attention else "",
                encode_order(order),
                len(codes),
                "" if step is None else "take" if isinstance(step, TakeKey) else "close",
                step.token if isinstance(step, TakeKey) else "",
                len(change.entries),
                *change.entries,
            ]
        self._scripts.add(pipe, "save", keys, args)

    def _add_drops(self, pipe: "Pipeline", drops: Sequence[Drop]) -> None:
        limits = self._limits
        args: list[str | int] = [limits.rejected_bytes, limits.rejected_ms]
        for drop in drops:
            reason, body = (drop.rejected.reason, drop.rejected.body) if drop.rejected else ("", "")
            args += [drop.entry_id, drop.counter, reason, _cut(body, limits.body_bytes)]
        self._scripts.add(pipe, "drop", [self._keys("inbox"), self._keys("counters"), self._keys("rejected")], args)

    def _before(self, key: str, now: int, limit: int) -> list[str]:
        ids: Any = self._client.zrangebyscore(key, "-inf", now, start=0, num=limit)
        return list(ids)

    def _stamp(
        self,
        name: str,
        values: Mapping[str, str],
        moments: Mapping[str, int],
        guards: Mapping[str, str],
        lifetime_ms: int = 0,
    ) -> bool:
        args: list[str | int] = [_write_id(), lifetime_ms, len(guards), len(moments)]
        for pairs in (guards, moments, values):
            args += [part for pair in pairs.items() for part in pair]
        return bool(self._scripts.call("stamp", [self._keys(name)], args))


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


def read_reconciled(held: Mapping[str, str]) -> Reconciled | None:
    """Return the record of a `reconciled` hash, None where there is none."""
    known = [kept.name for kept in fields(Reconciled)]
    return Reconciled(**{name: int(held.get(name, 0)) for name in known}) if held else None


def _pause_fields(pause: Pause) -> dict[str, str]:
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


def _check_ids(rejected_ids: Iterable[str]) -> None:
    for rejected_id in rejected_ids:
        parts = _STREAM_ID.fullmatch(rejected_id)
        if parts is None or max(map(int, parts.groups())) > _LARGEST_PART:
            raise ValueError(f"{rejected_id!r} is no id of a rejected event")


def _rejected(row_id: str, kept: Mapping[str, str]) -> Rejected:
    body = kept["body"]
    try:
        event = decode_event(body)
    except NotAnEventError:
        event = None
    return Rejected(row_id, int(row_id.partition("-")[0]), body, kept["reason"], event)


def _write_id() -> str:
    return uuid4().hex[:12]


def _cut(text: str, most: int) -> str:
    """Return the beginning of a text, at most so many bytes, never half a character."""
    return text.encode(errors="replace")[:most].decode(errors="ignore")


def _pairs(flat: list[str]) -> dict[str, str]:
    return dict(zip(flat[::2], flat[1::2], strict=True))


def _entry(row: tuple[str, dict[str, str] | None]) -> InboxEntry:
    entry_id, kept = row
    text = (kept or {}).get("e", "")
    try:
        return InboxEntry(entry_id, decode_event(text), text)
    except NotAnEventError as error:
        return InboxEntry(entry_id, Unreadable(text, f"not an event of this service: {error}"), text)


def _results(answer: list[Any]) -> list[SaveResult]:
    return [_result(line) for line in answer[2:]]


def _result(line: str) -> SaveResult:
    what, _, rest = line.partition(":")
    match what:
        case "saved":
            return Saved(int(rest))
        case "lost":
            return Lost()
        case "owned":
            return OwnedBy(rest)
        case "held":
            return KeyHeld(rest)
        case "closed":
            return KeyClosed()
        case _:
            message = f"save.lua answered {line!r}"
            raise AssertionError(message)
