"""What a Redis server knows, and what it forgot: read from a copy of its files, so that nobody changes it meanwhile."""

import shutil
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from threading import Event, Thread
from typing import Any, Self

from redis import Redis

from tests.faults.consistent import inconsistencies
from tests.fixtures.running_parts import RedisPart
from worker.adapters.redis_ledger.codec import decode_record
from worker.adapters.redis_ledger.keys import Keys
from worker.domain.order import Status

_COPIES = count()
_SAMPLE_SECONDS = 0.1
# A store's document, by the store and the order's id.
Name = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Memory:
    """The version and status of every document, the events of every inbox, and what does not agree in it."""

    orders: Mapping[Name, tuple[int, str]]
    inbox: frozenset[Name]
    wrong: tuple[str, ...]

    def standing(self, status: Status) -> set[Name]:
        """Return the orders of a status."""
        return {name for name, (_, stands) in self.orders.items() if stands == status}

    def forgotten(self, after: "Memory") -> set[Name]:
        """Return the orders that are not known any more, or as they were before, and the events that are gone."""
        back = {name for name, (version, _) in self.orders.items() if after.orders.get(name, (0, ""))[0] < version}
        return back | (self.inbox - after.inbox)


def memory(client: "Redis", stores: Sequence[str]) -> Memory:
    """Return what a server knows of these stores; `client` decodes."""
    orders: dict[Name, tuple[int, str]] = {}
    inbox: set[Name] = set()
    for store in stores:
        keys = Keys(store)
        for key in client.scan_iter(keys.order("*"), count=1000):
            order_id = key.removeprefix(keys.order(""))
            known = decode_record(order_id, str(client.get(key)))
            orders[store, order_id] = known.version, known.order.status
        rows: Any = client.xrange(keys("inbox"))
        inbox |= {(store, entry_id) for entry_id, _ in rows}
    return Memory(orders, frozenset(inbox), tuple(line for store in stores for line in inconsistencies(client, store)))


@contextmanager
def copied(redis: RedisPart, engine: str) -> Iterator["Redis"]:
    """Give a client of a server that holds what is on the disk of this one, as far as it is written."""
    folder, name = redis.data.parent, f"copy-{next(_COPIES)}"
    shutil.copytree(redis.data, folder / f"{name}-data")
    copy = RedisPart(name, folder, engine)
    try:
        with Redis.from_url(copy.url, decode_responses=True) as client:
            yield client
    finally:
        copy.kill()


class AofWatch:
    """Knows how long the append-only file was some time ago; a context manager."""

    def __init__(self, redis: RedisPart) -> None:
        self._redis = redis
        self._sizes: deque[tuple[float, Path, int]] = deque(maxlen=200)
        self._over = Event()
        self._thread = Thread(target=self._watch, daemon=True)

    def cut(self, seconds: float) -> int:
        """Cut what the server, which is dead, wrote in its last seconds; returns how many bytes those were."""
        end, path = self._sizes[-1][0], self._redis.aof
        before = [size for at, file, size in self._sizes if file == path and at <= end - seconds]
        left, whole = (before[-1] if before else 0), path.stat().st_size
        with path.open("r+b") as file:
            file.truncate(left)
        return whole - left

    def _watch(self) -> None:
        while not self._over.wait(_SAMPLE_SECONDS):
            with suppress(OSError):
                path = self._redis.aof
                self._sizes.append((time.monotonic(), path, path.stat().st_size))

    def stop(self) -> None:
        """Look no more: the server is dead."""
        self._over.set()
        self._thread.join(10)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
