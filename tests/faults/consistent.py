"""Whether a store's documents, indexes and keys in Redis agree: half of a save must never be there."""

from collections.abc import Iterator

from redis import Redis

from worker.adapters.redis_ledger.codec import decode_record
from worker.adapters.redis_ledger.keys import STATUSES, Keys
from worker.domain.order import At, Order, Status, When
from worker.ports import Drain

_WISHES = (Drain.LEARN, Drain.REREAD)


def inconsistencies(client: "Redis", store: str) -> list[str]:
    """Return what does not agree, a sentence each; `client` decodes. Everything is read in one transaction."""
    keys = Keys(store)
    ids = [key.removeprefix(keys.order("")) for key in client.scan_iter(keys.order("*"), count=1000)]
    codes = list(client.scan_iter(keys.code("*"), count=1000))
    pickups = list(client.scan_iter(keys("pickup:*"), count=1000))
    with client.pipeline(transaction=True) as pipe:
        for order_id in ids:
            pipe.get(keys.order(order_id))
        for name in (*(keys.orders(status) for status in STATUSES), *map(keys, (*_WISHES, "attention"))):
            pipe.zrange(name, 0, -1, withscores=True)
        for code in codes:
            pipe.get(code)
        for pickup in pickups:
            pipe.get(pickup)
        answers = pipe.execute()
    held = {name: record for name, record in zip(ids, answers, strict=False) if record is not None}
    lines = [dict(rows) for rows in answers[len(ids) : len(ids) + len(STATUSES) + 3]]
    owners = dict(zip(codes, answers[len(ids) + len(lines) :], strict=False))
    taken = dict(zip(pickups, answers[len(ids) + len(lines) + len(codes) :], strict=True))
    orders = {name: decode_record(name, record).order for name, record in held.items()}
    statuses, wishes, attention = lines[: len(STATUSES)], lines[len(STATUSES) : -1], lines[-1]
    return [
        *_by_status(orders, statuses),
        *_by_wish(orders, wishes),
        *(f"{name}: attention is not as its index says" for name in _unlike(orders, attention)),
        *_by_key(orders, owners, taken, keys),
    ]


def _by_status(orders: dict[str, Order], lines: list[dict[str, float]]) -> Iterator[str]:
    for name, order in orders.items():
        found = [status for status, index in zip(STATUSES, lines, strict=True) if name in index]
        if found != [order.status]:
            yield f"{name} is {order.status}, and in the indexes of {found}"
        elif lines[STATUSES.index(order.status)][name] != _ms(order.at):
            yield f"{name} is {order.status} at {_ms(order.at)}, by its index at another time"
    for status, index in zip(STATUSES, lines, strict=True):
        yield from (f"{name} is in the index of {status} without a document" for name in index if name not in orders)


def _by_wish(orders: dict[str, Order], lines: list[dict[str, float]]) -> Iterator[str]:
    for wish, index in zip(_WISHES, lines, strict=True):
        wished = {
            name: _ms(order.learn_at if wish is Drain.LEARN else order.reread_at) for name, order in orders.items()
        }
        known = {name: at for name, at in wished.items() if at is not None}
        for name in known.keys() | index.keys():
            if known.get(name) != index.get(name):
                yield f"{name}: its wish {wish} is at {known.get(name)}, by the index at {index.get(name)}"


def _unlike(orders: dict[str, Order], attention: dict[str, float]) -> Iterator[str]:
    flagged = {name for name, order in orders.items() if order.attention}
    yield from sorted(flagged ^ attention.keys())


def _by_key(orders: dict[str, Order], owners: dict[str, str], taken: dict[str, str], keys: Keys) -> Iterator[str]:
    yield from (
        f"{code} names {owner}, of which there is no document" for code, owner in owners.items() if owner not in orders
    )
    for pickup, kept in taken.items():
        holder = kept.partition(" ")[0]
        if holder not in orders:
            yield f"{pickup} belongs to {holder!r}, of which there is no document"
    for name, order in orders.items():
        if order.status not in (Status.REQUESTING, Status.REQUESTED):
            continue
        holder, _, what = taken.get(keys.pickup(order.remote_code or order.codes[0], order.round), "").partition(" ")
        if holder != name:
            yield f"{name} is {order.status} without its idempotency key"
        elif order.status is Status.REQUESTED and what != "requested":
            yield f"{name} is requested, which its idempotency key does not say"
        elif order.status is Status.REQUESTING and (order.claim is None or what != order.claim.token):
            yield f"{name} is claimed by another token than its idempotency key says"


def _ms(when: When | None) -> int | None:
    return when.ms if isinstance(when, At) else None
