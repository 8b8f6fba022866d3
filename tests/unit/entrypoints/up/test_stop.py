import os
import signal
import threading
import time

import pytest

from worker.entrypoints.up.stop import Stop, StoppedError


def _send(number: signal.Signals) -> None:
    os.kill(os.getpid(), number)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_asks_for_the_end(number: signal.Signals) -> None:
    """Ctrl-C, a supervisor's SIGTERM and a closed terminal: all of them end it in order."""
    stop = Stop()
    with stop.by_signals():
        _send(number)

    assert stop.asked()
    assert not stop.hurried


def test_ctrl_c_once_more_hurries() -> None:
    """A person who waits no longer; the same key's second signal at the same moment does not count."""
    stop = Stop()
    with stop.by_signals():
        _send(signal.SIGINT)
        _send(signal.SIGINT)
        assert not stop.hurried
        asked_at = time.monotonic()
        while time.monotonic() < asked_at + 0.4:
            stop.pause()
        _send(signal.SIGINT)

    assert stop.hurried


def test_nothing_but_ctrl_c_hurries() -> None:
    """A log that nobody reads any more, or a second SIGTERM, leaves the grace as it is."""
    stop = Stop()
    with stop.by_signals():
        _send(signal.SIGTERM)
        asked_at = time.monotonic()
        while time.monotonic() < asked_at + 0.4:
            stop.pause()
        _send(signal.SIGTERM)
        _send(signal.SIGHUP)
        stop.ask()

    assert not stop.hurried


def test_the_signals_are_given_back() -> None:
    """After the block they do what they did before."""
    before = signal.getsignal(signal.SIGTERM)
    with Stop().by_signals():
        assert signal.getsignal(signal.SIGTERM) != before

    assert signal.getsignal(signal.SIGTERM) == before


def test_an_ignored_signal_stays_ignored() -> None:
    """`nohup coleta up &` outlives its terminal."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        stop = Stop()
        with stop.by_signals():
            _send(signal.SIGHUP)
        assert not stop.asked()
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_waiting_ends_when_it_is_asked_for() -> None:
    """Whatever else was waited for."""
    stop = Stop()
    threading.Timer(0.2, stop.ask).start()

    with pytest.raises(StoppedError):
        stop.wait_for(lambda: False, 30)


def test_waiting_ends_in_time() -> None:
    """With what came of it."""
    stop = Stop()

    assert stop.wait_for(lambda: True, 30)
    assert not stop.wait_for(lambda: False, 0.1)
