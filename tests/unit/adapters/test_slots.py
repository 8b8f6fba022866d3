"""Slots are far enough apart for the counterparty's sliding second: shown with the script itself, on any clock."""

from collections.abc import Sequence
from importlib import resources
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lupa.lua51 import LuaRuntime  # type: ignore[import-untyped]

from worker.adapters.limits import calls_a_second, calls_and_window


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
            self._table([str(round(each)) for each in (calls, window * 1e6, calls_a_second(calls), patience * 1e6)]),
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
            case "DEL":
                self._slots.clear()
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


Way = tuple[float, float, float]
"""A call's way: seconds from slot to arrival, from there to its answer, and then of silence."""

SLOW, QUICK = (0.9, 0.0, 0.0), (0.0, 0.0, 0.0)


def in_lanes(count: int, ways: Sequence[Way]) -> list[float]:
    """Make calls in lanes, each by the lane that is free first; return when they arrive."""
    server, arrivals, free_at = Clocked(), list[float](), [0.0] * count
    for there, back, silence in ways:
        lane = min(range(count), key=lambda each: free_at[each])
        server.now = free_at[lane]
        wait = server.wait(*calls_and_window(1 / 8))
        assert wait is not None
        arrivals.append(server.now + wait + there)
        free_at[lane] = arrivals[-1] + back + silence
    return arrivals


@given(
    ways=st.lists(
        st.tuples(
            st.floats(0, 0.02) | st.floats(0, 0.6) | st.floats(0, 3),
            st.floats(0, 0.2),
            st.just(0) | st.floats(0, 0.3) | st.floats(0, 3),
        ),
        min_size=12,
        max_size=60,
    ),
)
@example(ways=[SLOW] * 2 + [QUICK] * 8)
def test_no_second_sees_too_many_of_a_stores_calls_however_long_connecting_takes(ways: list[Way]) -> None:
    """Two lanes, in each one call after another, as in a drain: some open a connection, some come after a silence."""
    assert busiest_second(in_lanes(2, ways)) <= 9


def test_a_third_lane_can_bring_one_call_too_many() -> None:
    """Three calls that all took long to connect, then some that did not: why a drain has no more than two lanes."""
    assert busiest_second(in_lanes(3, [SLOW] * 3 + [QUICK] * 7)) == 10


@pytest.mark.parametrize(
    ("calls_a_second", "calls", "window"), [(8.0, 9, 1.125), (0.66, 1, 1 / 0.66), (1.0, 1, 1.125), (5.0, 5, 1.125)]
)
def test_a_pace_is_so_many_calls_in_a_little_more_than_a_second(
    calls_a_second: float, calls: int, window: float
) -> None:
    """SkyHub sees at most 1.125 times the setting; where that is no whole number it is a little less."""
    found, seconds = calls_and_window(1 / calls_a_second)
    assert found == calls
    assert seconds == pytest.approx(window)


def test_the_steady_pace_leaves_room_for_two_late_calls() -> None:
    """SkyHub's 9 a second, but for the two calls that may be late: seven in the long run."""
    server = Clocked()
    waits = [server.wait(*calls_and_window(1 / 8)) for _ in range(71)]
    assert waits[-1] == pytest.approx(10)


@given(back=st.floats(61, 1e6), calls=st.integers(1, 30))
def test_a_server_whose_clock_was_set_back_gives_slots_at_once(back: float, calls: int) -> None:
    """Else nobody could call until it has caught up; a slot that a caller may still be waiting for stays taken."""
    server = Clocked()
    server.now = 1e7
    for _ in range(calls):
        server.wait(9, 1.125)
    server.now -= back
    assert server.wait(9, 1.125, patience=20) == 0
    for _ in range(8):
        server.wait(9, 1.125)
    assert server.wait(9, 1.125) == pytest.approx(1.125, abs=1e-3)


def test_a_slot_far_ahead_that_callers_wait_for_stays_taken() -> None:
    """As many as wait for less than a minute."""
    server = Clocked()
    server.now = 1e7
    for _ in range(40):
        server.wait(1, 1.5, patience=60)
    ahead = server.wait(1, 1.5, patience=60)
    assert ahead == 60
    assert server.wait(1, 1.5, patience=20) is None
