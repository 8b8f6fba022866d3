"""What a worker says of itself: by what Celery counts, and by a look at its broker when nothing moves."""

from collections import Counter
from types import SimpleNamespace
from typing import Any

import pytest
from celery.worker import state

from tests.fakes.memory_processes import MemoryProcesses
from worker.entrypoints import process, worker_pulse
from worker.entrypoints.broker.look import BrokerLook
from worker.entrypoints.pulse import Pulse
from worker.ports.processes import Kind


class Sampled:
    """A worker of 8 threads whose time and broker a test decides about."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1_000.0
        self.seen = BrokerLook(waiting={"inbox": 0})
        self.looks: list[list[str]] = []
        self.running: list[Any] = []
        self.begun: Counter[str] = Counter()
        queues = SimpleNamespace(consume_from={"inbox": None})
        app = SimpleNamespace(amqp=SimpleNamespace(queues=queues))
        self._worker = worker_pulse._Worker(SimpleNamespace(concurrency=8, app=app))
        self.pulse = Pulse(Kind.WORKER, "w", worker_pulse._OF_A_WORKER, MemoryProcesses(), clock=lambda: self.now)
        clock = SimpleNamespace(monotonic=lambda: self.now, time=lambda: self.now)
        monkeypatch.setattr(worker_pulse, "time", clock)
        monkeypatch.setattr(worker_pulse, "look", self._look)
        monkeypatch.setattr(process, "settings", lambda: None)
        monkeypatch.setattr(state, "active_requests", self.running)
        monkeypatch.setattr(state, "total_count", self.begun)
        self._all = [0]
        monkeypatch.setattr(state, "all_total_count", self._all)
        self.sample()

    def begin(self, task: str, *, ends: bool = False) -> None:
        """Let a task begin, and perhaps end at once."""
        self.begun[f"coleta.{task}"] += 1
        self._all[0] += 1
        if not ends:
            self.running.append(SimpleNamespace(time_start=self.now))

    def sample(self, after: float = 0.0, *, turns: bool = True) -> None:
        """Let so much time pass, in which the loop turns or does not, and look."""
        self.now += after
        if turns:
            self.pulse.did("turned")
        self._worker.sample(self.pulse)

    def _look(self, _settings: object, queues: list[str]) -> BrokerLook:
        self.looks.append(queues)
        return self.seen


@pytest.fixture
def sampled(monkeypatch: pytest.MonkeyPatch) -> Sampled:
    """Give a worker that has nothing to do."""
    return Sampled(monkeypatch)


def test_a_task_that_ends_is_progress(sampled: Sampled) -> None:
    """So is having nothing to do; the oldest of those that run says since when one runs."""
    sampled.begin("sweep", ends=True)
    sampled.begin("request_pickups")
    sampled.sample(5)
    assert (sampled.pulse.age("ended"), sampled.pulse.age("busy_since")) == (0.0, 5.0)
    assert (sampled.pulse.age("did:sweep"), sampled.pulse.age("did:reconcile")) == (0.0, None)

    sampled.sample(20)
    assert (sampled.pulse.age("ended"), sampled.pulse.age("busy_since")) == (20.0, 25.0)
    assert sampled.pulse.numbers == {"busy": 1, "threads": 8}

    sampled.running.clear()
    sampled.sample(5)
    assert (sampled.pulse.age("ended"), sampled.pulse.age("busy_since")) == (0.0, None)


def test_an_idle_worker_looks_whether_messages_wait_for_it(sampled: Sampled) -> None:
    """Not while it works, and seldom; messages that wait at two looks are messages that it does not take."""
    sampled.begin("sweep", ends=True)
    sampled.sample(5)
    looks = len(sampled.looks)
    sampled.sample(50)
    assert len(sampled.looks) == looks
    sampled.seen = BrokerLook(waiting={"inbox": 3})
    sampled.sample(15)
    assert sampled.looks[looks:] == [["inbox"]]
    assert sampled.pulse.age("deaf_since") == 0.0
    sampled.sample(5)
    sampled.sample(30)
    assert len(sampled.looks) == looks + 2
    assert sampled.pulse.age("deaf_since") == 35.0

    sampled.begin("sweep", ends=True)
    sampled.sample(5)
    assert sampled.pulse.age("deaf_since") is None


def test_a_worker_whose_loop_stands_still_looks_for_its_broker_even_if_it_is_busy(sampled: Sampled) -> None:
    """A drain may go on for long while the broker is away; then the worker waits, and is not stuck."""
    sampled.begin("request_pickups")
    sampled.sample(5)
    looks = len(sampled.looks)
    sampled.seen = BrokerLook("Connection refused")
    sampled.sample(50, turns=False)
    assert len(sampled.looks) == looks
    sampled.sample(15, turns=False)
    assert len(sampled.looks) == looks + 1
    assert sampled.pulse.age("broker_away") == 0.0
