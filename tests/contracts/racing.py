"""Racers that all act in the same moment, each on a connection of its own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from tests.contracts.worlds import World
from worker.ports import Ledger

T = TypeVar("T")


def race(world: World, racers: int, act: Callable[[Ledger, int], T]) -> list[T]:
    """Let each racer act on a connection of its own, all at once; returns their results by number."""
    barrier = Barrier(racers, timeout=30)

    def run(number: int) -> T:
        ledger = world.ledger()
        ledger.now()
        barrier.wait()
        return act(ledger, number)

    with ThreadPoolExecutor(racers) as pool:
        return list(pool.map(run, range(racers)))
