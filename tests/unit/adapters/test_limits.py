"""Slots are far enough apart for the counterparty's sliding second, and live under the key that was given."""

import time
from concurrent.futures import ThreadPoolExecutor
from itertools import accumulate

import fakeredis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.adapters.limits import RedisRateLimit, calls_and_window

KEY = "coleta:{acme}:rate:shipments"


def busiest_second(arrivals: list[float]) -> int:
    """Return the most arrivals in any half-open window of one second."""
    return max(sum(start <= arrival < start + 1 for arrival in arrivals) for start in arrivals)


@pytest.mark.parametrize("calls_a_second", [8.0, 5.0, 0.66, 1.0, 3.7, 40.0])
@given(
    gaps=st.lists(st.floats(0, 0.6), min_size=2, max_size=60),
    delays=st.lists(st.floats(0, 1, exclude_max=True), min_size=60, max_size=60),
)
def test_no_second_sees_too_many_calls_however_the_way_bunches_them(
    calls_a_second: float, gaps: list[float], delays: list[float]
) -> None:
    """Slots given whenever they are free, and delays below the spread, never exceed what may come within a second."""
    calls, window = calls_and_window(1 / calls_a_second)
    slots: list[float] = []
    for asked in accumulate(gaps):
        slots.append(max(asked, *slots[-1:], slots[-calls] + window if len(slots) >= calls else 0.0))
    arrivals = [slot + delay * (window - 1) for slot, delay in zip(slots, delays, strict=False)]
    assert busiest_second(arrivals) <= calls


@pytest.mark.parametrize(
    ("calls_a_second", "calls", "window"), [(8.0, 9, 1.125), (0.66, 1, 1 / 0.66), (1.0, 1, 1.125), (5.0, 5, 1.125)]
)
def test_a_pace_is_so_many_calls_in_a_little_more_than_a_second(
    calls_a_second: float, calls: int, window: float
) -> None:
    """SkyHub's 9 a second are used up by 8; a pace that is no whole number of calls is rounded down."""
    found, seconds = calls_and_window(1 / calls_a_second)
    assert found == calls
    assert seconds == pytest.approx(window)


def test_who_was_silent_calls_at_once_and_then_at_the_pace() -> None:
    """Nine calls leave together; the tenth waits until the first of them is old enough."""
    limit = RedisRateLimit(fakeredis.FakeRedis())
    started = time.monotonic()
    for _ in range(9):
        assert limit.wait(KEY, interval=0.125, deadline=started + 0.5)
    assert not limit.wait(KEY, interval=0.125, deadline=started + 0.5)
    assert limit.wait(KEY, interval=0.125, deadline=started + 5)
    assert time.monotonic() - started >= 1.1


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
    assert taken[4] - taken[0] < 1
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
