"""What a process counts is written down once, however often Redis fails."""

import time
from collections.abc import Mapping
from threading import Event

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from structlog.testing import capture_logs

from tests.fixtures.running_parts import until
from worker.adapters.redis_ledger import GatheringTally, RedisMeters
from worker.ports import Counts
from worker.telemetry import Log


class FakeMeters(RedisMeters):
    """Takes counts by their id, or loses its answer: `lost` says how often; of `away` stores it takes nothing."""

    def __init__(self) -> None:
        self.calls: list[Mapping[str, Counts]] = []
        self.lost = 0
        self.away: set[str] = set()

    def count(self, counts: Mapping[str, Counts]) -> set[str]:
        self.calls.append(dict(counts))
        if self.lost:
            self.lost -= 1
            raise RedisConnectionError("away")
        return counts.keys() - self.away

    @property
    def written(self) -> list[dict[str, Mapping[str, int]]]:
        """What each call was to add, by store."""
        return [{store: each.fields for store, each in call.items()} for call in self.calls]


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
    assert meters.written == [{"acme": {"field": 3}, "": {"field": 5}}]


def test_what_was_not_confirmed_is_written_again_as_it_was(meters: FakeMeters) -> None:
    """Under the same id, before what was gathered meanwhile, which has an id of its own."""
    tally = GatheringTally(meters)
    tally.add("acme", "field")
    meters.lost = 2
    tally.flush()
    tally.add("acme", "field", 7)
    tally.flush()
    tally.flush()
    ids = [call["acme"].count_id for call in meters.calls]
    assert meters.written == [{"acme": {"field": 1}}] * 3 + [{"acme": {"field": 7}}]
    assert ids[0] == ids[1] == ids[2] != ids[3]


def test_a_store_that_is_away_keeps_its_own_counts_only(meters: FakeMeters) -> None:
    """On a cluster: those of others are written as ever, its own once it is back, each once."""
    tally = GatheringTally(meters)
    meters.away = {"acme"}
    with capture_logs() as lines:
        for _ in range(3):
            tally.add("acme", "field")
            tally.add("", "field")
            tally.flush()
    meters.away = set()
    before = len(meters.calls)
    tally.flush()
    ids = {call["acme"].count_id for call in meters.calls[: before + 1] if "acme" in call}
    assert [call[""] for call in meters.written[:before] if "" in call] == [{"field": 1}] * 3
    assert meters.written[before:] == [{"acme": {"field": 1}}, {"acme": {"field": 2}}]
    assert len(ids) == 1
    assert [line["reason"] for line in lines] == ["away is the node of the cluster that has acme"]


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
    assert meters.written[before:] == [{"acme": {"late": 1}}]


def test_the_end_of_a_process_waits_for_nobody(meters: FakeMeters, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Redis that hangs keeps it no longer than it is given."""
    hangs = Event()
    monkeypatch.setattr(meters, "count", lambda counts: {store for store in counts if hangs.wait(60)})
    tally = GatheringTally(meters)
    tally.add("acme", "field")
    began = time.monotonic()
    tally.close(0.01)
    assert time.monotonic() - began < 30
    hangs.set()
