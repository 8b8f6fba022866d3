"""The pulse of a process: it says what was done, and never holds the process up."""

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from tests.fakes.memory_processes import NOW, MemoryProcesses
from tests.fixtures.running_parts import until
from worker.entrypoints import pulse as pulse_module
from worker.entrypoints.pulse import Pulse
from worker.ports.processes import Kind, Trace


def _pulse(processes: MemoryProcesses, clock: list[float]) -> Pulse:
    return Pulse(Kind.WORKER, "worker@here", ("turned", "ended"), processes, clock=lambda: clock[0])


def _known(processes: MemoryProcesses) -> Trace:
    (trace,), _ = processes.seen()
    return trace


def test_a_moment_is_told_by_its_age() -> None:
    """What never happened is not said; the clock of the process itself is of no matter."""
    processes, clock = MemoryProcesses(), [100.0]
    pulse = _pulse(processes, clock)
    pulse.did("turned")
    pulse.numbers["busy"] = 2
    clock[0] += 4.0
    pulse.note()

    told = _known(processes)
    assert told.moments == {"turned": NOW - 4000}
    assert told.numbers == {"busy": 2}
    assert (told.kind, told.name, told.seen_at) == (Kind.WORKER, "worker@here", NOW)

    pulse.since("turned", None)
    pulse.since("ended", 1.5)
    pulse.note()
    assert _known(processes).moments == {"ended": NOW - 1500}


def test_a_server_that_is_away_ends_no_pulse(monkeypatch: pytest.MonkeyPatch) -> None:
    """It goes on trying, and is seen again when the server is back; at its end it says good-bye."""
    monkeypatch.setattr(pulse_module, "NOTE_SECONDS", 0.001)
    processes = MemoryProcesses()
    processes.trouble = RedisConnectionError("away")
    pulse = _pulse(processes, [0.0])
    pulse.start()

    until(lambda: processes.noted > 2, "it tries again")
    assert processes.known == {}
    processes.trouble = None
    until(lambda: processes.known, "it is seen")
    pulse.stop()
    assert processes.known == {}
