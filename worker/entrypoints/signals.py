"""The signals that end a process, heeded for a while."""

import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Ctrl-C, a supervisor's wish, a terminal that was closed."""


@contextmanager
def heeding(numbers: Iterable[signal.Signals], handler: Callable[[int, object], object]) -> Iterator[None]:
    """Let these signals call `handler` as long as the block lasts; one that is ignored stays so (nohup)."""
    heeded = [number for number in numbers if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, handler) for number in heeded}
    try:
        yield
    finally:
        for number, given_back in before.items():
            signal.signal(number, given_back)
