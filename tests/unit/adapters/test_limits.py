"""Slots are far enough apart for the counterparty's sliding second, and live under the key that was given."""

import time
from concurrent.futures import ThreadPoolExecutor
from itertools import accumulate

import fakeredis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.adapters.limits import RedisRateLimit

KEY = "coleta:{acme}:rate:shipments"


def busiest_second(arrivals: list[float]) -> int:
    """Return the most arrivals in any half-open window of one second."""
    return max(sum(start <= arrival < start + 1 for arrival in arrivals) for start in arrivals)


@pytest.mark.parametrize(("calls_a_second", "spread"), [(1, 0.5), (9, 0.12)])
@given(
    gaps=st.lists(st.floats(0, 0.3), min_size=2, max_size=40),
    delays=st.lists(st.floats(0, 1, exclude_max=True), min_size=40, max_size=40),
)
def test_no_second_sees_too_many_calls_however_the_way_bunches_them(
    calls_a_second: int, spread: float, gaps: list[float], delays: list[float]
) -> None:
    """Slots as far apart as `limits` has it and delays below the spread never exceed the limit."""
    interval = (1 + spread) / calls_a_second
    slots = accumulate(interval + gap for gap in gaps)
    assert busiest_second([slot + delay * spread for slot, delay in zip(slots, delays, strict=False)]) <= calls_a_second


@pytest.mark.parametrize(
    ("calls_a_second", "burst", "interval", "spread"),
    [(9, 2, 1 / 8, 0.001), (9, 1, 1 / 8, 0.126), (1, 1, 1.05, 0.051), (9, 1, 1.5 / 9, 0.501)],
)
def test_a_denser_pace_would_exceed_the_limit(calls_a_second: int, burst: int, interval: float, spread: float) -> None:
    """The bound is sharp: a burst of 2, or less distance, or more spread than promised can cost a 429."""
    slots = [max(0, n - burst + 1) * interval for n in range(20)]
    assert busiest_second([max(slot, spread) for slot in slots]) > calls_a_second


def test_a_free_slot_is_given_at_once_and_the_next_one_later() -> None:
    """There is no burst: the second call waits the whole distance."""
    limit = RedisRateLimit(fakeredis.FakeRedis())
    started = time.monotonic()
    assert limit.wait(KEY, interval=0.2, deadline=started)
    assert limit.wait(KEY, interval=0.2, deadline=started + 5)
    assert time.monotonic() - started >= 0.2


def test_a_slot_beyond_the_deadline_is_refused_without_waiting_for_it() -> None:
    """The answer False comes at once."""
    limit = RedisRateLimit(fakeredis.FakeRedis())
    now = time.monotonic()
    assert limit.wait(KEY, interval=1, deadline=now + 1)
    assert not limit.wait(KEY, interval=1, deadline=now + 1)
    assert time.monotonic() - now < 0.5


def test_callers_are_served_in_turn_without_a_burst() -> None:
    """Eight callers at once get eight slots, each a distance apart, and none is passed over."""
    limit = RedisRateLimit(fakeredis.FakeRedis())
    deadline = time.monotonic() + 2

    def take(_: int) -> float:
        assert limit.wait(KEY, interval=0.05, deadline=deadline)
        return time.monotonic()

    with ThreadPoolExecutor(8) as pool:
        taken = sorted(pool.map(take, range(8)))
    assert taken[7] - taken[0] >= 7 / 20 - 0.02
    assert taken[7] - taken[0] < 1.5


def test_a_refused_caller_takes_no_slot() -> None:
    """Who cannot wait long enough does not push back who can."""
    limit = RedisRateLimit(fakeredis.FakeRedis())
    started = time.monotonic()
    assert limit.wait(KEY, interval=0.2, deadline=started)
    for _ in range(20):
        assert not limit.wait(KEY, interval=0.2, deadline=started)
    assert limit.wait(KEY, interval=0.2, deadline=started + 1)
    assert time.monotonic() - started < 1


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
