"""Since when events wait in the inboxes: what a person asks, and no drain needs."""

from collections.abc import Sequence

from redis.client import Pipeline

from worker.adapters.redis_ledger.each_store import ask_each
from worker.adapters.redis_ledger.keys import Keys
from worker.adapters.redis_ledger.scripts import Client, Scripts


def oldest_events(client: Client, stores: Sequence[str]) -> dict[str, int]:
    """Return when the oldest event of each inbox came, in server milliseconds.

    Stores without one are left out, and those whose node of a cluster is away; raises if all are.
    """

    def ask(pipe: "Pipeline", keys: Keys) -> None:
        pipe.xrange(keys("inbox"), count=1)

    found = ask_each(Scripts(client), stores, ask)
    # An entry's id begins with the time at which it was put there.
    return {store: int(rows[0][0].partition("-")[0]) for store, [rows] in found.items() if rows}
