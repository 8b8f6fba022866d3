"""One store's state in Redis (`ports.Ledger`). Python decided already; the scripts guard and save."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any, cast

from redis.client import Pipeline

from worker.adapters.redis_ledger.clocks import Clocks
from worker.adapters.redis_ledger.codec import encode_event
from worker.adapters.redis_ledger.keys import STATUSES, Keys
from worker.adapters.redis_ledger.lease import RedisLease
from worker.adapters.redis_ledger.limits import Limits
from worker.adapters.redis_ledger.loading import read_records, record_keys
from worker.adapters.redis_ledger.records import (
    attention_fields,
    pause_fields,
    read_attention,
    read_entry,
    read_hours,
    read_scan,
    read_sight,
    read_standing,
    scan_text,
)
from worker.adapters.redis_ledger.rejected import check_ids, drop_call, is_end, read_rejected
from worker.adapters.redis_ledger.save_call import read_results, save_call
from worker.adapters.redis_ledger.scripts import Client, Scripts, write_id
from worker.adapters.redis_ledger.walk_call import read_walked, walk_call
from worker.domain.activity import Hour
from worker.domain.events import Dropped, Event
from worker.domain.order import ENDED, Attention, Status
from worker.ports import (
    Change,
    Drain,
    Drop,
    InboxEntry,
    InboxFullError,
    Lease,
    Pause,
    Reconciled,
    Rejected,
    SaveResult,
    Scan,
    Standing,
    Stored,
    Unreadable,
    Walk,
    Walked,
)

_HOUR = 3_600_000


class RedisLedger:
    """The ledger of one store."""

    def __init__(
        self,
        client: Client,
        scripts: Scripts,
        store: str,
        limits: Limits,
        clocks: Clocks,
    ) -> None:
        self.store = store
        self._client = client
        self._scripts = scripts
        self._keys = Keys(store)
        self._limits = limits
        self._clocks = clocks

    def now(self) -> int:
        """See `ports.Ledger.now`."""
        return int(self._scripts.call("now", [self._keys("inbox")], []))

    # ---- inbox and documents

    def append(self, events: Sequence[Event]) -> None:
        """See `ports.Ledger.append`."""
        args: list[str | int] = [self._limits.inbox_limit, *(encode_event(event) for event in events)]
        if not self._scripts.call("append", [self._keys("inbox")], args):
            full = f"the inbox of store {self.store} holds {self._limits.inbox_limit} events (COLETA_INBOX_LIMIT)"
            raise InboxFullError(full)

    def exchange(
        self, changes: Sequence[Change], drops: Sequence[Drop], limit: int
    ) -> tuple[list[SaveResult], list[InboxEntry]]:
        """See `ports.Ledger.exchange`."""
        save = save_call(self._keys, self._limits, changes)
        drop = drop_call(self._keys, self._limits, drops)

        def fill(pipe: "Pipeline") -> None:
            if changes:
                self._scripts.add(pipe, "save", *save)
            if drops:
                self._scripts.add(pipe, "drop", *drop)
            if limit:
                pipe.xrange(self._keys("inbox"), count=limit)

        answers = self._scripts.pipeline(fill) if changes or drops or limit else []
        results = read_results(answers[0], len(changes)) if changes else []
        entries = answers[-1] if limit else []
        return results, [read_entry(entry_id, (kept or {}).get("e", "")) for entry_id, kept in entries]

    def load(self, order_ids: Iterable[str], codes: Iterable[str] = ()) -> tuple[dict[str, Stored], dict[str, str]]:
        """See `ports.Ledger.load`."""
        ids, wanted = list(dict.fromkeys(order_ids)), list(dict.fromkeys(codes))
        if not ids and not wanted:
            return {}, {}
        found: Any = self._client.mget(record_keys(self._keys, ids, wanted))
        return read_records(ids, wanted, found)

    def load_dated(
        self, order_ids: Iterable[str], codes: Iterable[str]
    ) -> tuple[dict[str, Stored], dict[str, str], int]:
        """See `ports.Ledger.load_dated`."""
        ids, wanted = list(dict.fromkeys(order_ids)), list(dict.fromkeys(codes))

        def fill(pipe: "Pipeline") -> None:
            self._scripts.add(pipe, "now", [self._keys("inbox")], [])
            if ids or wanted:
                # Not `mget`, which a cluster's pipeline blocks. It has no types.
                cast("Any", pipe).execute_command("MGET", *record_keys(self._keys, ids, wanted))

        now, *rest = self._scripts.pipeline(fill)
        return *read_records(ids, wanted, rest[0] if rest else []), int(now)

    def save(
        self, changes: Sequence[Change], fence: Lease | None = None, *, claiming: bool = False
    ) -> list[SaveResult]:
        """See `ports.Ledger.save`."""
        if not changes:
            return []
        keys, args = save_call(self._keys, self._limits, changes, fence, claiming=claiming)
        return read_results(self._scripts.call("save", keys, args), len(changes))

    def reject(self, rejected: Sequence[Unreadable]) -> None:
        """See `ports.Ledger.reject`."""
        drops = [Drop("", Dropped.REJECTED, each) for each in rejected]
        if drops:
            self._scripts.call("drop", *drop_call(self._keys, self._limits, drops))

    def rejected(self, limit: int, before: str = "") -> list[Rejected]:
        """See `ports.Browsable.rejected`."""
        check_ids([before] if before else [])
        if before and is_end(before, first=True):
            return []
        rows: Any = self._client.xrevrange(self._keys("rejected"), f"({before}" if before else "+", count=limit)
        return [read_rejected(row_id, kept) for row_id, kept in rows]

    def rejected_after(self, rejected_id: str, limit: int) -> list[Rejected]:
        """See `ports.Browsable.rejected_after`."""
        check_ids([rejected_id] if rejected_id else [])
        if rejected_id and is_end(rejected_id, first=False):
            return []
        rows: Any = self._client.xrange(self._keys("rejected"), f"({rejected_id}" if rejected_id else "-", count=limit)
        return [read_rejected(row_id, kept) for row_id, kept in rows]

    def rejected_by_id(self, rejected_ids: Sequence[str]) -> list[Rejected]:
        """See `ports.Browsable.rejected_by_id`."""
        check_ids(rejected_ids)

        def fill(pipe: "Pipeline") -> None:
            for rejected_id in rejected_ids:
                pipe.xrange(self._keys("rejected"), rejected_id, rejected_id)

        answers = self._scripts.pipeline(fill) if rejected_ids else []
        return [read_rejected(row_id, kept) for rows in answers for row_id, kept in rows]

    def forget_rejected(self, rejected_ids: Sequence[str]) -> int:
        """See `ports.Ledger.forget_rejected`."""
        check_ids(rejected_ids)
        if not rejected_ids:
            return 0
        return int(self._scripts.call("forget", [self._keys("rejected"), self._keys("counters")], list(rejected_ids)))

    # ---- indexes

    def due(self, now: int, limit: int) -> list[str]:
        """See `ports.Ledger.due`."""
        return self._before(self._keys.orders(Status.DUE), now, limit)

    def expired(self, now: int, limit: int) -> list[str]:
        """See `ports.Ledger.expired`."""
        return self._before(self._keys.orders(Status.REQUESTING), now, limit)

    def wishes(self, drain: Drain, now: int, limit: int) -> list[str]:
        """See `ports.Ledger.wishes`."""
        return self._before(self._keys(drain), now, limit)

    def order_ids(self, status: Status, offset: int, limit: int) -> list[str]:
        """See `ports.Ledger.order_ids`."""
        ids: Any = self._client.zrange(self._keys.orders(status), offset, offset + limit - 1)
        return list(ids)

    def attention_ids(self, offset: int, limit: int) -> list[str]:
        """See `ports.Ledger.attention_ids`."""
        ids: Any = self._client.zrange(self._keys("attention"), offset, offset + limit - 1)
        return list(ids)

    def walk(self, walk: Walk) -> Walked:
        """See `ports.Browsable.walk`."""
        return read_walked(self._scripts.call("walk", *walk_call(self._keys, walk)))

    def attention_counts(self) -> dict[Attention, int]:
        """See `ports.Browsable.attention_counts`."""
        held: Any = self._client.hmget(self._keys("counters"), attention_fields())
        return read_attention(held)

    def hours(self) -> dict[int, Hour]:
        """See `ports.Browsable.hours`."""
        held: Any = self._client.hgetall(self._keys("hours"))
        return read_hours(held)

    def counts(self) -> dict[Status, int]:
        """See `ports.Ledger.counts`."""

        def fill(pipe: "Pipeline") -> None:
            for status in Status:
                pipe.zcard(self._keys.orders(status))

        return dict(zip(Status, self._scripts.pipeline(fill), strict=True))

    def retire(self, older_than_ms: int) -> int:
        """See `ports.Ledger.retire`."""
        named = [self._keys(name) for name in ("attention", Drain.LEARN, Drain.REREAD)]
        counted = [self._keys("flags"), self._keys("counters")]
        keys = [*named, *(self._keys.orders(s) for s in STATUSES if s in ENDED), *counted]
        return int(self._scripts.call("retire", keys, [older_than_ms, 1000]))

    # ---- drains

    def lease(self, drain: Drain) -> Lease | None:
        """See `ports.Ledger.lease`."""
        lease = self._lease(drain)
        return lease if lease.take() else None

    def begin(self, drain: Drain) -> tuple[Standing, Lease | None]:
        """See `ports.Ledger.begin`."""
        lease = self._lease(drain)
        keys = [*standing_keys(self._keys, drain), self._keys(f"hint:{drain}"), *lease.keys]
        answer: list[Any] = []

        def take(token: str, lease_ms: int) -> bool:
            answer.extend(self._look(keys, [token, lease_ms, drain]))
            return bool(answer[-1])

        taken = lease.taken_by(take)
        return read_standing(answer), lease if taken else None

    def leave(self, lease: Lease) -> bool:
        """See `ports.Ledger.leave`."""
        indexes = [self._keys.orders(Status.DUE), self._keys.orders(Status.REQUESTING)]
        keys = [self._keys(f"lease:{Drain.PICKUPS}"), self._keys("holders"), self._keys("counters"), *indexes]
        return bool(self._scripts.call("lease", keys, [lease.token, 0, "leave", Drain.PICKUPS]))

    def _lease(self, drain: Drain) -> RedisLease:
        lease_ms = self._limits.inbox_lease_ms if drain is Drain.INBOX else self._limits.lease_ms
        return RedisLease(self._scripts, self._keys, drain, lease_ms, self._clocks.clock)

    def hint(self, drain: Drain) -> bool:
        """See `ports.Ledger.hint`."""
        return bool(self._client.set(self._keys(f"hint:{drain}"), "1", nx=True, px=self._limits.hint_ms))

    def clear_hint(self, drain: Drain) -> None:
        """See `ports.Ledger.clear_hint`."""
        self._client.delete(self._keys(f"hint:{drain}"))

    def standing(self, drain: Drain) -> Standing:
        """See `ports.Ledger.standing`."""
        return read_standing(self._look(standing_keys(self._keys, drain), []))

    def _look(self, keys: list[str], args: list[str | int]) -> list[Any]:
        """Return what standing.lua answers, where the server's clock was set forward with the quarantine for it."""
        before = self._clocks.clock()
        answer: list[Any] = self._scripts.call("standing", keys, args)
        sight = read_sight(answer, before, self._clocks.clock())
        since = self._clocks.doubted_since(self.store, sight)
        if since is not None:
            answer[1:3] = self._scripts.call("forward", [self._keys("server")], [since])
        self._clocks.keep(self.store, sight)
        return answer

    def doubted(self, changed_at: int) -> None:
        """See `ports.Ledger.doubted`."""
        self._client.hset(self._keys("server"), "doubted", str(changed_at))

    def pause(self, before: Pause, by: str, reason: str, probe_in: int, growth: int) -> bool:
        """See `ports.Ledger.pause`."""
        moments = {"probe_at": probe_in} if before.active else {"probe_at": probe_in, "since": 0}
        after = replace(before, active=True, by=by, reason=reason, growth=growth)
        return self._stamp("paused", pause_fields(after), moments, pause_fields(before))

    def resume(self, before: Pause, *, growth: int) -> bool:
        """See `ports.Ledger.resume`."""
        total = before.total_ms + (self.now() - before.since if before.active else 0)
        after = replace(before, active=False, total_ms=total, growth=growth)
        return self._stamp("paused", pause_fields(after), {}, pause_fields(before))

    def back_off(self, drain: Drain, token: str, tries: int, delay_ms: int, reason: str) -> None:
        """See `ports.Ledger.back_off`."""
        values = {"token": token, "tries": str(tries), "reason": reason}
        self._stamp(f"backoff:{drain}", values, {"until": delay_ms}, {}, delay_ms + _HOUR)

    def clear_backoff(self, drain: Drain) -> None:
        """See `ports.Ledger.clear_backoff`."""
        self._client.delete(self._keys(f"backoff:{drain}"))

    def scan(self) -> Scan | None:
        """See `ports.Ledger.scan`."""
        text: Any = self._client.get(self._keys("scan"))
        return None if text is None else read_scan(text)

    def save_scan(self, scan: Scan | None) -> None:
        """See `ports.Ledger.save_scan`."""
        if scan is None:
            self._client.delete(self._keys("scan"))
        else:
            self._client.set(self._keys("scan"), scan_text(scan), px=_HOUR)

    def save_reconciled(self, found: Reconciled) -> None:
        """See `ports.Ledger.save_reconciled`."""
        values = {name: str(value) for name, value in asdict(found).items() if name != "at"}
        self._stamp("reconciled", values, {"at": 0}, {})

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
        args: list[str | int] = [write_id(), lifetime_ms, len(guards), len(moments)]
        for pairs in (guards, moments, values):
            args += [part for pair in pairs.items() for part in pair]
        return bool(self._scripts.call("stamp", [self._keys(name)], args))


def standing_keys(keys: Keys, drain: Drain) -> list[str]:
    """Return KEYS of standing.lua for a look."""
    named = [keys(name) for name in ("server", "paused", f"backoff:{drain}")]
    return [*named, keys.orders(Status.DUE), keys.orders(Status.REQUESTING), keys("attention")]
