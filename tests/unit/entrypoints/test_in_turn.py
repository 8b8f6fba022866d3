"""Slow drains in turn: a thread that ends one goes on with the store that waited longest, and strands none."""

from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from celery import Celery
from celery.exceptions import Retry

from worker.entrypoints import process, tasks, turns, worker_life
from worker.entrypoints.turnstile import Asking, Turnstile
from worker.ports import Drain
from worker.usecases.next_drains import Done
from worker.usecases.store_trouble import Rest


class Worker:
    """A worker with one place: what its drains ran, what they send, and what they leave."""

    def __init__(self) -> None:
        self.ran: list[tuple[str, str]] = []
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.leaves: dict[str, Done] = {}
        self.comes: dict[str, Sequence[str]] = {"one": ("two", "three", "two")}
        self.broken: set[str] = set()
        self.taken_out: dict[str, str] = {}
        self.turnstile = Turnstile[Asking](1)
        self.app = Celery("test", broker="memory://", set_as_current=False)
        self.app.send_task = lambda _task, args, **how: self.sent.append((args[0], how))
        self.settings = SimpleNamespace(drain_seconds=60.0)
        self.stores = {"one", "two", "three"}
        self.counted: list[str] = []
        self.tally = SimpleNamespace(add=lambda _store, field, _times=1: self.counted.append(field))

    def ledger(self, store: str) -> Any:  # noqa: ANN401 - as much of one as hints need
        """Return a ledger on which no hint is on its way."""
        return SimpleNamespace(store=store, hint=lambda _drain: True)

    def request_pickups(self, store: str, **_: object) -> Any:  # noqa: ANN401 - a run
        """Return a store's run."""

        def run(token: str) -> Done:
            for another in self.comes.get(store, ()):
                self.come(another)
            self.stores.discard(self.taken_out.get(store, ""))
            if store in self.broken:
                raise ConnectionError
            self.ran.append((store, token))
            return self.leaves.get(store, Done())

        return SimpleNamespace(run=run)

    def come(self, store: str, token: str = "") -> None:
        """Let a message about a store come."""
        task: Any = SimpleNamespace(app=self.app, retry=self._retry)
        turns.in_turn(task, store, Drain.PICKUPS, token)

    def _retry(self, args: list[str], kwargs: dict[str, Any], countdown: float, throw: bool) -> Retry:  # noqa: FBT001 - Celery's
        assert not throw
        self.sent.append((args[0], {"kwargs": kwargs, "countdown": countdown}))
        return Retry()


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Worker]:
    """Run a worker whose other two stores come while the first is at work."""
    worker = Worker()
    monkeypatch.setattr(process, "service", lambda: worker)
    monkeypatch.setattr(worker_life, "turnstile", lambda _drain: worker.turnstile)
    yield worker
    assert worker.turnstile.enter(Asking("last", Drain.PICKUPS)), "a place is lost"


def test_who_stands_in_line_runs_without_another_message(worker: Worker) -> None:
    """Each store once, in the order of its coming."""
    worker.come("one")
    assert [store for store, _ in worker.ran] == ["one", "two", "three"]
    assert worker.sent == []
    assert worker.counted.count("drain:pickups:done") == 3


def test_a_task_that_was_long_enough_calls_the_next_store_by_a_message(worker: Worker) -> None:
    """A task must end before its message comes again, and before a stopping worker is killed; nobody is stranded."""
    worker.settings.drain_seconds = 0.0
    worker.come("one")
    assert [store for store, _ in worker.ran] == ["one"]
    assert [store for store, _ in worker.sent] == ["two", "three"]


def test_a_store_from_the_line_that_fails_leaves_its_place_and_strands_nobody(worker: Worker) -> None:
    """The task fails as it would for a store of its own, and who waited behind it is called."""
    worker.broken.add("two")
    with pytest.raises(ConnectionError):
        worker.come("one")
    assert [store for store, _ in worker.sent] == ["three"]


def test_a_store_from_the_line_that_must_rest_comes_back_by_a_message_of_its_own(worker: Worker) -> None:
    """After its rest, and as the bearer of its token; the others are not kept waiting."""
    worker.leaves["two"] = Done(rest=Rest("its token", 2_000))
    worker.come("one")
    assert [store for store, _ in worker.ran] == ["one", "two", "three"]
    [(store, how)] = worker.sent
    assert (store, how["kwargs"], how["countdown"]) == ("two", {"token": "its token"}, 2)


def test_a_store_that_must_rest_keeps_nobody_in_line(worker: Worker) -> None:
    """Its message is on its way before the next store runs, and its task ends as retried."""
    worker.leaves["one"] = Done(rest=Rest("its token", 2_000))
    with pytest.raises(Retry):
        worker.come("one", "its token")
    assert worker.ran[0] == ("one", "its token")
    assert [store for store, _ in worker.ran[1:]] == ["two", "three"]
    assert [(store, how["kwargs"]["token"]) for store, how in worker.sent] == [("one", "its token")]


def test_what_a_store_from_the_line_leaves_is_hinted_at(worker: Worker) -> None:
    """As after a run of its own message."""
    worker.leaves["three"] = Done(drains={Drain.LEARN})
    worker.come("one")
    assert [store for store, _ in worker.sent] == ["three"]


def test_a_store_that_was_taken_out_while_it_stood_in_line_is_left_out(worker: Worker) -> None:
    """The next one has its turn all the same."""
    worker.taken_out["one"] = "two"
    worker.come("one")
    assert [store for store, _ in worker.ran] == ["one", "three"]


def test_a_sweep_sends_no_message_to_who_stands_in_line(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has its turn without one; every other store is hinted at."""
    monkeypatch.setattr(tasks, "app", worker.app)
    assert worker.turnstile.enter(Asking("one", Drain.PICKUPS))
    worker.turnstile.enter(Asking("two", Drain.PICKUPS))
    for store, drain in [("two", Drain.PICKUPS), ("two", Drain.LEARN), ("three", Drain.PICKUPS)]:
        tasks._send_unless_expected(store, drain, 0)
    assert [store for store, _ in worker.sent] == ["two", "three"]
    worker.turnstile.leave()
