"""What is shown of all stores, or done to all, where a Redis server is away: the rest, and which are missing."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from worker.adapters.redis_ledger.keys import NO_STORE
from worker.bootstrap import Service
from worker.entrypoints.cli.tally import Tally
from worker.entrypoints.cli.terminal import complain
from worker.entrypoints.servers_away import AWAY, on_cluster
from worker.ports import Ledger

Item = TypeVar("Item")

SERVER_AWAY = "its Redis server does not answer"


class EachStore:
    """Reads stores one after the other; `end` tells of those that could not be read.

    `stores` may have `NO_STORE` among them; `unread` are others, of which that is known already.
    """

    def __init__(self, service: Service, stores: Sequence[str], unread: Sequence[str] = ()) -> None:
        self._service = service
        self._stores = stores
        self._unread = list(unread)
        self._all = len(stores) + len(unread)

    def each(self, read: Callable[[Ledger], Iterable[Item]]) -> Iterator[tuple[str, Item]]:
        """Yield what is read of each store, with its name; raises where no store can be read."""
        for store in self._stores:
            try:
                for item in read(self._opened(store)):
                    yield store, item
            except AWAY:
                self._unread.append(store)
                if len(self._unread) == self._all:
                    raise

    def tell(self) -> bool:
        """Name the stores that could not be read; False where all were."""
        if self._unread:
            name_unread(self._unread)
        return bool(self._unread)

    def end(self) -> None:
        """Name the stores that could not be read, and end the process with 1; nothing where all were."""
        end_with_unread(self._unread)

    def _opened(self, store: str) -> Ledger:
        return self._service.fleet.ledger(store) if store == NO_STORE else self._service.seen(store)


def unless_away(service: Service, do: Callable[[], Item]) -> Item | None:
    """Do something to one store; None if its node of a cluster is away, whose other stores can be acted on."""
    try:
        return do()
    except AWAY:
        if not on_cluster(service):
            raise
        return None


def act_on_each(
    service: Service, tally: Tally, ids: Mapping[str, Sequence[str]], act: Callable[[str, Sequence[str]], None]
) -> None:
    """Act on some of each store's things, named by their ids; what a server that goes away leaves is noted as missed.

    On a cluster the next stores are acted on; a server that stands alone has all of them. `act` counts each thing.
    """
    is_over = False
    for store, names in ids.items():
        before = tally.counted
        try:
            if not is_over:
                act(store, names)
                continue
        except AWAY:
            is_over = not on_cluster(service)
        tally.miss(store, len(names) - (tally.counted - before), SERVER_AWAY)


def end_with_unread(stores: Sequence[str]) -> None:
    """Name the stores that could not be read, and end the process with 1; nothing where there is none."""
    if stores:
        name_unread(stores)
        raise SystemExit(1)


def name_unread(stores: Sequence[str]) -> None:
    """Say which stores could not be read, and why."""
    named = ", ".join("what is of no store" if store == NO_STORE else store for store in stores)
    complain(f"left out, for their Redis server does not answer: {named}")
