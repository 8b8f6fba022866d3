"""Every key of a store, built here and nowhere else.

The store is the hash tag (the braces are literal), so that a script's keys lie in one slot of a cluster.

| key | type | lifetime |
|---|---|---|
| `inbox` | stream of events | until recorded |
| `order:<id>` | string: the record (`codec`): version, write id, server, status, times, document | ended: retention |
| `orders:<status>` | sorted set of ids by `t` | as the documents |
| `attention`, `learn`, `reread` | sorted sets of ids, by time flagged and next try | as the documents |
| `code:<remote>` | string: order id | as the document |
| `pickup:<remote>:<round>` | string: order and its claim's token, or `requested`: idempotency key | `KEY_DAYS` |
| `lease:<drain>` | string: token | `LEASE_SECONDS` |
| `holders` | hash: drain to the token that took its lease last and has not given it back | none |
| `hint:<drain>`, `hint:sweep` | string | `SWEEP_SECONDS`, half of it |
| `turn:<drain>` | string: it ran in this interval | `FEED_SECONDS`, `RECONCILE_SECONDS` |
| `reconciled` | hash: what the last reconcile found | none |
| `backoff:<drain>` | hash: until, token, tries, reason | an hour past its end |
| `paused` | hash: the pause and its growth | none |
| `server` | hash: id, changed_at (another server, or its clock set forward), doubted | none |
| `scan` | string: how far `requested=true` was read | an hour |
| `flags` | hash: order id to why it needs attention, `,` between the reasons | as the documents |
| `counters` | hash, written inside guarded scripts only: what `worker.metrics` names, `rejected_bytes` | none |
| `hours` | hash: `<hours since 1970>:invoices`, `:requested`: how many in that hour (`domain.activity`) | 8 days |
| `counted:<id>` | string: these counts of a process are in `counters` | an hour |
| `swept` (of no store) | hash: when a sweep last came to its end | none |
| `stores` (of no store) | set of every store that was ever served | none |
| `processes` (of no store) | sorted set of the processes that serve, by when they were seen | an hour |
| `process:<kind>:<name>` (of no store) | hash: what that process said of itself last | an hour |
| `session-key` (of no store) | string: signs what browsers keep, with a password of the pages | none |
| `session:<id>` (of no store) | string: a person is at the pages | `SESSION_MINUTES` without a click |
| `tries:<whose>` (of no store) | string: passwords tried by an address, a browser, or all | ten minutes |
| `rejected` | stream: reason, body, size | 30 days, 50 MiB |
| `rate:<calls>` | the rate limiter's | its own |
"""

from dataclasses import dataclass

from worker.domain.order import ENDED, Status

# The ended statuses come last: save.lua relies on it.
STATUSES = (*(s for s in Status if s not in ENDED), *(s for s in Status if s in ENDED))
# Where events of stores that nobody configured are kept.
NO_STORE = "_"


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of one store."""

    store: str

    def __call__(self, name: str) -> str:
        """Return the key of this name, `coleta:{store}:name`."""
        return f"coleta:{{{self.store}}}:{name}"

    def order(self, order_id: str) -> str:
        """Return the key of an order's document."""
        return self(f"order:{order_id}")

    def orders(self, status: Status) -> str:
        """Return the key of a status's index."""
        return self(f"orders:{status}")

    def code(self, remote: str) -> str:
        """Return the key that names the owner of a remote code."""
        return self(f"code:{remote}")

    def pickup(self, remote: str, number: int) -> str:
        """Return the idempotency key of a pickup and round."""
        return self(f"pickup:{remote}:{number}")
