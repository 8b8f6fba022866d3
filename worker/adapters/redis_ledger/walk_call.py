"""The other half of walk.lua: what it is told, and what its answer means."""

from typing import Any

from worker.adapters.redis_ledger.keys import Keys
from worker.domain.order import Status
from worker.ports import Spot, Walk, Walked


def walk_call(keys: Keys, walk: Walk) -> tuple[list[str], list[str | int]]:
    """Return KEYS and ARGV of walk.lua."""
    after = (walk.after.at, walk.after.order_id) if walk.after is not None else ("", "")
    within = "" if walk.within is None else "1"
    index = _index(keys, walk.index)
    args: list[str | int] = ["1" if walk.descending else "", *after, walk.most, walk.lines]
    args += [walk.part, walk.reason or "", within]
    return [index, keys("flags"), keys.orders(walk.within) if walk.within is not None else index], args


def read_walked(answer: list[Any]) -> Walked:
    """Return what walk.lua found."""
    total, at, order_id, *found = answer
    return Walked(
        found=tuple(Spot(int(at), order_id) for at, order_id in zip(found[::2], found[1::2], strict=True)),
        total=total,
        last=Spot(int(at), order_id) if at else None,
    )


def _index(keys: Keys, status: Status | None) -> str:
    return keys.orders(status) if status is not None else keys("attention")
