"""Redis in the model: a server that another one may replace, and connections on which answers and servers are lost."""

from collections import deque
from collections.abc import Callable
from itertools import count
from typing import Any

from redis.exceptions import ConnectionError as RedisConnectionError

from tests.fakes.memory_ledger import MemoryFleet, MemoryLedger
from tests.fakes.memory_state import PickupKey, Server
from tests.faults.model_lease import LeaseSeen
from tests.faults.model_process import Process
from worker import ports
from worker.domain.events import Event
from worker.ports import Drain

# What an asynchronous failover may forget: the writes of this long.
FORGOTTEN_MS = 1_000
_COPIED = ("inbox", "documents", "codes", "leases", "hints", "backoffs", "rejected")
_SHARED = ("pause", "scan", "reconciled")
_READS = frozenset({"now", "load", "due", "expired", "wishes", "order_ids", "attention_ids", "scan"})


class ModelLedger(MemoryLedger):
    """A store's state that knows each write's id, so that a repeated save reports its own success, as save.lua does.

    `written` and `dropped` hear of what is saved, before anybody else can act on it; `events` are the inbox's entries.
    """

    def __init__(self, fleet: MemoryFleet, store: str) -> None:
        super().__init__(store, fleet.clock, fleet.limits, fleet.lock, fleet.server)
        self.write = 0
        self.writes: dict[str, int] = {}
        self.events: dict[str, Event] = {}
        self.written: Callable[[ports.Change], object] = lambda _: None
        self.dropped: Callable[[ports.Drop], object] = lambda _: None

    def append(self, events: Any) -> None:  # noqa: ANN401 - as the ledger's
        known = set(self.kept.inbox)
        super().append(events)
        self.events |= dict(zip([entry for entry in self.kept.inbox if entry not in known], events, strict=True))

    def _save(self, change: ports.Change) -> ports.SaveResult:
        name = change.order.order_id
        if self.write and self.writes.get(name) == self.write:
            return ports.Saved(self.kept.documents[name].version)
        result = super()._save(change)
        if isinstance(result, ports.Saved):
            self.writes[name] = self.write
            self.written(change)
        return result

    def _drop(self, drop: ports.Drop) -> None:
        super()._drop(drop)
        self.dropped(drop)


class Failover:
    """Copies of a store's state that are up to a second old, one of which may become the server, until it is `over`.

    Whatever `beside` returns is kept with each copy.
    """

    def __init__(self, ledger: ModelLedger, beside: Callable[[], Any]) -> None:
        self.over = False
        self._ledger = ledger
        self._beside = beside
        self._replicas: deque[tuple[int, dict[str, Any], dict[str, int], Any]] = deque()

    def replicate(self) -> None:
        """Keep the state as it is now, before a write; forget what is too old to become the server."""
        if self.over:
            return
        kept, replicas, now = self._ledger.kept, self._replicas, self._ledger.now()
        state = {name: getattr(kept, name).copy() for name in _COPIED} | {name: getattr(kept, name) for name in _SHARED}
        state["keys"] = {
            name: PickupKey(key.order_id, key.token, key.closed, key.expires) for name, key in kept.keys.items()
        }
        state["server"] = Server(kept.server.known, kept.server.changed_at, kept.server.doubted)
        replicas.append((now, state, self._ledger.writes.copy(), self._beside()))
        while replicas[0][0] < now - FORGOTTEN_MS:
            replicas.popleft()

    def promote(self, back: int) -> Any:  # noqa: ANN401 - whatever was kept beside
        """Let a copy become the server, so many writes back; return what was kept beside it, None = all are too old."""
        young = [each for each in self._replicas if each[0] >= self._ledger.now() - FORGOTTEN_MS]
        if not young:
            return None
        _, state, writes, beside = young[max(0, len(young) - back)]
        for name, value in state.items():
            setattr(self._ledger.kept, name, value)
        self._ledger.writes = writes
        self._replicas.clear()
        return beside


class RedisSeen:
    """One process's connection: each command is a port call, whose answer may be lost."""

    def __init__(self, process: Process, world: Any) -> None:  # noqa: ANN401 - the world builds it
        self.process = process
        self._struck: Callable[[str], object] = world.struck
        self._ledger: ModelLedger = world.ledger
        self._failover: Failover = world.failover

    def command(self, name: str, call: Callable[[], Any]) -> Any:  # noqa: ANN401 - whatever is answered
        """Send a command; the process remembers which time it was told last."""
        answer = self._answered(name, call)
        if name == "now":
            self.process.answers[name] = answer
        return answer

    def _answered(self, name: str, call: Callable[[], Any]) -> Any:  # noqa: ANN401 - whatever is answered
        """Return the answer; redis-py sends a command once more where it is lost, or gives up in the end."""
        fault = self.process.reach(name)
        if name not in _READS:
            self._failover.replicate()
        ledger = self._ledger
        ledger.write = write = next(_WRITES)
        if not fault:
            return call()
        if fault % 3 == 0:
            self._struck("Redis is away before a command")
            raise RedisConnectionError
        answer = call()
        self._struck("an answer of Redis is lost")
        if fault % 3 == 1:
            self.process.reach(f"{name} once more")
            ledger.write = write
            # A record that is stamped knows its last write too: what it said once it says again.
            return answer if name in ("pause", "resume") else call()
        raise RedisConnectionError


_WRITES = count(1)


class LedgerSeen(RedisSeen):
    """The ledger as one process calls it."""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - any method of the ledger
        method = getattr(self._ledger, name)
        if not callable(method):
            return method

        def call(*args: Any, **named: Any) -> Any:  # noqa: ANN401 - as the method's
            return self.command(name, lambda: method(*args, **named))

        self.__dict__[name] = call
        return call

    def lease(self, drain: Drain) -> LeaseSeen | None:
        lease = LeaseSeen(self, drain, self._ledger)
        return lease if lease.take() else None

    def begin(self, drain: Drain) -> tuple[ports.Standing, LeaseSeen | None]:
        lease = LeaseSeen(self, drain, self._ledger)
        standing, held = lease.begin()
        return standing, lease if held else None
