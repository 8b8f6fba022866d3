"""Threads without threads: calls that are under way together, and are made one after another, the same each time."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from functools import partial
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class _Call(Future[T]):
    """A call that is made when its result is wanted."""

    def __init__(self, call: Callable[[], T]) -> None:
        super().__init__()
        self._call = call

    def make(self) -> None:
        if self.done():
            return
        try:
            self.set_result(self._call())
        except BaseException as error:  # noqa: BLE001 - as a thread's: told to whoever takes the result
            self.set_exception(error)

    def result(self, timeout: float | None = None) -> T:
        self.make()
        return super().result(timeout)

    def exception(self, timeout: float | None = None) -> BaseException | None:
        self.make()
        return super().exception(timeout)


class Later(Executor):
    """Makes each call when its result is wanted, at the latest when it is shut down."""

    def __init__(self) -> None:
        self._calls: list[_Call[Any]] = []

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        call = _Call(partial(fn, *args, **kwargs))
        self._calls.append(call)
        return call

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 - as Executor's
        assert wait
        assert not cancel_futures
        for call in self._calls:
            call.make()
