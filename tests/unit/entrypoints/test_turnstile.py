"""Slow drains get a share of the threads; who finds no place is called when one is free."""

import threading
from concurrent.futures import ThreadPoolExecutor

from worker.entrypoints.turnstile import Turnstile


def test_no_more_are_admitted_than_there_are_places() -> None:
    """The next one is turned away."""
    turnstile = Turnstile[str](2)
    assert turnstile.enter("a")
    assert turnstile.enter("b")
    assert not turnstile.enter("c")


def test_a_place_given_back_is_free_for_anybody() -> None:
    """Whoever comes first takes it, in line or not."""
    turnstile = Turnstile[str](1)
    assert turnstile.enter("a")
    assert turnstile.leave() == []
    assert turnstile.enter("b")


def test_who_waited_longest_is_called_first() -> None:
    """Each place that becomes free calls one, in the order of their first coming."""
    turnstile = Turnstile[str](2)
    assert turnstile.enter("a")
    assert turnstile.enter("b")
    assert not any(turnstile.enter(name) for name in ("c", "d", "c"))
    assert turnstile.leave() == ["c"]
    assert turnstile.enter("c")
    assert turnstile.leave() == ["d"]


def test_nobody_stands_in_line_twice() -> None:
    """A drain that is hinted at a hundred times while all places are taken is called once."""
    turnstile = Turnstile[str](1)
    assert turnstile.enter("a")
    assert not any(turnstile.enter("b") for _ in range(100))
    assert turnstile.leave() == ["b"]
    assert turnstile.enter("b")
    assert turnstile.leave() == []


def test_threads_never_share_a_place_and_none_is_lost() -> None:
    """Many threads that come and go at once: never more inside than places, and all places are free at the end."""
    places, racers, rounds = 3, 8, 300
    turnstile = Turnstile[int](places)
    inside = threading.Semaphore(places)
    start = threading.Barrier(racers)

    def race(name: int) -> bool:
        start.wait()
        alone = True
        for _ in range(rounds):
            if turnstile.enter(name):
                alone = inside.acquire(blocking=False) and alone
                inside.release()
                turnstile.leave()
        return alone

    with ThreadPoolExecutor(racers) as threads:
        assert all(threads.map(race, range(racers)))
    assert [turnstile.enter(-1) for _ in range(places + 1)] == [True] * places + [False]


def test_whoever_has_a_place_is_told_that_others_wait() -> None:
    """So that it can end its work at the next good moment."""
    turnstile = Turnstile[str](1)
    told = [(turnstile.enter("a"), turnstile.waited_for)]
    told.append((turnstile.enter("b"), turnstile.waited_for))
    assert told == [(True, False), (False, True)]
    assert (turnstile.leave(), turnstile.waited_for) == (["b"], False)


def test_the_last_to_leave_calls_all_that_wait() -> None:
    """Each that is called may come again in another process: nobody would be left here to call the next."""
    turnstile = Turnstile[str](1)
    assert turnstile.enter("a")
    assert not any(turnstile.enter(name) for name in ("b", "c", "d"))
    assert turnstile.leave() == ["b", "c", "d"]


def test_a_place_is_handed_on_in_the_order_of_the_line() -> None:
    """It is never free meanwhile; and with nobody in line there is nobody to hand it to."""
    turnstile = Turnstile[str](1)
    assert turnstile.enter("a")
    assert not any(turnstile.enter(name) for name in ("b", "c"))
    assert turnstile.follow() == "b"
    assert not turnstile.enter("d")
    assert [turnstile.follow() for _ in range(3)] == ["c", "d", None]
    assert turnstile.leave() == []


def test_who_stands_in_line_is_expected() -> None:
    """And who is inside, or was called, is not."""
    turnstile = Turnstile[str](1)
    assert turnstile.enter("a")
    assert not turnstile.enter("b")
    assert [turnstile.expects(name) for name in ("a", "b", "c")] == [False, True, False]
    turnstile.leave()
    assert not turnstile.expects("b")


def test_who_has_stood_in_line_for_long_is_not_expected_any_more() -> None:
    """A hint may find a free place in another process; coming again does not begin its time anew."""
    now = [0.0]
    turnstile = Turnstile[str](1, clock=lambda: now[0])
    assert turnstile.enter("a")
    assert not turnstile.enter("b")
    now[0] = 29.0
    assert not turnstile.enter("b")
    assert turnstile.expects("b")
    now[0] = 30.0
    assert not turnstile.expects("b")
