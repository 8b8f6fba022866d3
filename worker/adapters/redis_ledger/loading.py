"""What is asked of Redis to load orders by id and by code, and what the answer means."""

from collections.abc import Iterable, Sequence

from worker.adapters.redis_ledger.codec import decode_record
from worker.adapters.redis_ledger.keys import Keys
from worker.adapters.redis_ledger.scripts import sendable
from worker.ports import Stored


def record_keys(keys: Keys, ids: Iterable[str], codes: Iterable[str]) -> list[bytes]:
    """Return the keys of a store's orders, then of codes, as MGET takes them."""
    return [sendable(key) for key in (*map(keys.order, ids), *map(keys.code, codes))]


def read_records(
    ids: Sequence[str], codes: Sequence[str], values: Sequence[str | None]
) -> tuple[dict[str, Stored], dict[str, str]]:
    """Return the orders that there are, and the owner of each code that has one."""
    records = zip(ids, values, strict=False)
    orders = {order_id: decode_record(order_id, record) for order_id, record in records if record is not None}
    owners = zip(codes, values[len(ids) :], strict=True)
    return orders, {code: owner for code, owner in owners if owner is not None}
