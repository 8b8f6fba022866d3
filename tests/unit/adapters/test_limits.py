"""Slots are taken through Redis: by all callers in turn, in time or not at all, under the key that was given."""

import time
from concurrent.futures import ThreadPoolExecutor

import fakeredis

from worker.adapters.limits import RedisRateLimit

KEY = "coleta:{acme}:rate:shipments"


def test_who_was_silent_calls_at_once_and_then_at_the_pace() -> None:
    """Seven calls leave together; the eighth follows a second after the first of them."""
    limit = RedisRateLimit(fakeredis.FakeRedis())
    started = time.monotonic()
    for _ in range(7):
        assert limit.wait(KEY, interval=0.125, deadline=started + 0.5)
    assert not limit.wait(KEY, interval=0.125, deadline=started + 0.5)
    assert limit.wait(KEY, interval=0.125, deadline=started + 5)
    assert time.monotonic() - started >= 1


def test_a_slot_beyond_the_deadline_is_refused_without_waiting_for_it() -> None:
    """The answer False comes at once."""
    limit = RedisRateLimit(fakeredis.FakeRedis())
    now = time.monotonic()
    assert limit.wait(KEY, interval=1, deadline=now + 1)
    assert not limit.wait(KEY, interval=1, deadline=now + 1)
    assert time.monotonic() - now < 0.5


def test_callers_are_served_in_turn() -> None:
    """Nine callers at once: as many as may go at once do, the others a second later, and none is passed over."""
    limit = RedisRateLimit(fakeredis.FakeRedis())
    deadline = time.monotonic() + 4

    def take(_: int) -> float:
        assert limit.wait(KEY, interval=0.2, deadline=deadline)
        return time.monotonic()

    with ThreadPoolExecutor(9) as pool:
        taken = sorted(pool.map(take, range(9)))
    assert taken[2] - taken[0] < 0.9
    assert taken[3] - taken[0] >= 0.95
    assert taken[5] - taken[0] >= 1.1
    assert taken[8] - taken[0] >= 2.1


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
