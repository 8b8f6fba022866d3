"""Since when events wait in the inboxes: what a person asks, and no drain needs."""

from collections.abc import Sequence

from redis.client import Pipeline

from worker.adapters.redis_ledger.keys import Keys
from worker.adapters.redis_ledger.scripts import Client, Scripts


def oldest_events(client: Client, stores: Sequence[str]) -> dict[str, int]:
    """Return when the oldest event of each inbox came, in server milliseconds; stores without one are left out."""

    def fill(pipe: "Pipeline") -> None:
        for store in stores:
            pipe.xrange(Keys(store)("inbox"), count=1)

    found = Scripts(client).pipeline(fill) if stores else []
    # An entry's id begins with the time at which it was put there.
    return {store: int(rows[0][0].partition("-")[0]) for store, rows in zip(stores, found, strict=True) if rows}
