"""What orders take: Redis' memory an order and a key, and what an event costs among many open orders."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random

from redis import Redis

from tests.bench.figures import Figure, Reading
from tests.bench.rows import Plan, Readings, Row
from tests.bench.stage import check_recorded, drained, events_of, fill, hold, new_orders, stage
from tests.fixtures.running_service import RunningService
from tests.fixtures.sales import Sale
from worker.adapters.native_event import read
from worker.domain.confirmation import Accepted
from worker.domain.progress import claim, settle
from worker.ports import Change, CloseKey, Ledger, TakeKey

_STORE = "acme"
_ORDERS = 6_000
_CHUNK = 500
_TOKEN = "f" * 32  # as long as a claim's
_A_DAY = 10_000
_DAYS_OPEN, _DAYS_KEPT, _DAYS_OF_KEYS = 3, 90, 400
_ENGINES = {"redis": "", "valkey": " (Valkey)"}
_COUNTS = (10_000, 100_000, 1_000_000)
_NEW_ORDERS = 5_000
_GIB = 2**30


@dataclass(frozen=True, slots=True)
class _Stages:
    """Redis' memory an order, in bytes: one of its two items invoiced, both, requested; and of its key alone."""

    waiting: float
    due: float
    ended: float
    key: float

    def readings(self) -> Readings:
        """Return them, and what a store of 10,000 orders a day takes."""
        kept = _DAYS_OPEN * self.due + _DAYS_KEPT * self.ended + _DAYS_OF_KEYS * self.key
        figures = {"open": max(self.waiting, self.due), "ended": self.ended, "key": self.key}
        return {**{name: Reading(value) for name, value in figures.items()}, "kept": Reading(_A_DAY * kept / _GIB)}


def _memory(plan: Plan) -> Iterator[Readings]:
    for run in range(plan.runs):
        found: dict[str, Reading] = {}
        for engine, suffix in _ENGINES.items():
            folder = plan.folder.with_name(f"{plan.folder.name}-{engine}-{run}")
            with stage(folder, engine=engine) as service:
                readings = _stages(service, new_orders(_STORE, plan.scaled(_ORDERS, least=500))).readings()
            found |= {f"{name}{suffix}": reading for name, reading in readings.items()}
        yield found


def _stages(service: RunningService, sold: Sequence[Sale]) -> _Stages:
    """Take orders through their life, and look at Redis after each step."""
    redis, ledger = service.service.redis, service.ledger(_STORE)
    ledger.now()  # loads the scripts: they are the server's, not an order's
    at = [_used(redis)]
    for index in (0, 1):
        fill(service, _STORE, [read(sale.event(index)).event for sale in sold])
        service.service.drain_inbox(_STORE, stop=lambda: False)
        at.append(_used(redis))
    check_recorded(service, sold)
    for begin in range(0, len(sold), _CHUNK):
        _request(service, ledger, [sale.order_id for sale in sold[begin : begin + _CHUNK]])
    at.append(_used(redis))
    for sale in sold:
        redis.delete(f"coleta:{{{_STORE}}}:pickup:{sale.remote_code}:1")
    at.append(_used(redis))
    before, waiting, due, requested, without_keys = (each / len(sold) for each in at)
    return _Stages(waiting - before, due - before, without_keys - before, requested - without_keys)


def _request(service: RunningService, ledger: Ledger, order_ids: Sequence[str]) -> None:
    """Claim orders and settle them as accepted, as a drain does."""
    policy, now = service.service.policy(_STORE), ledger.now()
    changes = []
    for stored in ledger.load(order_ids)[0].values():
        order = claim(stored.order, stored.order.codes[0], _TOKEN, len(order_ids), policy, now)
        key = TakeKey(order.remote_code, order.round, _TOKEN)
        changes.append(Change(order=order, version=stored.version, key=key))
    ledger.save(changes)
    changes = []
    for stored in ledger.load(order_ids)[0].values():
        order = settle(stored.order, _TOKEN, Accepted(), policy, now, 0.5)
        closed = CloseKey(order.remote_code, order.round)
        changes.append(Change(order=order, version=stored.version, key=closed))
    ledger.save(changes)


def _used(redis: Redis) -> int:
    """Return the bytes that Redis uses, but for the buffers of connections and of its log."""
    told = redis.info("memory")
    return int(told["used_memory"]) - int(told["mem_clients_normal"]) - int(told["mem_aof_buffer"])


# ---- many open orders


def _open_orders(plan: Plan) -> Iterator[Readings]:
    """Record the same number of new events in turn among few, some and many open orders."""
    draw = Random(3)  # noqa: S311 - the same events in every run
    with stage(plan.folder, [f"open-{count}" for count in _counts(plan)]) as service:
        service.start_worker()
        hold(service, *service.simulated)
        for store, count in zip(service.simulated, _counts(plan), strict=True):
            _open(service, store, count)
        for _ in range(plan.runs):
            costs = [_cost(service, store, plan, draw) for store in service.simulated]
            rates = {f"at {count}": Reading(1e6 / cost) for count, cost in zip(_COUNTS, costs, strict=True)}
            yield {"cost": Reading(costs[-1], costs[0]), **rates}


def _counts(plan: Plan) -> Sequence[int]:
    return [plan.scaled(count) for count in _COUNTS]


def _cost(service: RunningService, store: str, plan: Plan, draw: Random) -> float:
    sold = new_orders(store, plan.scaled(_NEW_ORDERS))
    events = events_of(sold, draw)
    fill(service, store, events)
    cost = drained(service, store) / len(events) * 1e6
    check_recorded(service, sold)
    return cost


def _open(service: RunningService, store: str, count: int) -> None:
    """Let a store have so many orders that wait for their second item: copies of one, under names of their own."""
    (pattern,) = new_orders(store)
    fill(service, store, [read(pattern.event(0)).event])
    drained(service, store)
    redis = service.service.redis
    prefix = f"coleta:{{{store}}}:"
    record: str = str(redis.get(f"{prefix}order:{pattern.order_id}"))
    for begin in range(0, count, 10_000):
        numbers = range(pattern.number * 10 + begin, pattern.number * 10 + min(begin + 10_000, count))
        with redis.pipeline(transaction=False) as pipe:
            names = {number: f"Lojas_Americanas-{number}" for number in numbers}
            pipe.mset(
                {
                    f"{prefix}order:{name}": record.replace(str(pattern.number), str(number))
                    for number, name in names.items()
                }
            )
            pipe.mset({f"{prefix}code:{number}": name for number, name in names.items()})
            pipe.zadd(f"{prefix}orders:waiting", dict.fromkeys(names.values(), 1.0))
            pipe.execute()


_FIGURES = {
    "open": Figure(what="an open order of two items", unit="bytes", at_most=1_200),
    "ended": Figure(what="an ended order", unit="bytes", at_most=700),
    "key": Figure(what="an idempotency key", unit="bytes", at_most=200),
    "kept": Figure(what="10,000 orders a day: 3 days open, 90 days ended, their keys for 400 days", unit="GiB"),
}

ROWS = (
    Row(
        name="memory",
        about="growth of the used memory of Redis, its buffers aside, and of Valkey's",
        figures={
            f"{name}{suffix}": replace(figure, what=f"{figure.what}{suffix}")
            for suffix in _ENGINES.values()
            for name, figure in _FIGURES.items()
        },
        measure=_memory,
    ),
    Row(
        name="open-orders",
        about="events recorded by one worker while that many orders are open",
        figures={
            "cost": Figure(what="an event among 1,000,000 open orders", unit="µs", against="among 10,000", at_most=1.1),
            **{f"at {count}": Figure(what=f"events among {count:,} open orders", unit="/s") for count in _COUNTS},
        },
        measure=_open_orders,
    ),
)
