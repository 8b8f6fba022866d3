"""At most two calls of a drain at a time; their results are taken in the order in which the calls were begun."""

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from types import TracebackType
from typing import Generic, Self, TypeVar

from worker.ports import PermanentError, TransientError
from worker.usecases.taking_turns import CutError

# The pace at SkyHub reckons with it (`adapters/limits.py`).
_MOST = 2

Threads = Callable[[], Executor]
"""Makes what runs calls beside the caller."""

two_threads: Threads = partial(ThreadPoolExecutor, _MOST, thread_name_prefix="beside")

T = TypeVar("T")


class TwoAtATime(Generic[T]):
    """Makes calls beside the caller; leaving it waits for those that are under way.

    There are no threads before the first call `aside`: who has one thing to do does it here.
    """

    def __init__(self, threads: Threads) -> None:
        self._make = threads
        self._threads: Executor | None = None
        self._under_way: deque[Future[T]] = deque()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._threads is not None:
            self._threads.shutdown()

    @property
    def idle(self) -> bool:
        """Whether nothing is under way, and no result waits to be taken."""
        return not self._under_way

    @property
    def free(self) -> bool:
        """Whether another call may begin: never before each result that is there was looked at."""
        return len(self._under_way) < _MOST and not any(call.done() for call in self._under_way)

    def begin(self, call: Callable[[], T], *, aside: bool) -> None:
        """Make a call: in a thread if `aside`, which logs as its caller does, else here and now."""
        if aside:
            self._threads = self._threads or self._make()
            self._under_way.append(self._threads.submit(copy_context().run, call))
            return
        here: Future[T] = Future()
        self._under_way.append(here)
        try:
            here.set_result(call())
        except Exception as error:  # noqa: BLE001 - `take` raises it, as it does that of a thread
            here.set_exception(error)

    def take(self) -> T:
        """Wait for the call that was begun first; returns its result, or raises its error."""
        return self._under_way.popleft().result()

    def take_errors(self) -> list[BaseException]:
        """Wait for all that is under way, whose results nobody needs any more; returns what was raised."""
        ended = [self._under_way.popleft().exception() for _ in range(len(self._under_way))]
        return [error for error in ended if error is not None]


def gravest(errors: Sequence[BaseException]) -> BaseException:
    """Return the error that the drain must obey of those that came side by side.

    What nobody foresaw comes before a refusal, that before trouble, that before a cut; of troubles the one that SkyHub
    wants to last longest; else the first.
    """

    def weight(error: BaseException) -> tuple[int, float]:
        match error:
            case CutError():
                return 0, 0.0
            case TransientError():
                return 1, error.retry_after or 0.0
            case PermanentError():
                return 2, 0.0
            case _:
                return 3, 0.0

    return max(errors, key=weight)
