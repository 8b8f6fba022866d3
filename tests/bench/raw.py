"""The raw limit: what Redis itself does with the service's own commands, built and packed before the clock starts."""

import socket
import time
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

from redis import Redis
from redis.connection import Connection

from tests.bench.figures import Figure, Reading
from tests.bench.rows import Plan, Readings, Row
from tests.bench.stage import check_recorded, events_of, new_orders, stage, waiting
from tests.fixtures.running_service import RunningService
from worker.adapters.redis_ledger.codec import encode_event
from worker.adapters.redis_ledger.keys import Keys
from worker.adapters.redis_ledger.limits import Limits
from worker.adapters.redis_ledger.save_call import save_call
from worker.adapters.redis_ledger.scripts import Scripts
from worker.domain.events import Event
from worker.domain.order import Order
from worker.domain.progress import record
from worker.ports import Change

_STORE = "acme"
_ORDERS = 10_000
# As many as the service puts into one round trip by default.
_BATCH = 200
_READ = 1 << 16

Command = tuple[str | int, ...]


def _raw(plan: Plan) -> Iterator[Readings]:
    draw = Random(4)  # noqa: S311 - the same events in every run
    with stage(plan.folder) as service, Redis.from_url(service.redis.url, decode_responses=True) as client:
        scripts = Scripts(client)
        client.script_load(scripts.sources["save"])
        for _ in range(plan.runs):
            sold = new_orders(_STORE, plan.scaled(_ORDERS))
            events = events_of(sold, draw)
            inbox = Keys(_STORE)("inbox")
            adds: list[Command] = [("XADD", inbox, "*", "e", encode_event(event)) for event in events]
            added = _seconds(service, [adds[begin : begin + _BATCH] for begin in range(0, len(adds), _BATCH)])
            saves = _saves(service, scripts, events)
            saved = _seconds(service, [[save] for save in saves])
            check_recorded(service, sold)
            assert waiting(service, _STORE) == 0
            yield {"append": Reading(len(events) / added), "save": Reading(len(sold) / saved)}


def _saves(service: RunningService, scripts: Scripts, events: Sequence[Event]) -> list[Command]:
    """Return the calls that save the orders of these events and take all of them out of the inbox, a batch a call."""
    policy, ledger = service.service.policy(_STORE), service.ledger(_STORE)
    entries, now = ledger.exchange((), (), len(events))[1], ledger.now()
    orders: dict[str, Order] = {}
    taken: dict[str, list[str]] = {}
    for entry, event in zip(entries, events, strict=True):
        orders[event.order_id] = record(orders.get(event.order_id), event, policy, now)
        taken.setdefault(event.order_id, []).append(entry.entry_id)
    changes = [Change(order=order, version=0, entries=tuple(taken[name])) for name, order in orders.items()]
    calls: list[Command] = []
    for begin in range(0, len(changes), _BATCH):
        keys, args = save_call(Keys(_STORE), Limits(), changes[begin : begin + _BATCH])
        calls.append(("EVALSHA", scripts.digests["save"], len(keys), *keys, *args))
    return calls


def _seconds(service: RunningService, batches: Sequence[Sequence[Command]]) -> float:
    """Send these batches, each when the one before is answered; return the seconds that it took."""
    pack: Any = Connection().pack_command  # type: ignore[no-untyped-call]
    packed = [(b"".join(b"".join(pack(*command)) for command in batch), _ends(batch)) for batch in batches]
    with socket.create_connection(("127.0.0.1", service.redis.port)) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        begun = time.perf_counter()
        for request, ends in packed:
            line.sendall(request)
            _await(line, ends)
        return time.perf_counter() - begun


def _ends(batch: Sequence[Command]) -> int:
    """Return how many line ends the answers of these commands have: an added event's id is a bulk string, two lines.

    A save answers with the head of a list, a number, and a bulk string for its fence and for each order.
    """
    first = batch[0]
    return 2 * len(batch) if first[0] == "XADD" else 2 + 2 * (1 + _orders_of(first))


def _orders_of(save: Command) -> int:
    """Return how many orders a call of save.lua is about: the 14th of its arguments, which follow its keys."""
    return int(save[3 + int(save[2]) + 13])


def _await(line: socket.socket, ends: int) -> None:
    """Read until so many lines have come; raises `AssertionError` when the server complains or goes away."""
    seen, last = 0, b""
    while seen < ends:
        read = line.recv(_READ)
        assert read, "Redis closed the connection"
        assert not read.startswith(b"-"), read
        # A line end may be cut in two.
        seen += read.count(b"\r\n") + (last == b"\r" and read[:1] == b"\n")
        last = read[-1:]


ROWS = (
    Row(
        name="raw",
        about=(
            "what Redis itself does, AOF always: XADD of the first row's events, 200 a pipeline; the save script with"
            " their orders, 200 a call, which also takes the events out; calls packed beforehand"
        ),
        figures={
            "append": Figure(what="events appended", unit="/s"),
            "save": Figure(what="orders saved", unit="/s"),
        },
        measure=_raw,
    ),
)
