"""The other half of save.lua: what it is told, and what its answer means."""

from collections.abc import Sequence
from typing import Any

from worker.adapters.redis_ledger.codec import encode_order, moment
from worker.adapters.redis_ledger.keys import STATUSES, Keys
from worker.adapters.redis_ledger.lease import RedisLease
from worker.adapters.redis_ledger.limits import Limits
from worker.adapters.redis_ledger.scripts import write_id
from worker.domain.activity import HOURS_KEPT, pickups_requested
from worker.domain.lead_time import lead_time
from worker.domain.order import ENDED, Order
from worker.metrics import bucket_of
from worker.ports import (
    Change,
    Drain,
    Fenced,
    Halt,
    KeyClosed,
    KeyHeld,
    Lease,
    Lost,
    OwnedBy,
    Saved,
    SaveResult,
    TakeKey,
)


def save_call(
    keys_of: Keys, limits: Limits, changes: Sequence[Change], fence: Lease | None = None, *, claiming: bool = False
) -> tuple[list[str], list[str | int]]:
    """Return KEYS and ARGV of save.lua, under a write id of their own: what is sent again must be these."""
    named = ["inbox", "counters", "lease", "server", "paused", "attention", Drain.LEARN, Drain.REREAD, "flags"]
    keys = [keys_of(name) for name in named]
    if isinstance(fence, RedisLease):
        keys[2] = fence.key
    keys += [*(keys_of.orders(status) for status in STATUSES), keys_of("hours")]
    args: list[str | int] = [fence.token if fence else "", "1" if claiming else "", write_id()]
    args += [limits.retention_ms, limits.key_ms, len(ENDED), *STATUSES, len(changes), HOURS_KEPT]
    for change in changes:
        order, step = change.order, change.key
        codes = dict.fromkeys((*order.codes[:1], *order.guessed_codes[:1]))
        keys.append(keys_of.order(order.order_id))
        keys += [keys_of.code(code) for code in codes]
        if step is not None:
            keys.append(keys_of.pickup(step.code, step.round))
        args += [
            order.order_id,
            change.version,
            order.status,
            moment(order.at),
            moment(order.learn_at),
            moment(order.reread_at),
            ",".join(sorted(order.attention)),
            encode_order(order),
            len(codes),
            "" if step is None else "take" if isinstance(step, TakeKey) else "close",
            step.token if isinstance(step, TakeKey) else "",
            _on_entering(order),
            _times("requested", pickups_requested(order)),
            _times("invoices", change.invoices),
            change.direct,
            len(change.entries),
            *change.entries,
        ]
    return keys, args


def _on_entering(order: Order) -> str:
    """Return what save.lua counts if this save takes the order into its status."""
    waited = lead_time(order)
    return "" if waited is None else f"accepted:{bucket_of(waited / 1000)} 1 accepted_ms {waited}"


def _times(what: str, times: int) -> str:
    return f"{what} {times}" if times else ""


def read_results(answer: list[Any], count: int) -> list[SaveResult]:
    """Return what became of each of so many changes."""
    _, fence, *lines = answer
    return [Fenced(Halt(fence))] * count if fence else [_result(line) for line in lines]


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
