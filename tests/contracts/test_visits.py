"""Tries of passwords and sessions, on every engine that runs the scripts."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from tests.contracts.worlds import RedisWorld
from worker.adapters.redis_cluster import ClusterClient
from worker.adapters.redis_ledger.visits import Counter, RedisVisits

MINE, ALL = Counter("address:192.0.2.1", 3), Counter("addresses", 5)
WINDOW_MS = 600_000


def test_of_many_that_try_at_once_no_more_are_let_through(redis_world: RedisWorld) -> None:
    """Each counts before it compares: not one guess more, however many processes are asked together."""
    racers = 8
    barrier = Barrier(racers, timeout=30)

    def attempt(_: int) -> bool:
        visits = RedisVisits(redis_world.client())
        visits.left("")
        barrier.wait()
        return visits.take([MINE, ALL], WINDOW_MS) == 0

    with ThreadPoolExecutor(racers) as pool:
        assert sum(pool.map(attempt, range(racers))) == MINE.most


def test_a_counter_that_is_full_says_when_it_begins_anew(redis_world: RedisWorld) -> None:
    """Counted from its first try; what is refused counts nowhere, and another's counter is another."""
    visits = RedisVisits(redis_world.client())
    assert [visits.take([MINE, ALL], WINDOW_MS) for _ in range(3)] == [0, 0, 0]

    assert WINDOW_MS - 10_000 < visits.take([MINE, ALL], WINDOW_MS) <= WINDOW_MS
    assert redis_world.raw.get("coleta:{_}:tries:addresses") == "3"
    other = Counter("address:192.0.2.2", 3)
    assert [visits.take([other, ALL], WINDOW_MS) > 0 for _ in range(3)] == [False, False, True]
    redis_world.raw.pexpire("coleta:{_}:tries:addresses", 1)
    redis_world.eventually(lambda: visits.take([other, ALL], WINDOW_MS) == 0)


def test_a_counter_never_lasts_longer_than_a_window(redis_world: RedisWorld) -> None:
    """A server's clock that was set back by an hour keeps nobody from the pages for an hour."""
    visits, key = RedisVisits(redis_world.client()), f"coleta:{{_}}:tries:{MINE.whose}"
    assert [visits.take([MINE], WINDOW_MS) for _ in range(3)] == [0, 0, 0]
    redis_world.raw.pexpire(key, WINDOW_MS + 3_600_000)

    assert 0 < visits.take([MINE], WINDOW_MS) <= WINDOW_MS
    redis_world.raw.pexpire(key, 1_000)
    assert 0 < visits.take([MINE], WINDOW_MS) <= 1_000, "what is shorter stays"


def test_what_is_given_back_may_be_tried_again(redis_world: RedisWorld) -> None:
    """Never more than was counted, and a counter that has ended does not come up again."""
    visits = RedisVisits(redis_world.client())
    assert [visits.take([MINE], WINDOW_MS) > 0 for _ in range(4)] == [False, False, False, True]

    visits.give_back([MINE], WINDOW_MS)
    assert [visits.take([MINE], WINDOW_MS) > 0 for _ in range(2)] == [False, True]
    redis_world.raw.flushall()
    visits.give_back([MINE], WINDOW_MS)
    assert redis_world.raw.keys() == []


def test_the_signing_key_is_made_once(redis_world: RedisWorld) -> None:
    """By whichever process is first; all others sign with it, and it does not end."""
    assert RedisVisits(redis_world.client()).signing_key() is None

    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(lambda _: RedisVisits(redis_world.client()).signing_key(make=True), range(8)))

    (key,) = made
    assert len(key or b"") == 64
    assert RedisVisits(redis_world.client()).signing_key() == key
    assert redis_world.raw.pttl("coleta:{_}:session-key") == -1


def test_a_session_lives_as_long_as_it_is_prolonged(redis_world: RedisWorld) -> None:
    """One that ended cannot be: neither by its own time nor by a log-out."""
    visits = RedisVisits(redis_world.client())
    visits.begin("abc", 60_000)
    assert 50_000 < visits.left("abc") <= 60_000
    visits.prolong("abc", 90_000)
    assert 80_000 < visits.left("abc") <= 90_000

    visits.end("abc")
    visits.prolong("abc", 90_000)
    assert visits.left("abc") == 0
    visits.begin("abc", 1)
    redis_world.eventually(lambda: visits.left("abc") == 0)


def test_a_cluster_holds_them_too(cluster: ClusterClient) -> None:
    """All keys of a try lie in one slot."""
    visits = RedisVisits(cluster)

    assert [visits.take([Counter("one", 1), Counter("two", 9)], 1000) > 0 for _ in range(2)] == [False, True]
    visits.give_back([Counter("one", 1), Counter("two", 9)], 1000)
    assert visits.signing_key(make=True) == visits.signing_key()
    visits.begin("abc", 1000)
    assert visits.left("abc") > 0
