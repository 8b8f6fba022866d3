"""Two calls at a time: begun in order, told in order, never a third; one alone needs no thread."""

from collections.abc import Callable
from concurrent.futures import Executor
from threading import Event, current_thread

import pytest
import structlog

from worker.ports import PermanentError, TransientError
from worker.usecases.taking_turns import CutError
from worker.usecases.two_at_a_time import TwoAtATime, gravest, two_threads

WAIT = 10.0


def no_threads() -> Executor:
    """Be asked for threads where none are needed."""
    raise AssertionError


def test_results_come_in_the_order_in_which_the_calls_were_begun() -> None:
    """Whichever of them ends first."""
    second_done = Event()

    def first() -> str:
        assert second_done.wait(WAIT)
        return "first"

    def second() -> str:
        second_done.set()
        return "second"

    with TwoAtATime[str](two_threads) as calls:
        calls.begin(first, aside=True)
        calls.begin(second, aside=True)
        assert [calls.take(), calls.take()] == ["first", "second"]
        assert calls.idle


def test_a_call_alone_is_made_by_the_caller() -> None:
    """No thread is made for it; its error is told as that of any other."""

    def fail() -> str:
        raise KeyError

    with TwoAtATime[str](no_threads) as calls:
        calls.begin(lambda: current_thread().name, aside=False)
        assert calls.take() == current_thread().name
        calls.begin(fail, aside=False)
        with pytest.raises(KeyError):
            calls.take()


def test_no_call_begins_beside_two_or_before_a_result_was_looked_at() -> None:
    """What ended may forbid the next call."""
    let_go, free = Event(), list[bool]()
    with TwoAtATime[bool](two_threads) as calls:
        for _ in range(2):
            free.append(calls.free)
            calls.begin(lambda: let_go.wait(WAIT), aside=True)
        free.append(calls.free)
        let_go.set()
        assert calls.take()
        assert calls.take()
        calls.begin(lambda: True, aside=False)
        free.append(calls.free)
    assert free == [True, True, False, False]


def test_who_leaves_waits_for_what_is_under_way() -> None:
    """Also after an error: no call goes on when its drain has given its lease back."""
    let_go, ended = Event(), list[bool]()

    def leave() -> None:
        with TwoAtATime[None](two_threads) as calls:
            calls.begin(lambda: ended.append(let_go.wait(WAIT)), aside=True)
            let_go.set()
            raise KeyError

    with pytest.raises(KeyError):
        leave()
    assert ended == [True]


def test_a_call_aside_logs_as_its_caller_does() -> None:
    """What is bound for the length of a task is bound in its threads."""
    with structlog.contextvars.bound_contextvars(store="acme"), TwoAtATime[object](two_threads) as calls:
        calls.begin(structlog.contextvars.get_contextvars, aside=True)
        assert calls.take() == {"store": "acme"}


def test_errors_of_what_nobody_needs_are_told() -> None:
    """Of all that is under way, in its order."""

    def failing(error: Exception) -> Callable[[], None]:
        def fail() -> None:
            raise error

        return fail

    errors = [TransientError("first"), TransientError("second")]
    with TwoAtATime[None](two_threads) as calls:
        for error in errors:
            calls.begin(failing(error), aside=True)
        assert calls.take_errors() == errors
        calls.begin(str, aside=True)  # type: ignore[arg-type]
        assert calls.take_errors() == []


@pytest.mark.parametrize(
    "errors",
    [
        [KeyError(), PermanentError("401"), TransientError("429", 60.0), CutError(resume=True)],
        [PermanentError("401"), PermanentError("403"), TransientError("429", 60.0)],
        [TransientError("429", 60.0), TransientError("503"), TransientError("429", 2.0)],
        [TransientError("503"), TransientError("cut"), CutError(resume=False)],
        [CutError(resume=True)],
    ],
)
def test_the_gravest_of_two_errors_is_obeyed(errors: list[Exception]) -> None:
    """A surprise, a pause, the longest rest, a rest, a cut; of equals the first."""
    assert gravest(errors) is errors[0]
    assert type(gravest(errors[::-1])) is type(errors[0])
