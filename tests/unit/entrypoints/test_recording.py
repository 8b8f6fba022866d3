"""The Celery door's threads record together what comes at the same moment."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from tests.fixtures.running_parts import until
from tests.unit.usecases.world import STORE, TimedWorld, event, order_id
from worker.domain.order import Status
from worker.entrypoints.recording import SharedRecording
from worker.ports import Drain, Ledger
from worker.usecases.record_invoices import Recorded, Told


class Watched:
    """A ledger whose loads may be held up, fail, and are counted."""

    def __init__(self, plain: Ledger, before: Callable[[Sequence[str]], object]) -> None:
        self._plain = plain
        self._before = before
        self.loads: list[int] = []

    def __getattr__(self, name: str) -> object:
        return getattr(self._plain, name)

    def load_dated(self, order_ids: Sequence[str], codes: Sequence[str]) -> object:
        """Load once whatever it waits for allows it."""
        self.loads.append(len(order_ids))
        self._before(order_ids)
        return self._plain.load_dated(order_ids, codes)


@pytest.fixture
def timed() -> TimedWorld:
    """Open a store in memory."""
    return TimedWorld()


def told(code: str) -> Told:
    """Tell of the only item of an order."""
    return Told(event(code), lambda: f"text of {code}")


def in_threads(recording: SharedRecording, ledger: Watched, world: TimedWorld, codes: Sequence[str]) -> list[object]:
    """Record each in a thread of its own; return what came of it, an error for one that raised."""

    def record(code: str) -> object:
        try:
            return recording.record(ledger, world.policy, told(code))  # type: ignore[arg-type]
        except Exception as error:  # noqa: BLE001 - what came of it
            return error

    with ThreadPoolExecutor(len(codes)) as pool:
        return list(pool.map(record, codes))


def test_what_waits_for_a_turn_is_recorded_in_one_go(timed: TimedWorld) -> None:
    """While one event is on its way nine others come: they share the next round trip, and all are recorded."""
    codes = [str(number) for number in range(1, 11)]
    under_way, all_came = threading.Event(), threading.Event()

    def hold_the_first(_: Sequence[str]) -> None:
        under_way.set()
        all_came.wait(10)

    ledger, recording = Watched(timed.plain, hold_the_first), SharedRecording()

    def record(code: str) -> Recorded:
        return recording.record(ledger, timed.policy, told(code))  # type: ignore[arg-type]

    with ThreadPoolExecutor(10) as pool:
        first = pool.submit(record, codes[0])
        assert under_way.wait(10)
        others = [pool.submit(record, code) for code in codes[1:]]
        until(lambda: len(recording._stores[STORE].waiting) == 9, "the others wait")
        all_came.set()
        done = [each.result(10) for each in (first, *others)]
    assert ledger.loads == [1, 9]
    assert timed.statuses(*codes) == [Status.DUE] * 10
    assert sum(each.due for each in done) == 10
    assert sum(each.drains == {Drain.PICKUPS} for each in done) == 2


def test_trouble_of_redis_is_told_to_each_that_it_met(timed: TimedWorld) -> None:
    """Nobody takes an event for recorded that is not: each message comes back."""

    def away(_: Sequence[str]) -> None:
        raise RedisConnectionError("away")

    outcomes = in_threads(SharedRecording(), Watched(timed.plain, away), timed, ["1", "2", "3"])
    assert [type(outcome) for outcome in outcomes] == [RedisConnectionError] * 3


def test_an_event_that_breaks_the_recording_takes_no_other_with_it(timed: TimedWorld) -> None:
    """Its own thread hears of it; those that went with it are recorded."""

    def breaks(order_ids: Sequence[str]) -> None:
        if order_id("2") in order_ids:
            raise ArithmeticError("a fault of ours")

    codes = ["1", "2", "3", "4", "5"]
    outcomes = in_threads(SharedRecording(), Watched(timed.plain, breaks), timed, codes)
    assert [isinstance(outcome, ArithmeticError) for outcome in outcomes] == [code == "2" for code in codes]
    assert timed.statuses("1", "3", "4", "5") == [Status.DUE] * 4


def test_who_waits_for_a_thread_that_ends_is_not_told_that_its_event_is_recorded(timed: TimedWorld) -> None:
    """Whatever ends it: the others' messages come back."""
    under_way, all_came = threading.Event(), threading.Event()

    def end(order_ids: Sequence[str]) -> None:
        under_way.set()
        all_came.wait(10)
        if len(order_ids) > 1:
            raise SystemExit

    ledger, recording = Watched(timed.plain, end), SharedRecording()

    def record(code: str) -> object:
        try:
            return recording.record(ledger, timed.policy, told(code))  # type: ignore[arg-type]
        except BaseException as error:  # noqa: BLE001 - the thread ends by it
            return type(error)

    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(record, "1")
        assert under_way.wait(10)
        others = [pool.submit(record, code) for code in ("2", "3")]
        until(lambda: len(recording._stores[STORE].waiting) == 2, "the others wait")
        all_came.set()
        assert first.result(10) == Recorded(events=1, due=1, drains={Drain.PICKUPS})
        assert {each.result(10) for each in others} == {SystemExit, RuntimeError}


def test_stores_do_not_wait_for_each_other() -> None:
    """A store whose round trip hangs holds no other store's event up."""
    hangs = TimedWorld()
    goes = hangs.fleet.ledger("other")
    free = threading.Event()
    recording = SharedRecording()
    held = Watched(hangs.plain, lambda _: free.wait(10))
    with ThreadPoolExecutor(1) as pool:
        hanging = pool.submit(recording.record, held, hangs.policy, told("1"))  # type: ignore[arg-type]
        assert recording.record(goes, hangs.policy, told("2")).due == 1
        assert not hanging.done()
        free.set()
        assert hanging.result(10).due == 1
