"""The supervisor, with small programs of the test's own in the place of the service's processes."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.fixtures.running_parts import until
from tests.fixtures.up_stage import Stage
from worker.entrypoints.up.plan import Plan
from worker.entrypoints.up.stopping import end_all
from worker.entrypoints.up.supervisor import Outcome, Refusal


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """Give a stage; its programs end with it."""
    with ExitStack() as stack:
        yield Stage(tmp_path, stack)


def _plan(name: str, program: str = "steady", *, turn: int = 0) -> Plan:
    return Plan(name=name, module=program, ready="^working", turn=turn)


def _alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def test_all_are_started_and_all_are_stopped(stage: Stage) -> None:
    """It says when each does its work and, once, when all do; told to stop, it ends all of them in order."""
    outcome = stage.run(_plan("worker-1"), _plan("web"))
    assert stage.ready.wait(30)
    stage.stop.ask()

    assert stage.ended(outcome, 30) == Outcome(gave_up=None, in_order=True)
    assert sorted(stage.said()[:2]) == ["web is ready", "worker-1 is ready"]
    assert [stage.said(name) for name in ("web", "worker-1")] == [["working at home", "ended in order"]] * 2
    assert not any(_alive(child.pid) for child in stage.children)


def test_what_is_killed_is_started_again_at_once(stage: Stage) -> None:
    """The signal is named, the others are not disturbed, and the new process is announced with its number."""
    stage.run(_plan("worker-1"), _plan("web"))
    assert stage.ready.wait(30)
    first, other = stage.children
    killed_at = time.monotonic()
    os.kill(first.pid, signal.SIGKILL)
    until(lambda: "worker-1 is ready again" in stage.said(), "it works again")

    assert time.monotonic() - killed_at < 5
    assert "worker-1 was killed by SIGKILL; started again" in stage.said()
    assert _alive(other.pid)
    again = stage.lines()[-1]
    assert (again["name"], again["pid"]) == ("worker-1", stage.children[-1].pid)


def test_one_that_keeps_dying_stops_all_with_its_last_words(stage: Stage) -> None:
    """It is not tried for ever, and whoever started it learns why."""
    outcome = stage.ended(stage.run(_plan("web", "broken"), _plan("worker-1")), 60)

    assert outcome.in_order
    assert outcome.gave_up == (
        "web ended with exit code 1, 5 times in a row before it worked for long; it said last:\n"
        "coleta: the disk is full"
    )
    assert [text for text in stage.said() if text.startswith("web")] == [
        "web ended with exit code 1; started again",
        "web ended with exit code 1; started again in 0.5 s",
        "web ended with exit code 1; started again in 1 s",
        "web ended with exit code 1; started again in 2 s",
    ]
    assert stage.said("worker-1")[-1] == "ended in order"


def test_one_that_is_killed_again_and_again_is_started_again_and_again(stage: Stage) -> None:
    """Somebody, or the kernel, kills it as soon as it works: no fault of its own, and no reason to stop the others."""
    outcome = stage.run(_plan("worker-1"))
    for kills in range(6):
        # It may say so before it stands in the list.
        until(lambda n=kills: min(len(stage.said("worker-1")), len(stage.children)) > n, "it works")  # type: ignore[misc]
        os.kill(stage.children[kills].pid, signal.SIGKILL)
    until(lambda: len(stage.said("worker-1")) == 7, "it works again")

    assert not outcome.done()


def test_none_is_started_while_the_stores_file_is_refused(stage: Stage) -> None:
    """It would end at once, five times, and stop all: it is waited for, which is said once, with the reason."""
    refusals = [Refusal("config/stores.toml", "stores.acme: no key")]
    stage.run(_plan("worker-1"), _plan("web"), refusal=lambda: next(iter(refusals), None))
    until(lambda: len(stage.said()) == 2, "it says what it waits for")
    assert not stage.ready.wait(0.5)
    refusals.clear()
    assert stage.ready.wait(30)
    refusals.append(Refusal(".env", "it cannot be read"))
    os.kill(stage.children[0].pid, signal.SIGKILL)
    until(lambda: "worker-1 is started again when .env is mended: it cannot be read" in stage.said(), "it is said")
    refusals.clear()
    until(lambda: "worker-1 is ready again" in stage.said(), "it works again")

    assert [text for text in stage.said() if "mended" in text] == [
        "worker-1 is started when config/stores.toml is mended: stores.acme: no key",
        "web is started when config/stores.toml is mended: stores.acme: no key",
        "worker-1 is started again when .env is mended: it cannot be read",
    ]


def test_no_line_can_hold_up_its_process(stage: Stage) -> None:
    """Also one that cannot be read or shown: what follows it is read."""
    stage.run(_plan("worker-1", "odd"))

    assert stage.ready.wait(30)
    until(lambda: "working at home" in stage.said("worker-1"), "what follows is in the log")


def test_what_is_needed_by_others_ends_after_them(stage: Stage) -> None:
    """Those of a later turn are told to end only when all of the earlier ones are gone."""
    outcome = stage.run(_plan("sandbox", turn=1), _plan("worker-1", "slow"))
    assert stage.ready.wait(30)
    stage.stop.ask()

    assert stage.ended(outcome, 30).in_order
    ends = [line["process"] for line in stage.lines() if line["event"] == "ended in order"]
    assert ends == ["worker-1", "sandbox"]


def test_it_says_what_it_waits_for(stage: Stage) -> None:
    """After two seconds a person wonders: the names, how long at most, and how to end it now."""
    outcome = stage.run(_plan("web"), _plan("worker-1", "slow"))
    assert stage.ready.wait(30)
    stage.stop.ask()
    stage.ended(outcome, 30)

    (waiting,) = [text for text in stage.said() if text.startswith("waiting for")]
    assert waiting == "waiting for worker-1 to end what it does, 65 s at most; Ctrl-C once more kills at once"


def test_what_does_not_end_in_its_grace_is_killed_and_named(stage: Stage) -> None:
    """The others still end in order."""
    children = [stage.launch(_plan("worker-1", "deaf")), stage.launch(_plan("web"))]
    stage.working(2)

    assert end_all(children, stage.log, stage.stop, grace_seconds=0.5) == ["worker-1"]

    assert [child.exit_code() for child in children] == [-signal.SIGKILL, 0]
    until(lambda: "killed before it had ended in order: worker-1" in stage.said(), "it is said")


def test_ctrl_c_once_more_kills_at_once(stage: Stage) -> None:
    """Nothing is waited for any more; the exit code will tell."""
    children = [stage.launch(_plan("worker-1", "deaf")), stage.launch(_plan("sandbox", "deaf", turn=1))]
    stage.working(2)
    stage.stop.hurried = True
    began = time.monotonic()

    assert end_all(children, stage.log, stage.stop) == ["worker-1", "sandbox"]

    assert time.monotonic() - began < 5
    assert [child.exit_code() for child in children] == [-signal.SIGKILL] * 2


def test_a_changed_address_reaches_all_of_them(stage: Stage) -> None:
    """Each is stopped in order and started with what it is given now; that counts as no accident."""
    stage.run(_plan("worker-1"), _plan("web"))
    assert stage.ready.wait(30)
    stage.environ["ADDRESS"] = "elsewhere"
    stage.supervisor.move()

    for name in ("worker-1", "web"):
        until(lambda name=name: "working at elsewhere" in stage.said(name), "it works there")  # type: ignore[misc]
        assert stage.said(name) == ["working at home", "ended in order", "working at elsewhere"]
    assert not any("started again" in text for text in stage.said())


def test_what_everything_depends_on_can_end_it(stage: Stage) -> None:
    """When the server cannot be kept running, all stops with its reason."""
    reasons = iter([None, None, "the disk is full"])
    outcome = stage.run(_plan("worker-1"), look_first=lambda: next(reasons)).result(30)

    assert outcome.gave_up == "the disk is full"


def test_nobody_waits_for_the_log(stage: Stage) -> None:
    """A process that says more than a pipe holds goes on, and all of it is read."""
    stage.run(_plan("worker-1", "loud"))

    assert stage.ready.wait(30)
    # Its lines, the one that says that it works, and the supervisor's that says so.
    until(lambda: _accounted_for(stage) == 20_002, "every line is written, or counted as left out")


def _accounted_for(stage: Stage) -> int:
    return sum(line["count"] if line["event"] == "lines.left_out" else 1 for line in stage.lines())
