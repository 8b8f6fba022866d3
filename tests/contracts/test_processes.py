"""The traces of processes on every engine that keeps them."""

import pytest

from tests.contracts.worlds import STORE, RedisWorld
from worker.adapters.redis_ledger import Limits
from worker.adapters.redis_ledger.oldest import oldest_events
from worker.adapters.redis_ledger.processes import RedisProcesses
from worker.ports.processes import Kind, Trace


def _trace(kind: Kind = Kind.WORKER, name: str = "worker-1@here", **numbers: int) -> Trace:
    return Trace(kind=kind, name=name, host="here", pid=7, version="1.0", numbers=numbers)


def test_a_trace_is_kept_with_the_servers_time(redis_world: RedisWorld) -> None:
    """Its moments too; what is none any more is gone, and what is left expires."""
    processes = RedisProcesses(redis_world.client())
    processes.note(_trace(busy=3), {"turned": 2.0, "deaf_since": 4.0, "ended": None})
    (first,), now = processes.seen()
    assert (first.kind, first.name, first.host, first.pid, first.version) == (
        Kind.WORKER,
        "worker-1@here",
        "here",
        7,
        "1.0",
    )
    assert first.numbers == {"busy": 3}
    assert first.moments == {"turned": first.seen_at - 2000, "deaf_since": first.seen_at - 4000}
    assert 0 <= now - first.seen_at < 60_000

    processes.note(_trace(), {"turned": 0.0, "deaf_since": None, "ended": None})
    (again,), _ = processes.seen()
    assert again.moments == {"turned": again.seen_at}
    keys = redis_world.raw.keys("coleta:{_}:process*")
    assert len(keys) == 2
    assert all(0 < redis_world.raw.pttl(key) <= 3_600_000 for key in keys)


def test_who_leaves_is_forgotten_and_the_others_stay(redis_world: RedisWorld) -> None:
    """Names may hold blanks and colons."""
    processes = RedisProcesses(redis_world.client())
    beat, web = _trace(Kind.BEAT, "beat@here"), _trace(Kind.WEB, "web@here: 8000")
    for trace in (web, beat, _trace()):
        processes.note(trace, {})

    assert [(trace.kind, trace.name) for trace in processes.seen()[0]] == [
        (Kind.BEAT, "beat@here"),
        (Kind.WEB, "web@here: 8000"),
        (Kind.WORKER, "worker-1@here"),
    ]
    processes.leave(web)
    assert [trace.name for trace in processes.seen()[0]] == ["beat@here", "worker-1@here"]


def test_a_member_of_the_index_that_is_none_is_ignored(redis_world: RedisWorld) -> None:
    """So is one whose trace is gone."""
    redis_world.raw.zadd("coleta:{_}:processes", {"ghost": 1, "worker gone": 1})

    assert RedisProcesses(redis_world.client()).seen()[0] == []


@pytest.mark.parametrize("events", [0, 2])
def test_the_oldest_event_of_an_inbox_says_since_when_it_waits(redis_world: RedisWorld, events: int) -> None:
    """By the server's clock; an empty inbox says nothing."""
    for _ in range(events):
        redis_world.put("{}")
    _, now = redis_world.fleet(Limits()).backlogs([STORE])
    found = oldest_events(redis_world.client(), [STORE, "empty"])

    assert {store: now - since < 60_000 for store, since in found.items()} == ({STORE: True} if events else {})
