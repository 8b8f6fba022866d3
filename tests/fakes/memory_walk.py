"""A walk along an index of the ledger in memory, as walk.lua walks along one of Redis."""

from collections.abc import Mapping

from tests.fakes.memory_state import Document
from worker import ports


def walked(documents: Mapping[str, Document], walk: ports.Walk) -> ports.Walked:
    """Return what a walk finds."""
    index = sorted((spot for spot in (_spot(held, walk) for held in documents.values()) if spot), key=_key)
    lines = index[::-1] if walk.descending else index
    ahead = [spot for spot in lines if walk.after is None or _is_behind(spot, walk.after, walk)]
    looked_at = 0
    found: list[ports.Spot] = []
    for spot in ahead[: walk.lines]:
        looked_at += 1
        if _fits(documents[spot.order_id], walk):
            found.append(spot)
        if len(found) == walk.most:
            break
    last = ahead[looked_at - 1] if 0 < looked_at < len(ahead) else None
    return ports.Walked(found=tuple(found), total=len(index), last=last)


def _spot(held: Document, walk: ports.Walk) -> ports.Spot | None:
    order = held.order
    if walk.index is None:
        return ports.Spot(held.flagged_at, order.order_id) if held.flagged_at is not None else None
    return ports.Spot(order.at.ms, order.order_id) if order.status is walk.index else None


def _is_behind(spot: ports.Spot, after: ports.Spot, walk: ports.Walk) -> bool:
    return _key(spot) < _key(after) if walk.descending else _key(spot) > _key(after)


def _key(spot: ports.Spot) -> tuple[int, str]:
    return (spot.at, spot.order_id)


def _fits(held: Document, walk: ports.Walk) -> bool:
    order = held.order
    return (
        walk.part in order.order_id.encode().lower().decode()
        and (walk.reason is None or walk.reason in order.attention)
        and (walk.within is None or order.status is walk.within)
    )
