"""What is shown of all stores, or done to all, where a cluster's node is away: the rest, and which are missing."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from config.groups import is_cluster
from worker.adapters.redis_ledger.keys import NO_STORE
from worker.bootstrap import Service
from worker.entrypoints.cli.terminal import complain
from worker.ports import Ledger

Item = TypeVar("Item")

NODE_AWAY = "its node of the Redis cluster does not answer"
_AWAY = (RedisConnectionError, RedisTimeoutError)


class EachStore:
    """Reads stores one after the other; `end` tells of those that could not be read."""

    def __init__(self, service: Service, stores: Sequence[str]) -> None:
        self._service = service
        self._stores = stores
        self._unread: list[str] = []

    def each(self, read: Callable[[Ledger], Iterable[Item]]) -> Iterator[tuple[str, Item]]:
        """Yield what is read of each store, with its name; raises where no store can be read."""
        for store in self._stores:
            try:
                for item in read(self._service.seen(store)):
                    yield store, item
            except _AWAY:
                self._unread.append(store)
                if len(self._unread) == len(self._stores):
                    raise

    def tell(self) -> bool:
        """Name the stores that could not be read; False where all were."""
        if self._unread:
            name_unread(self._unread)
        return bool(self._unread)

    def end(self) -> None:
        """Name the stores that could not be read, and end the process with 1; nothing where all were."""
        end_with_unread(self._unread)


def unless_away(service: Service, do: Callable[[], Item]) -> Item | None:
    """Do something to one store; None if its node of a cluster is away, whose other stores can be acted on."""
    try:
        return do()
    except _AWAY:
        if not is_cluster(service.settings.redis_url or ""):
            raise
        return None


def end_with_unread(stores: Sequence[str]) -> None:
    """Name the stores that could not be read, and end the process with 1; nothing where there is none."""
    if stores:
        name_unread(stores)
        raise SystemExit(1)


def name_unread(stores: Sequence[str]) -> None:
    """Say which stores could not be read, and why."""
    named = ", ".join("what is of no store" if store == NO_STORE else store for store in stores)
    complain(f"left out, for their node of the Redis cluster does not answer: {named}")
