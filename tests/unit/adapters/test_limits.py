"""Slots are far enough apart for the counterparty's sliding second, and live under the key that was given."""

import time
from concurrent.futures import ThreadPoolExecutor
from importlib import resources
from typing import Any

import fakeredis
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lupa.lua51 import LuaRuntime  # type: ignore[import-untyped]

from worker.adapters.limits import RedisRateLimit, calls_and_window

KEY = "coleta:{acme}:rate:shipments"


def busiest_second(arrivals: list[float]) -> int:
    """Return the most arrivals in any second, but for the microseconds to which Redis' clock is rounded."""
    return max(sum(start <= arrival < start + 1 - 1e-5 for arrival in arrivals) for start in arrivals)


class Clocked:
    """slot.lua on a server whose clock stands where it is put, in seconds; keeps the slots as Redis does."""

    def __init__(self) -> None:
        self.now = 0.0
        self._slots: list[str] = []
        lua = LuaRuntime()
        self._table = lua.table_from
        source = resources.files("worker.adapters").joinpath("slot.lua").read_text()
        self._reserve: Any = lua.eval(f"function(redis, KEYS, ARGV) {source} end")

    def wait(self, calls: int, window: float, patience: float = 1e6) -> float | None:
        """Return how long to wait for the next slot, None: longer than that."""
        keys, args = (
            self._table(["key"]),
            self._table([str(round(each)) for each in (calls, window * 1e6, patience * 1e6)]),
        )
        wait = self._reserve({"call": self._call}, keys, args)
        return None if wait < 0 else wait / 1e6

    def _call(self, command: str, *args: Any) -> Any:  # noqa: ANN401 - as Lua calls it
        match command:
            case "TIME":
                return self._table([str(int(self.now)), str(round(self.now % 1 * 1e6))])
            case "LINDEX":
                index = int(args[1])
                return self._slots[index] if index < len(self._slots) else False
            case "LPUSH":
                self._slots.insert(0, args[1])
            case "LTRIM":
                del self._slots[int(args[2]) + 1 :]
        return None


@pytest.mark.parametrize("calls_a_second", [8.0, 5.0, 0.66, 1.0, 3.7])
@given(
    gaps=st.lists(st.floats(0, 0.6), min_size=2, max_size=60),
    delays=st.lists(st.floats(0, 1, exclude_max=True), min_size=60, max_size=60),
)
def test_no_second_sees_too_many_calls_however_the_way_bunches_them(
    calls_a_second: float, gaps: list[float], delays: list[float]
) -> None:
    """Whoever calls whenever: delays that differ by less than the spread never bring too many into one second."""
    calls, window = calls_and_window(1 / calls_a_second)
    server, arrivals = Clocked(), []
    for gap, delay in zip(gaps, delays, strict=False):
        server.now += gap
        wait = server.wait(calls, window)
        assert wait is not None
        arrivals.append(server.now + wait + delay * (window - 1) * 0.999)
    assert busiest_second(arrivals) <= calls


@given(
    ways=st.lists(
        st.tuples(st.floats(0, 0.02) | st.floats(0, 0.6), st.floats(0, 0.2), st.just(0) | st.floats(0, 3)),
        min_size=12,
        max_size=60,
    )
)
def test_no_second_sees_too_many_of_a_stores_calls_however_long_connecting_takes(
    ways: list[tuple[float, float, float]],
) -> None:
    """One call after another, as under a drain's lease: some open a connection, some come after a silence."""
    calls, window = calls_and_window(1 / 8)
    server, arrivals = Clocked(), []
    for there, back, silence in ways:
        server.now += silence
        wait = server.wait(calls, window)
        assert wait is not None
        arrivals.append(server.now + wait + there)
        server.now = arrivals[-1] + back
    assert busiest_second(arrivals) <= 9


@pytest.mark.parametrize(
    ("calls_a_second", "calls", "window"), [(8.0, 9, 1.125), (0.66, 1, 1 / 0.66), (1.0, 1, 1.125), (5.0, 5, 1.125)]
)
def test_a_pace_is_so_many_calls_in_a_little_more_than_a_second(
    calls_a_second: float, calls: int, window: float
) -> None:
    """SkyHub's 9 a second are used up by 8; where 1.125 s hold no whole number of calls the pace is a little lower."""
    found, seconds = calls_and_window(1 / calls_a_second)
    assert found == calls
    assert seconds == pytest.approx(window)


def test_who_was_silent_calls_at_once_and_then_at_the_pace() -> None:
    """Eight calls leave together; the ninth follows a second after the first of them."""
    limit = RedisRateLimit(fakeredis.FakeRedis())
    started = time.monotonic()
    for _ in range(8):
        assert limit.wait(KEY, interval=0.125, deadline=started + 0.5)
    assert not limit.wait(KEY, interval=0.125, deadline=started + 0.5)
    assert limit.wait(KEY, interval=0.125, deadline=started + 5)
    assert time.monotonic() - started >= 1


def test_the_steady_pace_is_what_is_asked_for() -> None:
    """Eight a second in the long run."""
    server = Clocked()
    waits = [server.wait(*calls_and_window(1 / 8)) for _ in range(81)]
    assert waits[-1] == pytest.approx(10, abs=0.3)


def test_a_slot_beyond_the_deadline_is_refused_without_waiting_for_it() -> None:
    """The answer False comes at once."""
    limit = RedisRateLimit(fakeredis.FakeRedis())
    now = time.monotonic()
    assert limit.wait(KEY, interval=1, deadline=now + 1)
    assert not limit.wait(KEY, interval=1, deadline=now + 1)
    assert time.monotonic() - now < 0.5


def test_callers_are_served_in_turn() -> None:
    """Twelve callers at once: as many as may go at once do, the others a window later, and none is passed over."""
    limit = RedisRateLimit(fakeredis.FakeRedis())
    deadline = time.monotonic() + 4

    def take(_: int) -> float:
        assert limit.wait(KEY, interval=0.2, deadline=deadline)
        return time.monotonic()

    with ThreadPoolExecutor(12) as pool:
        taken = sorted(pool.map(take, range(12)))
    assert taken[3] - taken[0] < 0.9
    assert taken[4] - taken[0] >= 0.95
    assert taken[5] - taken[0] >= 1.1
    assert taken[10] - taken[0] >= 2.2


def test_a_refused_caller_takes_no_slot() -> None:
    """Who cannot wait long enough does not push back who can."""
    limit = RedisRateLimit(fakeredis.FakeRedis())
    started = time.monotonic()
    assert limit.wait(KEY, interval=1, deadline=started)
    for _ in range(20):
        assert not limit.wait(KEY, interval=1, deadline=started)
    assert limit.wait(KEY, interval=1, deadline=started + 3)
    assert time.monotonic() - started < 2


def test_keys_do_not_share_their_slots() -> None:
    """Another store, or another endpoint, has its own limit."""
    limit = RedisRateLimit(fakeredis.FakeRedis())
    now = time.monotonic()
    for key in (KEY, "coleta:{other}:rate:shipments", "coleta:{acme}:rate:orders"):
        assert limit.wait(key, interval=1, deadline=now)


def test_only_the_given_key_is_written_and_it_expires() -> None:
    """The hash tag stays whole for a cluster, and an idle store leaves nothing behind."""
    client = fakeredis.FakeRedis()
    assert RedisRateLimit(client).wait(KEY, interval=1, deadline=time.monotonic())
    assert client.keys() == [KEY.encode()]
    assert 0 < client.pttl(KEY) <= 2000


def test_a_client_that_decodes_its_answers_works_as_well() -> None:
    """The limiter takes the process's client as it is configured."""
    limit = RedisRateLimit(fakeredis.FakeRedis(decode_responses=True))
    now = time.monotonic()
    assert limit.wait(KEY, interval=1, deadline=now)
    assert not limit.wait(KEY, interval=1, deadline=now)
