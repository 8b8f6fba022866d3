"""The ledger in memory, on a clock that only a test moves: a plain fake of `ports.Fleet` and `ports.Ledger`."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from threading import RLock
from zlib import crc32

from redis.exceptions import ConnectionError as RedisConnectionError

from tests.fakes.memory_drains import MemoryDrains
from tests.fakes.memory_state import Document, ManualClock, PickupKey
from tests.fakes.memory_walk import walked
from worker import ports
from worker.adapters.redis_ledger import Limits
from worker.adapters.redis_ledger.codec import encode_event
from worker.adapters.redis_ledger.records import read_entry
from worker.domain.activity import HOUR, HOURS_KEPT, Hour, pickups_requested
from worker.domain.events import Dropped, Event
from worker.domain.order import ENDED, At, Attention, Status, When
from worker.ports import Drain, Halt, SaveResult

EVERYTHING = 2**31


class MemoryFleet:
    """All stores. `server_id` is the Redis server that answers: a test changes it to mean another one.

    `ledgers` holds each store's ledger by its name; a test may put one of its own there. Stores that are
    `away` have a node of a cluster that does not answer.
    """

    def __init__(self, clock: ManualClock | None = None, limits: Limits | None = None) -> None:
        self.clock = clock if clock is not None else ManualClock()
        self.limits = limits if limits is not None else Limits()
        self.server_id = "first"
        self.lock = RLock()
        self._swept_until = 0
        self._remembered: set[str] = set()
        self._turns: dict[tuple[str, Drain], int] = {}
        self.ledgers: dict[str, MemoryLedger] = {}
        self.away: set[str] = set()

    def server(self) -> str:
        return self.server_id

    def ledger(self, store: str) -> "MemoryLedger":
        with self.lock:
            return self.ledgers.setdefault(store, MemoryLedger(store, self.clock, self.limits, self.lock, self.server))

    def append(self, events: Mapping[str, Sequence[Event]]) -> dict[str, ports.Untaken]:
        untaken = {}
        for store, new in events.items():
            try:
                self.ledger(store).append(new)
            except ports.InboxFullError:
                untaken[store] = ports.Untaken.FULL
        return untaken

    def turns(self, stores: Sequence[str], drain: Drain, every_ms: int) -> list[str]:
        if stores and self.away.issuperset(stores):
            raise RedisConnectionError
        with self.lock:
            free = [store for store in stores if self._turns.get((store, drain), 0) <= self.clock()]
            self._turns |= {(store, drain): self.clock() + every_ms for store in free}
            return free

    def reject_unknown(self, rejected: Sequence[ports.Unreadable]) -> None:
        self.ledger("_").reject(rejected)

    def meet(self, stores: Sequence[str]) -> None:
        for store in stores:
            self.ledger(store).standing(ports.Drain.PICKUPS)

    def remember(self, stores: Sequence[str]) -> set[str]:
        self._remembered.update(stores)
        return set(self._remembered)

    def served(self, stores: Sequence[str]) -> set[str]:
        return {*stores, *self._remembered}

    def overview(self, stores: Sequence[str]) -> list[ports.Overview]:
        with self.lock:
            return [self.ledger(store).overview() for store in stores if store not in self.away]

    def load_each(
        self, named: Mapping[str, tuple[Sequence[str], Sequence[str]]]
    ) -> dict[str, tuple[dict[str, ports.Stored], dict[str, str]]]:
        if named and self.away.issuperset(named):
            raise RedisConnectionError
        return {store: self.ledger(store).load(*named[store]) for store in named if store not in self.away}

    def look(self, store: str) -> ports.Look:
        with self.lock:
            if store in self.away:
                raise RedisConnectionError
            return self.ledger(store).look()

    def may_sweep(self, every_ms: int) -> bool:
        with self.lock:
            if self.clock() < self._swept_until:
                return False
            self._swept_until = self.clock() + every_ms
            return True

    def backlogs(self, stores: Sequence[str]) -> tuple[list[ports.Backlog], int]:
        with self.lock:
            return [self.ledger(store).backlog() for store in stores if store not in self.away], self.clock()


class MemoryLedger(MemoryDrains):
    """One store's orders and events; `kept` is all it holds."""

    # ---- inbox and documents

    def append(self, events: Sequence[Event]) -> None:
        with self.lock:
            if len(self.kept.inbox) + len(events) > self.limits.inbox_limit:
                raise ports.InboxFullError(self.store)
            for event in events:
                self.put(encode_event(event))

    def put(self, text: str) -> None:
        """Put any text into the inbox."""
        self.kept.inbox[f"{self.now()}-{next(self.kept.serial)}"] = text

    def exchange(
        self, changes: Sequence[ports.Change], drops: Sequence[ports.Drop], limit: int
    ) -> tuple[list[SaveResult], list[ports.InboxEntry]]:
        with self.lock:
            results = [self._save(change) for change in changes]
            for drop in drops:
                self._drop(drop)
            return results, [read_entry(*row) for row in list(self.kept.inbox.items())[:limit]]

    def load(
        self, order_ids: Iterable[str], codes: Iterable[str] = ()
    ) -> tuple[dict[str, ports.Stored], dict[str, str]]:
        with self.lock:
            living = ((order_id, self._living(order_id)) for order_id in order_ids)
            owners = ((code, self._owner(code)) for code in codes)
            return (
                {order_id: ports.Stored(held.order, held.version) for order_id, held in living if held is not None},
                {code: owner for code, owner in owners if owner is not None},
            )

    def load_dated(
        self, order_ids: Iterable[str], codes: Iterable[str]
    ) -> tuple[dict[str, ports.Stored], dict[str, str], int]:
        return *self.load(order_ids, codes), self.now()

    def save(
        self, changes: Sequence[ports.Change], fence: ports.Lease | None = None, *, claiming: bool = False
    ) -> list[SaveResult]:
        with self.lock:
            halt = self._halt(fence, claiming=claiming) if fence is not None else None
            return [self._save(change) if halt is None else ports.Fenced(halt) for change in changes]

    def _halt(self, fence: ports.Lease, *, claiming: bool) -> Halt | None:
        if fence.token not in {self.holder(drain) for drain in Drain}:
            return Halt.LEASE_LOST
        if claiming and self.kept.pause.active:
            return Halt.PAUSED
        server = self.kept.server
        changed = server.known != self.server() or server.doubted != server.changed_at
        return Halt.SERVER_CHANGED if claiming and changed else None

    def _save(self, change: ports.Change) -> SaveResult:
        kept, now, order = self.kept, self.now(), change.order
        name, codes = order.order_id, list(dict.fromkeys((*order.codes[:1], *order.guessed_codes[:1])))
        held = self._living(name)
        if change.version != (held.version if held else 0):
            return ports.Lost()
        checked = codes if change.version == 0 else codes[:1] if isinstance(change.key, ports.TakeKey) else []
        for owner in map(self._owner, checked):
            if owner not in (None, name):
                return ports.OwnedBy(str(owner))
        if change.key is not None and (refused := self._step(change.key, name)) is not None:
            return refused
        at = _fixed(order.at, now)
        wishes = {"learn_at": order.learn_at, "reread_at": order.reread_at}
        fixed = {name: None if wish is None else _fixed(wish, now) for name, wish in wishes.items()}
        order = replace(order, at=at, learn_at=fixed["learn_at"], reread_at=fixed["reread_at"])
        expires = at.ms + self.limits.retention_ms if order.status in ENDED else float("inf")
        flagged_at = held.flagged_at if held and held.flagged_at is not None else now
        version = change.version + 1
        store = self.kept.server
        moved = store.known not in ("", self.server()) or store.changed_at > 0
        # As save.lua: a version that a failover forgot comes not up again.
        if moved if held is None else held.server != self.server():
            version += crc32(self.server().encode())
        kept.documents[name] = Document(order, version, flagged_at if order.attention else None, expires, self.server())
        if held is None or held.order.status is not order.status:
            kept.counters[f"entered:{order.status}"] += 1
            self._count(requested=pickups_requested(order))
        self._count(invoices=change.invoices)
        kept.codes |= {code: (name, expires) for code in codes if self._owner(code) in (None, name)}
        taken = sum(kept.inbox.pop(entry, None) is not None for entry in change.entries)
        kept.counters["events"] += taken + change.direct
        return ports.Saved(version)

    def _count(self, invoices: int = 0, requested: int = 0) -> None:
        if invoices or requested:
            running, hours = self.now() // HOUR, self.kept.hours
            known = hours.get(running, Hour())
            hours[running] = Hour(known.invoices + invoices, known.requested + requested)
            self.kept.hours = {hour: counted for hour, counted in hours.items() if hour > running - HOURS_KEPT}

    def hours(self) -> dict[int, Hour]:
        return dict(self.kept.hours)

    def _step(self, step: ports.TakeKey | ports.CloseKey, order_id: str) -> SaveResult | None:
        keys, name = self.kept.keys, (step.code, step.round)
        if name in keys and keys[name].expires <= self.now():
            del keys[name]
        key = keys.setdefault(name, PickupKey(order_id))
        if key.order_id != order_id:
            return ports.KeyHeld(key.order_id)
        if isinstance(step, ports.TakeKey):
            if key.closed:
                return ports.KeyClosed()
            key.token = step.token
        else:
            key.closed = True
        key.expires = self.now() + self.limits.key_ms
        return None

    def _living(self, order_id: str) -> Document | None:
        held = self.kept.documents.get(order_id)
        return held if held is not None and held.expires > self.now() else None

    def _owner(self, code: str) -> str | None:
        owner, expires = self.kept.codes.get(code, (None, 0))
        return owner if expires > self.now() else None

    def reject(self, rejected: Sequence[ports.Unreadable]) -> None:
        with self.lock:
            for each in rejected:
                self._drop(ports.Drop("", Dropped.REJECTED, each))

    def _drop(self, drop: ports.Drop) -> None:
        kept, limits = self.kept, self.limits
        if drop.entry_id and kept.inbox.pop(drop.entry_id, None) is None:
            return
        kept.counters[drop.counter] += 1
        if drop.rejected is not None:
            body = drop.rejected.body.encode()[: limits.body_bytes].decode(errors="ignore")
            row = f"{self.now()}-{next(kept.serial)}"
            event = read_entry(row, body).event
            known = None if isinstance(event, ports.Unreadable) else event
            kept.rejected.append(ports.Rejected(row, self.now(), body, drop.rejected.reason, known))
        oldest = self.now() - limits.rejected_ms
        while kept.rejected and (kept.rejected[0].at < oldest or _size(kept.rejected) > limits.rejected_bytes):
            del kept.rejected[0]

    def rejected(self, limit: int, before: str = "") -> list[ports.Rejected]:
        end = _place(before) if before else (2**64, 0)
        return [row for row in self.kept.rejected[::-1] if _place(row.rejected_id) < end][:limit]

    def rejected_after(self, rejected_id: str, limit: int) -> list[ports.Rejected]:
        after = _place(rejected_id) if rejected_id else (0, -1)
        return [row for row in self.kept.rejected if _place(row.rejected_id) > after][:limit]

    def rejected_by_id(self, rejected_ids: Sequence[str]) -> list[ports.Rejected]:
        wanted = list(map(_place, rejected_ids))
        return [row for place in wanted for row in self.kept.rejected if _place(row.rejected_id) == place]

    def forget_rejected(self, rejected_ids: Sequence[str]) -> int:
        with self.lock:
            before, places = self.kept.rejected, set(map(_place, rejected_ids))
            self.kept.rejected = [row for row in before if _place(row.rejected_id) not in places]
            return len(before) - len(self.kept.rejected)

    # ---- drains, as far as orders matter to them

    def standing(self, drain: Drain) -> ports.Standing:
        with self.lock:
            standing = super().standing(drain)
            due, expired = self.due(standing.now, EVERYTHING), self.expired(standing.now, EVERYTHING)
            flagged = self.attention_ids(0, EVERYTHING)
            return replace(standing, due=len(due), expired=len(expired), flagged=len(flagged))

    def leave(self, lease: ports.Lease) -> bool:
        with self.lock:
            if self.kept.leases.get(Drain.PICKUPS, ("", 0))[0] == lease.token:  # it may have run out
                if self.due(self.now(), 1) or self.expired(self.now(), 1):
                    return False
                del self.kept.leases[Drain.PICKUPS]
            return self.holder(Drain.PICKUPS) is None

    # ---- indexes

    def due(self, now: int, limit: int) -> list[str]:
        return self._ids(lambda held: held.order.at if held.order.status is Status.DUE else None, now)[:limit]

    def expired(self, now: int, limit: int) -> list[str]:
        return self._ids(lambda held: held.order.at if held.order.status is Status.REQUESTING else None, now)[:limit]

    def wishes(self, drain: Drain, now: int, limit: int) -> list[str]:
        learning = drain is Drain.LEARN
        return self._ids(lambda held: held.order.learn_at if learning else held.order.reread_at, now)[:limit]

    def order_ids(self, status: Status, offset: int, limit: int) -> list[str]:
        return self._ids(lambda held: held.order.at if held.order.status is status else None)[offset : offset + limit]

    def attention_ids(self, offset: int, limit: int) -> list[str]:
        flagged = self._ids(lambda held: At(held.flagged_at) if held.flagged_at is not None else None)
        return flagged[offset : offset + limit]

    def attention_counts(self) -> dict[Attention, int]:
        flagged = [held.order.attention for held in self.kept.documents.values()]
        return dict(Counter(reason for reasons in flagged for reason in reasons))

    def walk(self, walk: ports.Walk) -> ports.Walked:
        with self.lock:
            return walked(self.kept.documents, walk)

    def counts(self) -> dict[Status, int]:
        return {status: len(self.order_ids(status, 0, EVERYTHING)) for status in Status}

    def retire(self, older_than_ms: int) -> int:
        with self.lock:
            before, documents = self.now() - older_than_ms, self.kept.documents
            old = [n for n, held in documents.items() if held.order.status in ENDED and _ms(held.order.at) < before]
            for order_id in old:
                del documents[order_id]
            return len(old)

    def _ids(self, when: Callable[[Document], When | None], until: float = float("inf")) -> list[str]:
        with self.lock:
            found = [(at, order_id) for order_id, held in self.kept.documents.items() if (at := when(held)) is not None]
        return [order_id for ms, order_id in sorted((_ms(at), order_id) for at, order_id in found) if ms <= until]

    def backlog(self) -> ports.Backlog:
        now, kept = self.now(), self.kept
        return ports.Backlog(
            store=self.store,
            inbox=len(kept.inbox),
            due=len(self.due(now, EVERYTHING)),
            expired=len(self.expired(now, EVERYTHING)),
            learns=len(self.wishes(Drain.LEARN, now, EVERYTHING)),
            rereads=len(self.wishes(Drain.REREAD, now, EVERYTHING)),
            pause=kept.pause,
            backoffs=dict(kept.backoffs),
            inbox_lease_ms=self.held_for(Drain.INBOX),
        )

    def look(self) -> ports.Look:
        events = [int(name.partition("-")[0]) for name in self.kept.inbox]
        return ports.Look(
            overview=self.overview(),
            oldest_waiting=self._oldest(Status.WAITING),
            oldest_due=self._oldest(Status.DUE),
            attention=self.attention_counts(),
            oldest_event=min(events, default=None),
            hours=self.hours(),
        )

    def _oldest(self, status: Status) -> ports.Spot | None:
        found = self.walk(ports.Walk(index=status, most=1, lines=1)).found
        return found[0] if found else None

    def overview(self) -> ports.Overview:
        due = self.order_ids(Status.DUE, 0, 1)
        return ports.Overview(
            backlog=self.backlog(),
            now=self.now(),
            counts=self.counts(),
            attention=len(self.attention_ids(0, EVERYTHING)),
            rejected=len(self.kept.rejected),
            oldest_due=_ms(self.kept.documents[due[0]].order.at) if due else None,
            changed_at=self.kept.server.changed_at,
            doubted=self.kept.server.doubted == self.kept.server.changed_at,
            reconciled=self.kept.reconciled,
        )


def _place(rejected_id: str) -> tuple[int, int]:
    parts = re.fullmatch(r"([0-9]{1,20})-([0-9]{1,20})", rejected_id)
    if parts is None or max(map(int, parts.groups())) >= 2**64:
        raise ValueError(f"{rejected_id!r} is no id of a rejected event")
    return int(parts[1]), int(parts[2])


def _fixed(when: When, now: int) -> At:
    return when if isinstance(when, At) else At(now + when.ms)


def _ms(when: When) -> int:
    return when.ms


def _size(rejected: Sequence[ports.Rejected]) -> int:
    return sum(len(row.body.encode()) + len(row.reason.encode()) for row in rejected)
