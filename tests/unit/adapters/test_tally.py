"""What a process counts is written down once, however often Redis fails."""

import time
from collections.abc import Mapping
from threading import Event

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from structlog.testing import capture_logs

from tests.fixtures.running_parts import until
from worker.adapters.redis_ledger import GatheringTally, RedisMeters
from worker.telemetry import Log

Written = list[tuple[str, Mapping[str, Mapping[str, int]]]]


class FakeMeters(RedisMeters):
    """Takes counts by their id, or loses its answer: `lost` says how often."""

    def __init__(self) -> None:
        self.calls: Written = []
        self.lost = 0

    def count(self, count_id: str, counts: Mapping[str, Mapping[str, int]]) -> None:
        self.calls.append((count_id, counts))
        if self.lost:
            self.lost -= 1
            raise RedisConnectionError("away")


@pytest.fixture
def meters() -> FakeMeters:
    """Give the counts in Redis, as a process meets them."""
    return FakeMeters()


def test_counts_are_gathered_and_written_in_one_call(meters: FakeMeters) -> None:
    """By store and field; what was written is not written again."""
    tally = GatheringTally(meters)
    for store, times in (("acme", 1), ("acme", 2), ("", 5)):
        tally.add(store, "field", times)
    tally.flush()
    tally.flush()
    assert [counts for _, counts in meters.calls] == [{"acme": {"field": 3}, "": {"field": 5}}]


def test_what_was_not_confirmed_is_written_again_as_it_was(meters: FakeMeters) -> None:
    """Under the same id, before what was gathered meanwhile, which has an id of its own."""
    tally = GatheringTally(meters)
    tally.add("acme", "field")
    meters.lost = 2
    tally.flush()
    tally.add("acme", "field", 7)
    tally.flush()
    tally.flush()
    ids = [count_id for count_id, _ in meters.calls]
    assert [counts for _, counts in meters.calls] == [{"acme": {"field": 1}}] * 3 + [{"acme": {"field": 7}}]
    assert ids[0] == ids[1] == ids[2] != ids[3]


def test_trouble_is_logged_once_a_trouble(meters: FakeMeters) -> None:
    """It lasts for many writes, and other lines tell of it, too."""
    tally = GatheringTally(meters)
    tally.add("acme", "field")
    meters.lost = 3
    with capture_logs() as lines:
        for _ in range(5):
            tally.flush()
        tally.add("acme", "field")
        meters.lost = 1
        tally.flush()
    assert [line["event"] for line in lines] == [Log.COUNTS_NOT_SAVED] * 2


def test_a_thread_writes_now_and_then_and_the_end_writes_the_rest(meters: FakeMeters) -> None:
    """Nobody has to think of it."""
    tally = GatheringTally(meters, seconds=0.01)
    tally.add("acme", "early")
    tally.start()
    until(lambda: meters.calls, "the thread writes")
    tally.close(5)
    before = len(meters.calls)
    patient = GatheringTally(meters, seconds=3600)
    patient.start()
    patient.add("acme", "late")
    patient.close(5)
    assert [counts for _, counts in meters.calls[before:]] == [{"acme": {"late": 1}}]


def test_the_end_of_a_process_waits_for_nobody(meters: FakeMeters, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Redis that hangs keeps it no longer than it is given."""
    hangs = Event()
    monkeypatch.setattr(meters, "count", lambda *_: hangs.wait(60))
    tally = GatheringTally(meters)
    tally.add("acme", "field")
    began = time.monotonic()
    tally.close(0.01)
    assert time.monotonic() - began < 30
    hangs.set()
