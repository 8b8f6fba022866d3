import signal
from collections.abc import Iterator

import pytest

from worker.entrypoints.cli.interruption import interruptible


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_between_two_things(number: signal.Signals) -> None:
    """What was begun is finished; the process ends as the signal would have ended it."""
    done: list[int] = []
    with interruptible() as interruption:
        for thing in interruption.until(range(10)):
            if thing == 2:
                signal.raise_signal(number)
            done.append(thing)

    assert done == [0, 1, 2]
    with pytest.raises(SystemExit) as left:
        interruption.leave_if_told()
    assert left.value.code == 128 + number


def test_a_second_signal_ends_at_once() -> None:
    """Who cannot wait need not."""
    done: list[int] = []

    def work() -> None:
        with interruptible() as interruption:
            for thing in interruption.until(range(10)):
                signal.raise_signal(signal.SIGINT)
                signal.raise_signal(signal.SIGINT)
                done.append(thing)

    with pytest.raises(SystemExit):
        work()
    assert done == []


def test_before_the_first_thing_a_signal_ends_at_once() -> None:
    """A long reading that comes first is no reason to wait."""

    def reading() -> Iterator[int]:
        signal.raise_signal(signal.SIGINT)
        yield 1

    def work() -> None:
        with interruptible() as interruption:
            list(interruption.until(reading()))

    with pytest.raises(SystemExit):
        work()


def test_without_a_signal_everything_is_done() -> None:
    """And the process goes on, with its signals as they were."""
    before = signal.getsignal(signal.SIGTERM)
    with interruptible() as interruption:
        assert list(interruption.until(range(3))) == [0, 1, 2]
    interruption.leave_if_told()
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_signal_that_is_ignored_stays_ignored() -> None:
    """As `nohup` does with the terminal's end."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with interruptible() as interruption:
            done = []
            for thing in interruption.until(range(3)):
                signal.raise_signal(signal.SIGHUP)
                done.append(thing)
        assert done == [0, 1, 2]
        interruption.leave_if_told()
    finally:
        signal.signal(signal.SIGHUP, before)
